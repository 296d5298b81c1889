// Key holders by PostgreSQL's shared advisory locks: a session holds one that says "I work here", and one for every key that it can
// open. They go with the session, so a killed process is never waited for. After a lost connection they are taken again.
import { type Logger } from '../../logger/logger.ts';
import { type Client, type Pool } from '../../database/pool.ts';
import { idOf } from '../sealing-key.ts';
import { ENVELOPE_VERSION } from '../envelope-key-provider.ts';
import { KeyHolders } from './key-holders.port.ts';

/** First keys of the locks: "kek" in ASCII, and the version of the wrapped form; 0 for the mark of a process. */
const CLASS = 0x6b656b00;
const AGAIN_MS = 1000;

export class PgKeyHolders extends KeyHolders {
  readonly #pool: Pool;
  readonly #logger: Logger;
  #opens: readonly Uint8Array[] = [];
  #client: Client | null = null;
  #closed = false;

  /** @param pool of one connection, for this alone */
  constructor(pool: Pool, logger: Logger) {
    super();
    this.#pool = pool;
    this.#logger = logger;
  }

  async announce(opens: readonly Uint8Array[]): Promise<void> {
    this.#opens = opens;
    await this.#hold();
  }

  async without(header: Uint8Array): Promise<number> {
    // On the pool's only connection, which holds the locks.
    const { rows } = await (this.#client ?? this.#pool).query<{ count: number }>(
      `WITH held AS (SELECT pid, classid, objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
       SELECT count(DISTINCT pid)::int AS count FROM held
       WHERE classid = $1::oid AND NOT EXISTS (SELECT FROM held AS key WHERE key.pid = held.pid AND key.classid = $2::oid AND key.objid = $3::oid)`,
      [CLASS, CLASS + (header[0] ?? 0), lockOf(header)],
    );
    return rows[0]?.count ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#client?.release(true);
    this.#client = null;
    await this.#pool.end();
  }

  async #hold(): Promise<void> {
    const client = await this.#pool.connect();
    client.once('end', () => this.#lost(client));
    try {
      const locks = [[CLASS, 0], ...this.#opens.map((header) => [CLASS + (header[0] ?? 0), lockOf(header)] as const)];
      // The functions take signed numbers, pg_locks shows unsigned ones.
      for (const [group = 0, key = 0] of locks)
        await client.query('SELECT pg_advisory_lock_shared($1, $2)', [group, key | 0]);
      this.#client = client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  #lost(client: Client): void {
    if (this.#closed || this.#client !== client) return;
    this.#client = null;
    client.release(true);
    this.#again();
  }

  #again(): void {
    setTimeout(() => {
      if (this.#closed) return;
      this.#hold().catch((error: unknown) => {
        this.#logger.debug({ err: error }, 'the keys that this process holds cannot be announced yet');
        this.#again();
      });
    }, AGAIN_MS).unref();
  }
}

/** All data keys are in the database: who has the master key can open every one. */
function lockOf(header: Uint8Array): number {
  return header[0] === ENVELOPE_VERSION ? 0 : idOf(header);
}
