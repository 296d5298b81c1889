import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a source is in its own world, and every broken glass with its review: both are only ever added. A reason is kept as
 * it was given.
 */
export class Access1764400000000 implements MigrationInterface {
  readonly name = 'Access1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP: readonly string[] = [
  `ALTER TABLE source
     ADD COLUMN kind text NOT NULL DEFAULT 'other' CHECK (kind IN ('fhir', 'hl7v2', 'dicom', 'other')),
     ADD COLUMN address text CHECK (length(address) BETWEEN 1 AND 512)`,
  // Two sources of one kind at one address would be one source under two names. NULLs are no address.
  `ALTER TABLE source ADD CONSTRAINT source_address UNIQUE (tenant_id, kind, address)`,
  `CREATE TABLE break_glass (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     tenant_id uuid NOT NULL REFERENCES tenant,
     issuer text NOT NULL,
     subject text NOT NULL,
     client_id text NOT NULL,
     action text NOT NULL,
     source_id uuid REFERENCES source,
     purpose text NOT NULL,
     reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 256),
     request_id text,
     used_at timestamptz NOT NULL)`,
  `CREATE INDEX break_glass_tenant ON break_glass (tenant_id, id)`,
  `CREATE TABLE break_glass_review (
     break_glass bigint PRIMARY KEY REFERENCES break_glass,
     issuer text NOT NULL,
     subject text NOT NULL,
     judgement text NOT NULL CHECK (judgement IN ('justified', 'unjustified')),
     reviewed_at timestamptz NOT NULL)`,
  ...['break_glass', 'break_glass_review'].flatMap((table) => [
    `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ]),
];

const DOWN: readonly string[] = [
  'DROP TABLE break_glass_review',
  'DROP TABLE break_glass',
  'ALTER TABLE source DROP CONSTRAINT source_address, DROP COLUMN address, DROP COLUMN kind',
];
