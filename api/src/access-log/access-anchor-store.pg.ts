import { exclusively } from '../platform/database/advisory-lock.ts';
import { type Pool } from '../platform/database/pool.ts';
import { AccessAnchorStore, type AccessAnchor } from './access-anchor-store.port.ts';

/** First key of the advisory lock (the second is the log): "aanc" in ASCII. */
const LOCK_CLASS = 0x61616e63;

const ANCHOR = `id, chain, first_seq AS first, last_seq AS last, head, salt, log_index AS index`;

/** Only a head whose event is there with that hash: what somebody has changed is not committed to as if it were true. */
const NEWS = `
  SELECT h.chain, coalesce(a.last_seq, 0) + 1 AS first, h.seq AS last, h.hash AS head
  FROM access_head h JOIN access_event e ON e.chain = h.chain AND e.seq = h.seq AND e.hash = h.hash
    LEFT JOIN LATERAL (SELECT last_seq FROM access_anchor WHERE log = $1 AND chain = h.chain ORDER BY last_seq DESC LIMIT 1) a ON true
  WHERE h.seq > coalesce(a.last_seq, 0) ORDER BY h.chain`;

const STATE = `
  SELECT (SELECT max(created_at) FROM access_anchor WHERE log = $1) AS last,
    (SELECT coalesce(sum(h.seq - coalesce(a.last_seq, 0)), 0)::bigint FROM access_head h
       LEFT JOIN LATERAL (SELECT last_seq FROM access_anchor WHERE log = $1 AND chain = h.chain ORDER BY last_seq DESC LIMIT 1) a ON true) AS waiting`;

export class PgAccessAnchorStore extends AccessAnchorStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T | null> {
    return (await exclusively(this.#pool, LOCK_CLASS, this.#log, work))?.done ?? null;
  }

  async news(): Promise<readonly Omit<AccessAnchor, 'id' | 'salt' | 'index'>[]> {
    return (await this.#pool.query<AccessAnchor>(NEWS, [this.#log])).rows;
  }

  async add({ id, chain, first, last, head, salt, index }: AccessAnchor, at: Date): Promise<void> {
    await this.#pool.query(
      `INSERT INTO access_anchor (id, log, chain, first_seq, last_seq, head, salt, log_index, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, this.#log, chain, first, last, head, salt, index, at],
    );
  }

  async place(id: string, index: bigint): Promise<void> {
    await this.#pool.query('UPDATE access_anchor SET log_index = $2 WHERE id = $1', [id, index]);
  }

  async pending(): Promise<readonly AccessAnchor[]> {
    const { rows } = await this.#pool.query<AccessAnchor>(
      `SELECT ${ANCHOR} FROM access_anchor WHERE log = $1 AND log_index IS NULL ORDER BY chain, first_seq`,
      [this.#log],
    );
    return rows;
  }

  async between(chain: string, after: bigint, to: bigint, limit: number): Promise<readonly AccessAnchor[]> {
    return this.#part('ASC', [chain, after, to, limit]);
  }

  async newest(chain: string, after: bigint, to: bigint, limit: number): Promise<readonly AccessAnchor[]> {
    return this.#part('DESC', [chain, after, to, limit]);
  }

  async #part(order: 'ASC' | 'DESC', values: readonly unknown[]): Promise<readonly AccessAnchor[]> {
    const { rows } = await this.#pool.query<AccessAnchor>(
      `SELECT ${ANCHOR} FROM access_anchor WHERE log = $1 AND chain = $2 AND last_seq > $3 AND last_seq <= $4 ORDER BY last_seq ${order} LIMIT $5`,
      [this.#log, ...values],
    );
    return rows;
  }

  async state(): Promise<{ last: Date | null; waiting: bigint }> {
    const { rows } = await this.#pool.query<{ last: Date | null; waiting: bigint }>(STATE, [this.#log]);
    return rows[0] ?? { last: null, waiting: 0n };
  }
}
