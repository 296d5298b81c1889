import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Who said what (docs/adr/0020):
 *
 * - `source_key`: the public keys of sources. Every row comes from `key` entries, in the transaction that sequences them, and
 *   is checked against them by the tamper sweep. A row ends once and is never removed;
 * - a record whose key its source keeps (digest mode) has none here;
 * - `version.submitted_by`: the client that submitted it. Null for what was recorded before, and for nobody;
 * - `prepared_record`: a new record's key between the two steps of a signed submission.
 */
export class Provenance1764420000000 implements MigrationInterface {
  readonly name = 'Provenance1764420000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  /** Fails while there are records without a key here: nothing could stand in its place. */
  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE source_key (
     source uuid NOT NULL,
     key_id text NOT NULL CHECK (key_id ~ '^[A-Za-z0-9_-]{43}$'),
     log smallint NOT NULL REFERENCES log,
     jwk jsonb NOT NULL,
     registered_index bigint NOT NULL CHECK (registered_index >= 0),
     revoked_index bigint CHECK (revoked_index > registered_index),
     replaced_by text,
     PRIMARY KEY (log, source, key_id),
     CHECK (replaced_by IS NULL OR revoked_index IS NOT NULL))`,
  `CREATE FUNCTION check_source_key() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.source, NEW.key_id, NEW.log, NEW.jwk, NEW.registered_index) IS DISTINCT FROM
        (OLD.source, OLD.key_id, OLD.log, OLD.jwk, OLD.registered_index)
        OR (OLD.revoked_index IS NOT NULL AND (NEW.revoked_index, NEW.replaced_by) IS DISTINCT FROM (OLD.revoked_index, OLD.replaced_by)) THEN
       RAISE EXCEPTION 'key % of source %: what was registered cannot be changed, and a key ends once', OLD.key_id, OLD.source USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER source_key_ends_once BEFORE UPDATE ON source_key FOR EACH ROW EXECUTE FUNCTION check_source_key()`,
  `CREATE TRIGGER source_key_kept BEFORE DELETE ON source_key FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER source_key_no_truncate BEFORE TRUNCATE ON source_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  `ALTER TABLE record ALTER COLUMN wrapped_key DROP NOT NULL`,
  `ALTER TABLE record ADD COLUMN key_holder text NOT NULL DEFAULT 'ledger'
     CHECK (key_holder IN ('ledger', 'source')), ADD CHECK (key_holder = 'ledger' OR wrapped_key IS NULL)`,
  // The ledger's own pseudonyms are unique by their random keys; those that a source makes are checked.
  `CREATE UNIQUE INDEX record_source_held_ref ON record (source_id, record_ref) WHERE key_holder = 'source'`,
  `ALTER TABLE version ADD COLUMN submitted_by text`,
  `CREATE TABLE prepared_record (
     source_id uuid NOT NULL,
     record_id text NOT NULL,
     id bigint NOT NULL UNIQUE,
     wrapped_key bytea NOT NULL,
     expires_at timestamptz NOT NULL,
     PRIMARY KEY (source_id, record_id))`,
];

const DOWN: readonly string[] = [
  `DROP TABLE prepared_record`,
  `ALTER TABLE version DROP COLUMN submitted_by`,
  `DROP INDEX record_source_held_ref`,
  `ALTER TABLE record DROP COLUMN key_holder`,
  `ALTER TABLE record ALTER COLUMN wrapped_key SET NOT NULL`,
  `DROP TABLE source_key`,
  `DROP FUNCTION check_source_key()`,
];
