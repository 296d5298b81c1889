// Work that one process does at a time, by PostgreSQL's advisory locks. The lock dies with its connection, so a killed process
// never blocks the others.
import { type Pool } from './pool.ts';

/**
 * Runs `work` under the lock; null at once when somebody else holds it.
 *
 * @param lockClass which kind of work; 32 bits, each kind its own
 * @param key which one of its kind (the log)
 */
export async function exclusively<T>(
  pool: Pool,
  lockClass: number,
  key: number,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      lockClass,
      key,
    ]);
    if (rows[0]?.locked !== true) return null;
    try {
      return { done: await work() };
    } finally {
      await client.query('SELECT pg_advisory_unlock($1, $2)', [lockClass, key]).catch((error: unknown) => {
        // The lock goes with the connection, so the connection must go.
        broken = error as Error;
      });
    }
  } finally {
    client.release(broken);
  }
}
