import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Data keys (wrapped by a master key in a key service) and the memory of key rotations. A data key's row is never removed, and
 * neither its id nor its age changes: without it, everything that it wrapped is lost.
 */
export class Keys1764430000000 implements MigrationInterface {
  readonly name = 'Keys1764430000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['kek_rotation', 'data_key']) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION check_data_key()');
  }
}

const UP: readonly string[] = [
  `CREATE TABLE data_key (
     id bytea PRIMARY KEY CHECK (octet_length(id) = 4),
     master text NOT NULL CHECK (length(master) BETWEEN 1 AND 200),
     wrapped text NOT NULL CHECK (length(wrapped) BETWEEN 1 AND 8192),
     created_at timestamptz NOT NULL,
     rewrapped_at timestamptz)`,
  `CREATE INDEX data_key_newest ON data_key (master, created_at)`,
  `CREATE FUNCTION check_data_key() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.created_at) THEN
       RAISE EXCEPTION 'a data key keeps its id and its age' USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER data_key_same BEFORE UPDATE ON data_key FOR EACH ROW EXECUTE FUNCTION check_data_key()`,
  `CREATE TABLE kek_rotation (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     state text NOT NULL CHECK (state IN ('running', 'stopped', 'finished')),
     from_keys text[] NOT NULL,
     to_key text NOT NULL CHECK (to_key ~ '^[0-9a-f]{10}$'),
     target text,
     cursor text,
     total bigint NOT NULL CHECK (total >= 0),
     rewrapped bigint NOT NULL DEFAULT 0 CHECK (rewrapped >= 0),
     failed bigint NOT NULL DEFAULT 0 CHECK (failed >= 0),
     started_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
     CHECK ((target IS NULL) = (cursor IS NULL)))`,
  `CREATE UNIQUE INDEX kek_rotation_running ON kek_rotation (state) WHERE state = 'running'`,
  ...['data_key', 'kek_rotation'].flatMap((table) => [
    `CREATE TRIGGER ${table}_kept BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ]),
];
