// That a backup was restored, as an event of the restored access log.
import { type Client } from 'pg';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { byOperator, recordUnattended } from '../platform/auth/unattended.ts';
import { type BackupManifest } from './manifest.ts';

/** False for a backup that is older than the access log: it can take no event before the schema is brought up to date. */
export function hasAccessLog({ tables }: BackupManifest): boolean {
  return tables.some(({ name }) => name === 'access_event');
}

/**
 * Writes the event in the transaction that is open on this connection.
 *
 * An access log that is damaged may refuse it. Where findings are accepted, that is one more of them: it must not keep an expert from
 * looking at the rest. Where there are none, it is thrown.
 *
 * @returns what is to be told beside the findings
 */
export async function recordRestore(
  client: Client,
  log: AccessLog,
  { createdAt }: BackupManifest,
  findings: readonly string[],
): Promise<readonly string[]> {
  const transaction = { query: (sql: string, values: readonly unknown[]) => client.query(sql, [...values]) };
  const by = byOperator('restore', 'backup.restore');
  if (findings.length === 0) {
    await recordUnattended(log, transaction, by, { type: 'backup', id: createdAt });
    return [];
  }
  await client.query('SAVEPOINT event');
  try {
    await recordUnattended(log, transaction, by, { type: 'backup/findings-accepted', id: createdAt });
    return [];
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT event');
    return [`the access log does not take the event of this restore: ${(error as Error).message}`];
  }
}
