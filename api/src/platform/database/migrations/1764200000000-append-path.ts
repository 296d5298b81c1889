import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Takes from the append path what costs more than half of PostgreSQL's time per version (docs/adr/0016):
 *
 * - the foreign keys of `version`, `record` and `entry_batch`: each is a query for every row. What they guarded, one
 *   transaction writes together, no statement of the service deletes, and the tamper sweep checks for every row;
 * - the unique index on `record_ref`: an HMAC under a fresh random key, so its only effect was a random write per record.
 *
 * A record is created with its first version in it, so its row is written once; later versions find room on the same page.
 */
export class AppendPath1764200000000 implements MigrationInterface {
  readonly name = 'AppendPath1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, constraint] of FOREIGN_KEYS) {
      await runner.query(`ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`);
    }
    await runner.query('ALTER TABLE record DROP CONSTRAINT record_record_ref_key');
    await runner.query('ALTER TABLE record SET (fillfactor = 85)');
    for (const statement of KEPT) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of KEPT_TABLES) {
      await runner.query(`DROP TRIGGER ${table}_kept ON ${table}`);
      await runner.query(`DROP TRIGGER ${table}_no_truncate ON ${table}`);
    }
    await runner.query('ALTER TABLE record RESET (fillfactor)');
    await runner.query('ALTER TABLE record ADD CONSTRAINT record_record_ref_key UNIQUE (record_ref)');
    for (const [table, constraint, definition] of FOREIGN_KEYS) {
      await runner.query(`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} FOREIGN KEY ${definition}`);
    }
  }
}

/** What the foreign keys kept from being removed stays. */
const KEPT_TABLES = ['record', 'source'];
const KEPT: readonly string[] = KEPT_TABLES.flatMap((table) => [
  `CREATE TRIGGER ${table}_kept BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
]);

const FOREIGN_KEYS: readonly (readonly [table: string, constraint: string, definition: string])[] = [
  ['version', 'version_record_fkey', '(record) REFERENCES record'],
  ['version', 'version_log_fkey', '(log) REFERENCES log'],
  ['version', 'version_log_batch_first_fkey', '(log, batch_first) REFERENCES entry_batch (log, first_index)'],
  ['record', 'record_log_fkey', '(log) REFERENCES log'],
  ['record', 'record_source_id_fkey', '(source_id) REFERENCES source'],
  ['entry_batch', 'entry_batch_log_fkey', '(log) REFERENCES log'],
];
