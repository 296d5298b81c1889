// The connection pool of the ledger's hot path: explicit SQL, prepared statements, bigint columns as bigint.
import pg from 'pg';

/** Injection token of the pool. */
export const POOL = Symbol('POOL');

const INT8 = 20;

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) =>
    oid === INT8 && format !== 'binary' ? BigInt : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** What both a pool and a client in a transaction can do. */
export type Queryable = Pick<pg.Pool, 'query'>;

export function createPool(url: string, size: number): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: size,
    application_name: 'medanchor',
    connectionTimeoutMillis: 10_000,
    // Sizes and indexes are bigint from the wire on; a JavaScript number would lose them above 2^53.
    types: TYPES,
  });
}

/**
 * Runs `work` in one transaction on one connection. A rejected call may still have been committed (the answer to COMMIT
 * can be lost): callers must be safe to repeat.
 */
export async function inTransaction<T>(pool: pg.Pool, begin: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // An error event without a listener would end the process; the failed query reports the loss to the caller.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (cause) {
      // The connection itself is gone: never give it back to the pool.
      broken = cause as Error;
    }
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}
