// A connection that is lost at the worst moments: just before COMMIT reaches the database, or after it took effect and
// before its answer arrives.

import { expect } from '@jest/globals';
import { isConnectionLoss } from '../../../api/src/platform/database/connection-loss.ts';
import type { Client, Pool } from '../../../api/src/platform/database/pool.ts';

type Moment = 'before COMMIT' | 'after COMMIT';

/**
 * The next COMMIT on this pool meets the end of its connection; everything after it works again. Only transactions are
 * concerned: `pool.query` asks for its connection with a callback.
 */
export function loseNextCommit(pool: Pool, other: Pool, moment: Moment): void {
  const connect = pool.connect.bind(pool);
  const restore = (): void => {
    pool.connect = connect;
  };
  const troubled = async (): Promise<Client> => {
    const client = await connect();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]): Promise<unknown> => {
      if (args[0] !== 'COMMIT') return query(...args);
      restore();
      client.query = query as Client['query'];
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      if (moment === 'after COMMIT') await query('COMMIT');
      await endConnection(other, rows[0]?.pid as number);
      if (moment === 'after COMMIT') throw new Error('the answer to COMMIT was lost');
      return query('COMMIT');
    }) as Client['query'];
    return client;
  };
  pool.connect = ((callback?: Parameters<typeof connect>[0]) =>
    callback === undefined ? troubled() : connect(callback)) as Pool['connect'];
}

/** Ends a connection from the server's side and waits until it is gone, with its locks. */
async function endConnection(on: Pool, pid: number): Promise<void> {
  const { rows } = await on.query<{ ended: boolean }>('SELECT pg_terminate_backend($1, 5000) AS ended', [pid]);
  if (rows[0]?.ended !== true) throw new Error(`connection ${pid} did not end`);
}

/**
 * The call fails, and the service knows why: its connection was lost. Whatever the error is called (the server's farewell, a
 * reset, a broken pipe) depends on who is faster.
 */
export async function expectConnectionLoss(call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  expect({ error: String(error), lost: isConnectionLoss(error) }).toEqual({ error: String(error), lost: true });
}
