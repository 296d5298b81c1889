import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The access log (docs/spec/formats.md section 11). One chain for each tenant, and one (the nil UUID) for what belongs to
 * none. An event's row must follow from the one before it; the row of the chain's head only grows.
 *
 * `event` is the exact text that was hashed, and `time` the member of it of that name, so that neither a time zone nor a
 * printer of JSON stands between what is stored and what is hashed. What is asked for is found by indexes over the text itself:
 * a column beside it could say something else.
 */
export class AccessLog1764450000000 implements MigrationInterface {
  readonly name = 'AccessLog1764450000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['access_anchor', 'access_event', 'access_head']) await runner.query(`DROP TABLE ${table}`);
    for (const name of ['check_access_events', 'check_access_head', 'check_access_anchor'])
      await runner.query(`DROP FUNCTION ${name}()`);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE access_head (
     chain uuid PRIMARY KEY,
     seq bigint NOT NULL CHECK (seq >= 0),
     hash bytea NOT NULL CHECK (octet_length(hash) = 32))`,
  `CREATE TABLE access_event (
     chain uuid NOT NULL,
     seq bigint NOT NULL CHECK (seq > 0),
     "time" text COLLATE "C" NOT NULL CHECK ("time" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$'),
     event text NOT NULL CHECK (octet_length(event) <= 65536),
     previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
     hash bytea NOT NULL CHECK (octet_length(hash) = 32),
     PRIMARY KEY (chain, seq))`,
  `CREATE INDEX access_event_time ON access_event (chain, "time")`,
  `CREATE INDEX access_event_record ON access_event (chain, (event::jsonb #>> '{entity,recordRef}'), seq)
     WHERE event::jsonb #>> '{entity,recordRef}' IS NOT NULL`,
  `CREATE INDEX access_event_subject ON access_event (chain, (event::jsonb #>> '{caller,subject}'), seq)
     WHERE event::jsonb #>> '{caller,subject}' IS NOT NULL`,
  // Written before the log's entry that commits to the batch, so that no such entry is ever without its opening; log_index
  // follows when the entry is there.
  `CREATE TABLE access_anchor (
     id uuid PRIMARY KEY,
     log smallint NOT NULL REFERENCES log,
     chain uuid NOT NULL,
     first_seq bigint NOT NULL CHECK (first_seq > 0),
     last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
     head bytea NOT NULL CHECK (octet_length(head) = 32),
     salt bytea NOT NULL CHECK (octet_length(salt) = 32),
     created_at timestamptz NOT NULL,
     log_index bigint CHECK (log_index >= 0),
     UNIQUE (log, chain, first_seq),
     UNIQUE (log, chain, last_seq))`,
  `CREATE INDEX access_anchor_open ON access_anchor (log) WHERE log_index IS NULL`,
  ...['access_event', 'access_head', 'access_anchor'].map(
    (table) =>
      `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ),
  `CREATE TRIGGER access_event_append_only BEFORE UPDATE OR DELETE ON access_event FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ...['access_head', 'access_anchor'].map(
    (table) => `CREATE TRIGGER ${table}_kept BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ),
  // Once for a statement, however many events it brings.
  `CREATE FUNCTION check_access_events() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE wrong record;
   BEGIN
     SELECT added.chain, added.seq INTO wrong FROM added
       LEFT JOIN access_event before ON before.chain = added.chain AND before.seq = added.seq - 1
       WHERE added.seq > 1 AND before.hash IS DISTINCT FROM added.previous_hash LIMIT 1;
     IF FOUND THEN
       RAISE EXCEPTION 'access event % does not follow from the one before it', wrong.seq USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER access_event_in_sequence AFTER INSERT ON access_event REFERENCING NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION check_access_events()`,
  `CREATE FUNCTION check_access_head() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.chain <> OLD.chain OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash) THEN
       RAISE EXCEPTION '% may only grow (event % to %)', TG_TABLE_NAME, OLD.seq, NEW.seq USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER access_head_grows BEFORE UPDATE ON access_head FOR EACH ROW EXECUTE FUNCTION check_access_head()`,
  `CREATE FUNCTION check_access_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF OLD.log_index IS NOT NULL OR (NEW.id, NEW.log, NEW.chain, NEW.first_seq, NEW.last_seq, NEW.head, NEW.salt, NEW.created_at) IS DISTINCT FROM
        (OLD.id, OLD.log, OLD.chain, OLD.first_seq, OLD.last_seq, OLD.head, OLD.salt, OLD.created_at) THEN
       RAISE EXCEPTION 'access anchor %: what was committed to cannot be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER access_anchor_once BEFORE UPDATE ON access_anchor FOR EACH ROW EXECUTE FUNCTION check_access_anchor()`,
];
