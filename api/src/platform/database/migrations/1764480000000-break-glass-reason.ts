import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Reasons for breaking the glass are encrypted, in a table of their own: `break_glass` stays as it was written, while a rotation of
 * keys may exchange the ciphertext, and nothing else of it. Reasons that were written before stay where they are; what was
 * hashed with them in the access log cannot be taken back.
 *
 * Going back fails while there are encrypted reasons: nobody could read them any more.
 */
export class BreakGlassReason1764480000000 implements MigrationInterface {
  readonly name = 'BreakGlassReason1764480000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE break_glass_reason (
     id uuid PRIMARY KEY,
     sealed text NOT NULL CHECK (sealed ~ '^mf1[.]'))`,
  `ALTER TABLE break_glass
     ALTER COLUMN reason DROP NOT NULL,
     ADD COLUMN reason_id uuid UNIQUE REFERENCES break_glass_reason,
     ADD COLUMN commitment bytea CHECK (octet_length(commitment) = 32),
     ADD CONSTRAINT break_glass_one_reason CHECK (num_nonnulls(reason, reason_id) = 1 AND (reason_id IS NULL) = (commitment IS NULL))`,
  `CREATE FUNCTION check_break_glass_reason() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.id IS DISTINCT FROM OLD.id THEN
       RAISE EXCEPTION 'a reason keeps its id' USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER break_glass_reason_same BEFORE UPDATE ON break_glass_reason FOR EACH ROW EXECUTE FUNCTION check_break_glass_reason()`,
  `CREATE TRIGGER break_glass_reason_kept BEFORE DELETE ON break_glass_reason FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER break_glass_reason_no_truncate BEFORE TRUNCATE ON break_glass_reason FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

const DOWN: readonly string[] = [
  'ALTER TABLE break_glass ALTER COLUMN reason SET NOT NULL',
  'ALTER TABLE break_glass DROP CONSTRAINT break_glass_one_reason, DROP COLUMN commitment, DROP COLUMN reason_id',
  'DROP TABLE break_glass_reason',
  'DROP FUNCTION check_break_glass_reason()',
];
