import pg from 'pg';
/** Injection token of the pool. */
export declare const POOL: unique symbol;
export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** What both a pool and a client in a transaction can do. */
export type Queryable = Pick<pg.Pool, 'query'>;
export declare function createPool(url: string, size: number): pg.Pool;
/**
 * Runs `work` in one transaction on one connection. A rejected call may still have been committed (the answer to COMMIT
 * can be lost): callers must be safe to repeat.
 */
export declare function inTransaction<T>(pool: pg.Pool, begin: string, work: (client: Client) => Promise<T>): Promise<T>;
