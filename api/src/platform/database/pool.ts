// The connection pool of the ledger's hot path: explicit SQL, prepared statements, bigint columns as bigint.
import pg from 'pg';

/** Injection token of the pool. */
export const POOL = Symbol('POOL');

const INT8 = 20;

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) =>
    oid === INT8 && format !== 'binary' ? BigInt : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A pool whose clients may die at any moment. An error event without a listener ends the process, and pg-pool takes its own
 * listener away before the code that asked for the client runs: when the end of one query and the news of the connection's
 * end arrive in one packet, nobody listens. Whoever uses the client learns of the loss from the next query.
 */
export class CarefulPool extends pg.Pool {
  constructor(options?: pg.PoolConfig) {
    super({ ...options, Client: CarefulClient });
    this.on('connect', (client) => client.on('error', () => undefined));
  }
}

/**
 * pg reads the certificate files of a URL when a client is made. In a pool that may be long after the start, where nobody would
 * catch what is thrown (a renewal that removes a file for a moment would end the process): here connecting fails instead.
 */
class CarefulClient extends pg.Client {
  constructor(options?: pg.ClientConfig) {
    try {
      super(options);
    } catch (error) {
      super();
      // A pool always gives a callback.
      this.connect = ((callback: (error: unknown) => void) =>
        process.nextTick(callback, error)) as pg.Client['connect'];
    }
  }
}

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** What both a pool and a client in a transaction can do. */
export type Queryable = Pick<pg.Pool, 'query'>;

export function createPool(url: string, size: number): pg.Pool {
  return new CarefulPool({
    connectionString: url,
    max: size,
    application_name: 'medanchor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Statements that do not need each other's answers go out together; whoever waits for each notices nothing.
    pipeline: true,
    // Sizes and indexes are bigint from the wire on; a JavaScript number would lose them above 2^53.
    types: TYPES,
  });
}

/** A connection of another kind, with bigint columns as bigint. */
export function withBigints(client: pg.Client): Queryable {
  const query = (text: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> =>
    client.query({ ...(typeof text === 'string' ? { text, values: values ?? [] } : text), types: TYPES });
  return { query } as Queryable;
}

/**
 * Runs `work` in one transaction on one connection. A rejected call may still have been committed (the answer to COMMIT
 * can be lost): callers must be safe to repeat.
 */
export async function inTransaction<T>(pool: pg.Pool, begin: string, work: (client: Client) => Promise<T>): Promise<T> {
  return onConnection(pool, async (client) => {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/** Lends `work` a connection. When it rejects, whatever transaction it had begun is rolled back. */
export async function onConnection<T>(pool: pg.Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (cause) {
      // The connection itself is gone: never give it back to the pool.
      broken = cause as Error;
    }
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * The answers to statements that were sent together. Rejects with the first failure in their order, and only when all are
 * answered, so that nothing of them is under way any more. Inside a transaction, what follows a failed statement fails too.
 */
export async function answers<T extends readonly unknown[]>(
  sent: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const settled: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(
    sent as readonly Promise<unknown>[],
  );
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  }) as unknown as T;
}

/** @throws {Error} when the transaction was rolled back instead: PostgreSQL answers COMMIT of a failed one without an error */
export async function commit(client: Client): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`the transaction was not committed: ${command}`);
}
