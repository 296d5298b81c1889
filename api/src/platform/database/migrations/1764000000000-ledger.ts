import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The ledger's tables. Constraints do the work:
 *
 * - what has been written to the log cannot be changed or removed by any statement (append-only triggers);
 * - batches have no gap and no overlap (a batch must start where the sequence stands, in the same transaction);
 * - a tile only ever grows at its end;
 * - sizes never shrink; one checkpoint per size;
 * - what was sent to the chain stays as it was sent, whatever becomes of it;
 * - the natural key (source, record, version id) is unique.
 *
 * A database owner can still switch a trigger off: that is what the anchors on chain and the tamper sweep are for.
 */
export class Ledger1764000000000 implements MigrationInterface {
  readonly name = 'Ledger1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const APPEND_ONLY_TABLES = ['log', 'entry_batch', 'version', 'checkpoint', 'anchor_epoch', 'integrity_alarm'];
/** Their rows change in the course of things, each in its own way only, and are never removed. */
const KEPT_TABLES = ['log_sequence', 'log_tree', 'log_checkpoint', 'tile', 'anchor'];

const UP: readonly string[] = [
  `CREATE TABLE tenant (
     id uuid PRIMARY KEY,
     name text NOT NULL UNIQUE,
     created_at timestamptz NOT NULL DEFAULT now())`,
  // The opaque source id stands in the log; the name only here.
  `CREATE TABLE source (
     id uuid PRIMARY KEY,
     tenant_id uuid NOT NULL REFERENCES tenant,
     name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
     created_at timestamptz NOT NULL DEFAULT now(),
     UNIQUE (tenant_id, name))`,
  `CREATE TABLE log (
     id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     origin text NOT NULL UNIQUE,
     verifier_key text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now())`,
  // One row per log and stage: each stage locks its own row and never waits for another stage.
  `CREATE TABLE log_sequence (log smallint PRIMARY KEY REFERENCES log, next_index bigint NOT NULL DEFAULT 0 CHECK (next_index >= 0))`,
  `CREATE TABLE log_tree (log smallint PRIMARY KEY REFERENCES log, size bigint NOT NULL DEFAULT 0 CHECK (size >= 0), root bytea NOT NULL CHECK (octet_length(root) = 32))`,
  // The latest signed size and root. Advanced by compare-and-swap before the signature leaves the process.
  `CREATE TABLE log_checkpoint (log smallint PRIMARY KEY REFERENCES log, size bigint NOT NULL DEFAULT 0, root bytea CHECK (octet_length(root) = 32))`,
  // entries: uint16-length-prefixed, as in a tlog-tiles entry bundle; leaf_hashes: 32 octets each.
  `CREATE TABLE entry_batch (
     log smallint NOT NULL REFERENCES log,
     first_index bigint NOT NULL CHECK (first_index >= 0),
     entry_count integer NOT NULL CHECK (entry_count > 0),
     entries bytea NOT NULL,
     leaf_hashes bytea NOT NULL CHECK (octet_length(leaf_hashes) = 32 * entry_count),
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (log, first_index))`,
  // Uncompressed out of line: single entries are read by substring without reading the whole batch.
  `ALTER TABLE entry_batch ALTER entries SET STORAGE EXTERNAL, ALTER leaf_hashes SET STORAGE EXTERNAL`,
  `CREATE TABLE tile (
     log smallint NOT NULL REFERENCES log,
     level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
     n bigint NOT NULL CHECK (n >= 0),
     hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
     PRIMARY KEY (log, level, n))`,
  `ALTER TABLE tile ALTER hashes SET STORAGE EXTERNAL`,
  `CREATE TABLE checkpoint (
     log smallint NOT NULL REFERENCES log,
     size bigint NOT NULL CHECK (size > 0),
     root bytea NOT NULL CHECK (octet_length(root) = 32),
     note text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (log, size))`,
  `CREATE TABLE record (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     log smallint NOT NULL REFERENCES log,
     source_id uuid NOT NULL REFERENCES source,
     record_id text NOT NULL,
     record_ref bytea NOT NULL UNIQUE CHECK (octet_length(record_ref) = 32),
     wrapped_key bytea NOT NULL,
     head_seq bigint NOT NULL DEFAULT 0 CHECK (head_seq >= 0),
     head_leaf bytea CHECK (octet_length(head_leaf) = 32),
     created_at timestamptz NOT NULL DEFAULT now(),
     UNIQUE (source_id, record_id),
     CHECK ((head_seq = 0) = (head_leaf IS NULL)))`,
  `CREATE TABLE version (
     record bigint NOT NULL REFERENCES record,
     seq bigint NOT NULL CHECK (seq > 0),
     version_id text NOT NULL,
     log smallint NOT NULL REFERENCES log,
     index bigint NOT NULL CHECK (index >= 0),
     leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
     batch_first bigint NOT NULL,
     entry_offset integer NOT NULL CHECK (entry_offset >= 2),
     entry_length integer NOT NULL CHECK (entry_length BETWEEN 1 AND 16384),
     activity text NOT NULL,
     scheme text NOT NULL,
     media_type text NOT NULL,
     component_names text NOT NULL,
     component_commitments bytea NOT NULL CHECK (octet_length(component_commitments) % 32 = 0),
     recorded_at timestamptz NOT NULL,
     PRIMARY KEY (record, seq),
     UNIQUE (record, version_id),
     UNIQUE (log, index),
     FOREIGN KEY (log, batch_first) REFERENCES entry_batch (log, first_index))`,
  `CREATE TABLE anchor_epoch (
     log smallint NOT NULL REFERENCES log,
     epoch integer NOT NULL CHECK (epoch > 0),
     chain_id bigint NOT NULL,
     contract text NOT NULL CHECK (contract ~ '^0x[0-9a-f]{40}$'),
     reason text NOT NULL,
     entry_index bigint,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (log, epoch))`,
  `CREATE TABLE anchor (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     log smallint NOT NULL,
     epoch integer NOT NULL,
     size bigint NOT NULL,
     root bytea NOT NULL CHECK (octet_length(root) = 32),
     transaction text NOT NULL CHECK (transaction ~ '^0x[0-9a-f]{64}$'),
     nonce bigint NOT NULL,
     raw_transaction text NOT NULL,
     state text NOT NULL CHECK (state IN ('sent', 'anchored', 'confirmed', 'dropped', 'failed')),
     block_number bigint,
     block_hash text,
     block_time timestamptz,
     gas_used bigint,
     sent_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     UNIQUE (log, epoch, transaction),
     FOREIGN KEY (log, epoch) REFERENCES anchor_epoch (log, epoch),
     FOREIGN KEY (log, size) REFERENCES checkpoint (log, size),
     CHECK (state NOT IN ('anchored', 'confirmed') OR (block_number IS NOT NULL AND block_hash IS NOT NULL)))`,
  `CREATE UNIQUE INDEX anchor_held ON anchor (log, epoch, size) WHERE state IN ('anchored', 'confirmed')`,
  `CREATE INDEX anchor_open ON anchor (log, epoch, state)`,
  `CREATE TABLE integrity_alarm (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     log smallint NOT NULL REFERENCES log,
     kind text NOT NULL,
     record bigint REFERENCES record,
     seq bigint,
     detail text NOT NULL,
     raised_at timestamptz NOT NULL)`,
  `CREATE INDEX integrity_alarm_time ON integrity_alarm (log, raised_at)`,
  // Written to the log once means written for ever.
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION '% on % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
   END $$`,
  ...APPEND_ONLY_TABLES.flatMap((table) => [
    `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ]),
  ...KEPT_TABLES.flatMap((table) => [
    `CREATE TRIGGER ${table}_kept BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ]),
  // The sequencer holds the row's lock and has not yet advanced it, so equality means: no gap, no overlap.
  `CREATE FUNCTION check_batch() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE expected bigint;
   BEGIN
     SELECT next_index INTO expected FROM log_sequence WHERE log = NEW.log;
     IF expected IS DISTINCT FROM NEW.first_index THEN
       RAISE EXCEPTION 'batch starts at %, the sequence stands at %', NEW.first_index, expected USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER entry_batch_in_sequence BEFORE INSERT ON entry_batch FOR EACH ROW EXECUTE FUNCTION check_batch()`,
  `CREATE FUNCTION check_tile() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes OR NEW.log <> OLD.log OR NEW.level <> OLD.level OR NEW.n <> OLD.n THEN
       RAISE EXCEPTION 'tile %/% may only grow at its end', OLD.level, OLD.n USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER tile_grows BEFORE UPDATE ON tile FOR EACH ROW EXECUTE FUNCTION check_tile()`,
  // Sizes never shrink, and the same size never gets another root: no fork can be signed.
  `CREATE FUNCTION check_growth() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.size < OLD.size OR (NEW.size = OLD.size AND OLD.size > 0 AND NEW.root IS DISTINCT FROM OLD.root) THEN
       RAISE EXCEPTION '% may only grow (size % to %)', TG_TABLE_NAME, OLD.size, NEW.size USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER log_tree_grows BEFORE UPDATE ON log_tree FOR EACH ROW EXECUTE FUNCTION check_growth()`,
  `CREATE TRIGGER log_checkpoint_grows BEFORE UPDATE ON log_checkpoint FOR EACH ROW EXECUTE FUNCTION check_growth()`,
  `CREATE FUNCTION check_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.next_index < OLD.next_index THEN
       RAISE EXCEPTION '% may only grow (next index % to %)', TG_TABLE_NAME, OLD.next_index, NEW.next_index USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER log_sequence_grows BEFORE UPDATE ON log_sequence FOR EACH ROW EXECUTE FUNCTION check_sequence()`,
  `CREATE FUNCTION check_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.id, NEW.log, NEW.epoch, NEW.size, NEW.root, NEW.transaction, NEW.nonce, NEW.raw_transaction, NEW.sent_at) IS DISTINCT FROM
        (OLD.id, OLD.log, OLD.epoch, OLD.size, OLD.root, OLD.transaction, OLD.nonce, OLD.raw_transaction, OLD.sent_at) THEN
       RAISE EXCEPTION 'anchor %: what was sent cannot be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER anchor_as_sent BEFORE UPDATE ON anchor FOR EACH ROW EXECUTE FUNCTION check_anchor()`,
];

const DOWN: readonly string[] = [
  ...[
    'integrity_alarm',
    'anchor',
    'anchor_epoch',
    'version',
    'record',
    'checkpoint',
    'tile',
    'entry_batch',
    'log_checkpoint',
    'log_tree',
    'log_sequence',
    'log',
    'source',
    'tenant',
  ].map((table) => `DROP TABLE ${table}`),
  ...['refuse_change', 'check_batch', 'check_tile', 'check_growth', 'check_sequence', 'check_anchor'].map(
    (name) => `DROP FUNCTION ${name}()`,
  ),
];
