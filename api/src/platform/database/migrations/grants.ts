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
  checkpoint: ['SELECT', 'INSERT'],
  anchor_epoch: ['SELECT', 'INSERT'],
  integrity_alarm: ['SELECT', 'INSERT'],
  fsck_finding: ['SELECT', 'INSERT'],
  fsck_sighting: ['SELECT', 'INSERT'],
  fsck_clearance: ['SELECT', 'INSERT'],
  access_event: ['SELECT', 'INSERT'],
  erasure: ['SELECT', 'INSERT'],
  erasure_request_record: ['SELECT', 'INSERT'],
  break_glass: ['SELECT', 'INSERT'],
  break_glass_review: ['SELECT', 'INSERT'],
  tenant: ['SELECT', 'INSERT'],
  source: ['SELECT', 'INSERT'],
  // Moved on by the stages, each in its own way only: their triggers say how.
  log_sequence: ['SELECT', 'INSERT', 'UPDATE (next_index)'],
  log_tree: ['SELECT', 'INSERT', 'UPDATE (size, root)'],
  log_checkpoint: ['SELECT', 'INSERT', 'UPDATE (size, root)'],
  tile: ['SELECT', 'INSERT', 'UPDATE (hashes)'],
  // Erased whole: the trigger lets nothing else happen to a version, and this role cannot switch it off.
  version: ['SELECT', 'INSERT', 'UPDATE (version_id, media_type, component_names, component_commitments)', 'MAINTAIN'],
  record: [
    'SELECT',
    'INSERT',
    'UPDATE (head_seq, head_leaf, record_id, wrapped_key, subject_ref, erased_at)',
    // VACUUM after an erasure, so that the destroyed key does not wait in the file for autovacuum.
    'MAINTAIN',
  ],
  // The trigger says which of them may change together, and only once.
  source_key: ['SELECT', 'INSERT', 'UPDATE (revoked_index, replaced_by)'],
  anchor: ['SELECT', 'INSERT', 'UPDATE (state, block_number, block_hash, block_time, gas_used, updated_at)'],
  fsck_run: ['SELECT', 'INSERT', 'UPDATE'],
  access_head: ['SELECT', 'INSERT', 'UPDATE (seq, hash)'],
  access_anchor: ['SELECT', 'INSERT', 'UPDATE (log_index)'],
  data_key: ['SELECT', 'INSERT', 'UPDATE (master, wrapped, rewrapped_at)'],
  kek_rotation: ['SELECT', 'INSERT', 'UPDATE'],
  subject_key: ['SELECT', 'INSERT', 'UPDATE (wrapped_key)'],
  break_glass_reason: ['SELECT', 'INSERT', 'UPDATE (sealed)'],
  legal_hold: ['SELECT', 'INSERT', 'UPDATE (released_by, released_at, subject_ref)'],
  retention_rule: ['SELECT', 'INSERT', 'UPDATE (paused, activated_by, removed_by, removed_at)'],
  erasure_request: ['SELECT', 'INSERT', 'UPDATE (state, decided_by, decided_at, finished_at, subject_ref)'],
  account: ['SELECT', 'INSERT', 'UPDATE'],
  client: ['SELECT', 'INSERT', 'UPDATE (jwks, jwks_uri, keys_changed_at, disabled_at, access_from, access_until)'],
  passkey: ['SELECT', 'INSERT', 'UPDATE (name, sign_count, last_used_at)', 'DELETE'],
  // What ends by itself: sessions, codes, links and known browsers are swept away.
  recovery_code: ['SELECT', 'INSERT', 'UPDATE (used_at)', 'DELETE'],
  sign_in_device: ['SELECT', 'INSERT', 'UPDATE (failures, locked_until)', 'DELETE'],
  enrolment: ['SELECT', 'INSERT', 'UPDATE (used_at)', 'DELETE'],
  passkey_challenge: ['SELECT', 'INSERT', 'UPDATE (digest, expires_at)', 'DELETE'],
  prepared_record: ['SELECT', 'INSERT', 'UPDATE (wrapped_key, expires_at)', 'DELETE', 'MAINTAIN'],
  oidc_model: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  token_revocation: ['SELECT', 'INSERT', 'UPDATE (expires_at, issued_until)', 'DELETE'],
  // TypeORM's list of what was run: read to see that the schema is the expected one.
  migrations: ['SELECT'],
};

/** Tables of which a row, once written, is never changed: what the service looks after when it starts. */
export const WRITTEN_ONCE: readonly string[] = [
  'entry_batch',
  'checkpoint',
  'anchor_epoch',
  'integrity_alarm',
  'access_event',
];

/** PostgreSQL has had this privilege since 17; before, only an owner vacuums, and the rest is autovacuum's. */
const SINCE_17 = 'MAINTAIN';

/** @param role must exist; in one transaction, so that the running service never sees a moment without its rights */
export async function grant(client: ClientBase, role: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ schema: string; name: string; version: number }>(
    `SELECT schemaname::text AS schema, tablename::text AS name, current_setting('server_version_num')::int AS version FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
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
    for (const { name: table, version } of rows) {
      const privileges = GRANTS[table]?.filter((privilege) => privilege !== SINCE_17 || version >= 170_000);
      if (privileges !== undefined)
        await client.query(`GRANT ${privileges.join(', ')} ON ${client.escapeIdentifier(table)} TO ${name}`);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
