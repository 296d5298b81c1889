import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Erasure, legal hold and retention (docs/adr/0022). Constraints do the work:
 *
 * - a record is erased whole or not at all: key, name and subject go together, and nothing of its row changes afterwards;
 * - `version` stays append-only but for one change: what names or opens a version is cleared, all of it at once, and only
 *   under a record that is erased;
 * - what was erased, held, released and decided is never changed or removed.
 */
export class Erasure1764440000000 implements MigrationInterface {
  readonly name = 'Erasure1764440000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  /** @throws when something was erased: the columns cannot be filled again, and an older version would take that for damage */
  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const NEW_TABLES = [
  'erasure_request_record',
  'erasure_request',
  'retention_rule',
  'legal_hold',
  'erasure',
  'subject_key',
];
/** Rows of these are never changed. */
const APPEND_ONLY = ['erasure', 'erasure_request_record'];
/** Rows of these change in the course of things and are never removed. */
const KEPT = ['erasure_request', 'retention_rule', 'legal_hold', 'subject_key'];

const UP: readonly string[] = [
  'ALTER TABLE record ALTER record_id DROP NOT NULL, ALTER wrapped_key DROP NOT NULL',
  `ALTER TABLE record
     ADD subject_ref bytea CHECK (octet_length(subject_ref) = 32),
     ADD erased_at timestamptz,
     ADD CONSTRAINT record_erased_whole CHECK (CASE WHEN erased_at IS NULL THEN record_id IS NOT NULL
                                                   ELSE record_id IS NULL AND wrapped_key IS NULL AND subject_ref IS NULL END)`,
  'CREATE INDEX record_subject ON record (subject_ref) WHERE subject_ref IS NOT NULL',
  `CREATE TRIGGER record_erased_stays BEFORE UPDATE ON record FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL)
     EXECUTE FUNCTION refuse_change()`,
  'ALTER TABLE version ALTER version_id DROP NOT NULL',
  'DROP TRIGGER version_append_only ON version',
  'CREATE TRIGGER version_append_only BEFORE DELETE ON version FOR EACH ROW EXECUTE FUNCTION refuse_change()',
  // The row as it is, but for the four columns, must come out unchanged; the four must come out empty.
  `CREATE FUNCTION check_version_erased() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE cleared version%ROWTYPE := OLD;
   BEGIN
     cleared.version_id := NULL;
     cleared.media_type := '';
     cleared.component_names := '';
     cleared.component_commitments := '';
     IF NEW IS DISTINCT FROM cleared OR NOT EXISTS (SELECT FROM record WHERE id = OLD.record AND erased_at IS NOT NULL) THEN
       RAISE EXCEPTION '% on % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  'CREATE TRIGGER version_only_erased BEFORE UPDATE ON version FOR EACH ROW EXECUTE FUNCTION check_version_erased()',
  // seq: one above the record's last version. versions: how many were cleared.
  `CREATE TABLE erasure (
     record bigint PRIMARY KEY REFERENCES record,
     log smallint NOT NULL REFERENCES log,
     record_ref bytea NOT NULL UNIQUE CHECK (octet_length(record_ref) = 32),
     source_id uuid NOT NULL REFERENCES source,
     index bigint NOT NULL CHECK (index >= 0),
     seq bigint NOT NULL CHECK (seq > 1),
     leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
     basis text NOT NULL,
     versions bigint NOT NULL CHECK (versions > 0),
     erased_at timestamptz NOT NULL,
     UNIQUE (log, index))`,
  // Wrapped by the KEK (and again by the next one); makes the pseudonyms of patients (record.subject_ref). Never erased with a record.
  `CREATE TABLE subject_key (
     tenant_id uuid PRIMARY KEY REFERENCES tenant,
     wrapped_key bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now())`,
  // What is held: one record, one patient's records, or everything of a source.
  `CREATE TABLE legal_hold (
     id uuid PRIMARY KEY,
     source_id uuid NOT NULL REFERENCES source,
     scope text NOT NULL CHECK (scope IN ('record', 'subject', 'source')),
     record bigint REFERENCES record,
     subject_ref bytea CHECK (octet_length(subject_ref) = 32),
     reason text NOT NULL,
     placed_by text NOT NULL,
     placed_at timestamptz NOT NULL,
     released_by text,
     released_at timestamptz,
     CHECK ((scope = 'record') = (record IS NOT NULL)),
     CHECK (scope = 'subject' OR subject_ref IS NULL),
     CHECK (scope <> 'subject' OR subject_ref IS NOT NULL OR released_at IS NOT NULL),
     CHECK ((released_by IS NULL) = (released_at IS NULL)))`,
  'CREATE INDEX legal_hold_open ON legal_hold (source_id) WHERE released_at IS NULL',
  `CREATE TABLE retention_rule (
     id uuid PRIMARY KEY,
     source_id uuid NOT NULL REFERENCES source,
     months integer NOT NULL CHECK (months BETWEEN 1 AND 1200),
     action text NOT NULL CHECK (action IN ('erase', 'review')),
     paused boolean NOT NULL DEFAULT false,
     created_by text NOT NULL,
     created_at timestamptz NOT NULL,
     activated_by text,
     removed_by text,
     removed_at timestamptz,
     CHECK ((removed_by IS NULL) = (removed_at IS NULL)),
     CHECK (activated_by IS DISTINCT FROM created_by),
     CHECK (action = 'review' OR paused OR activated_by IS NOT NULL))`,
  'CREATE UNIQUE INDEX retention_rule_one ON retention_rule (source_id) WHERE removed_at IS NULL',
  // requested → approved → done, or requested → refused. By subject: its pseudonym stays until nothing is left to do.
  `CREATE TABLE erasure_request (
     id uuid PRIMARY KEY,
     source_id uuid NOT NULL REFERENCES source,
     basis text NOT NULL,
     note text,
     state text NOT NULL CHECK (state IN ('requested', 'approved', 'done', 'refused')),
     by_subject boolean NOT NULL,
     subject_ref bytea CHECK (octet_length(subject_ref) = 32),
     rule uuid REFERENCES retention_rule,
     requested_by text NOT NULL,
     requested_at timestamptz NOT NULL,
     decided_by text,
     decided_at timestamptz,
     finished_at timestamptz,
     CHECK ((state = 'requested') = (decided_by IS NULL)),
     CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
     CHECK (finished_at IS NULL OR state = 'done'),
     CHECK (subject_ref IS NULL OR (by_subject AND state IN ('requested', 'approved'))),
     CHECK (decided_by IS DISTINCT FROM requested_by))`,
  'CREATE INDEX erasure_request_time ON erasure_request (source_id, requested_at, id)',
  `CREATE INDEX erasure_request_open ON erasure_request (state) WHERE state IN ('requested', 'approved')`,
  `CREATE TABLE erasure_request_record (
     request uuid NOT NULL REFERENCES erasure_request,
     record bigint NOT NULL REFERENCES record,
     PRIMARY KEY (request, record))`,
  'CREATE INDEX erasure_request_record_record ON erasure_request_record (record)',
  ...APPEND_ONLY.map(
    (table) =>
      `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ),
  ...KEPT.map(
    (table) => `CREATE TRIGGER ${table}_kept BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ),
  ...[...APPEND_ONLY, ...KEPT].map(
    (table) =>
      `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ),
];

const DOWN: readonly string[] = [
  `DO $$ BEGIN
     IF EXISTS (SELECT FROM erasure) THEN
       RAISE EXCEPTION 'records were erased: this migration cannot be undone any more';
     END IF;
   END $$`,
  ...NEW_TABLES.map((table) => `DROP TABLE ${table}`),
  'DROP TRIGGER version_only_erased ON version',
  'DROP TRIGGER version_append_only ON version',
  'CREATE TRIGGER version_append_only BEFORE UPDATE OR DELETE ON version FOR EACH ROW EXECUTE FUNCTION refuse_change()',
  'DROP FUNCTION check_version_erased()',
  'ALTER TABLE version ALTER version_id SET NOT NULL',
  'DROP TRIGGER record_erased_stays ON record',
  'DROP INDEX record_subject',
  'ALTER TABLE record DROP CONSTRAINT record_erased_whole, DROP subject_ref, DROP erased_at',
  'ALTER TABLE record ALTER record_id SET NOT NULL, ALTER wrapped_key SET NOT NULL',
];
