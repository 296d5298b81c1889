// What the service's own database role may do with each table. Run after the migrations by the owner of the schema; whatever
// stands here is granted, everything else is taken away. A table without a row here fails
// test/db/the-service-may-only-add.test.ts.
//
// Triggers refuse changes too, but whoever owns a table can switch its triggers off. This role owns nothing: what it has
// written to a table with INSERT alone, it cannot change by any statement.
import { type ClientBase } from 'pg';

/** Privileges by table. `UPDATE (a, b)`: of these columns only. */
export const GRANTS: Readonly<Record<string, readonly string[]>> = {
  // Written once.
  log: ['SELECT', 'INSERT'],
  entry_batch: ['SELECT', 'INSERT'],
  version: ['SELECT', 'INSERT'],
  checkpoint: ['SELECT', 'INSERT'],
  anchor_epoch: ['SELECT', 'INSERT'],
  integrity_alarm: ['SELECT', 'INSERT'],
  fsck_finding: ['SELECT', 'INSERT'],
  fsck_sighting: ['SELECT', 'INSERT'],
  fsck_clearance: ['SELECT', 'INSERT'],
  access_event: ['SELECT', 'INSERT'],
  tenant: ['SELECT', 'INSERT'],
  source: ['SELECT', 'INSERT'],
  // Moved on by the stages, each in its own way only: their triggers say how.
  log_sequence: ['SELECT', 'INSERT', 'UPDATE (next_index)'],
  log_tree: ['SELECT', 'INSERT', 'UPDATE (size, root)'],
  log_checkpoint: ['SELECT', 'INSERT', 'UPDATE (size, root)'],
  tile: ['SELECT', 'INSERT', 'UPDATE (hashes)'],
  record: ['SELECT', 'INSERT', 'UPDATE (head_seq, head_leaf)'],
  anchor: ['SELECT', 'INSERT', 'UPDATE (state, block_number, block_hash, block_time, gas_used, updated_at)'],
  fsck_run: ['SELECT', 'INSERT', 'UPDATE'],
  access_head: ['SELECT', 'INSERT', 'UPDATE (seq, hash)'],
  access_anchor: ['SELECT', 'INSERT', 'UPDATE (log_index)'],
  // TypeORM's list of what was run: read to see that the schema is the expected one.
  migrations: ['SELECT'],
};

/** Tables of which a row, once written, is never changed: what the service looks after when it starts. */
export const WRITTEN_ONCE: readonly string[] = [
  'entry_batch',
  'version',
  'checkpoint',
  'anchor_epoch',
  'integrity_alarm',
  'access_event',
];

/** @param role must exist; in one transaction, so that the running service never sees a moment without its rights */
export async function grant(client: ClientBase, role: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT schemaname::text AS schema, tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
  );
  const schema = client.escapeIdentifier(rows[0]?.schema ?? 'public');
  await client.query('BEGIN');
  try {
    await client.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${name}`);
    await client.query(`REVOKE ALL ON SCHEMA ${schema} FROM ${name}`);
    await client.query(`REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`);
    await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name}`);
    // Of sequences the next value, and for a backup the last one; never setval.
    await client.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${name}`);
    for (const { name: table } of rows) {
      const privileges = GRANTS[table];
      if (privileges !== undefined)
        await client.query(`GRANT ${privileges.join(', ')} ON ${client.escapeIdentifier(table)} TO ${name}`);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
