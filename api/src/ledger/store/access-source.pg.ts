import { type Queryable } from '../../platform/database/pool.ts';
import {
  AccessSource,
  type AccessAnchorRow,
  type AccessChainRow,
  type AccessEventRow,
  type PlacedAccessAnchor,
} from './access-source.port.ts';

const ANCHOR = `a.id, a.chain, a.first_seq AS first, a.last_seq AS last, a.head, a.salt, a.log_index AS index`;

const PLACED = `SELECT ${ANCHOR}, b.first_index AS "batchFirst", b.entries FROM access_anchor a LEFT JOIN LATERAL
    (SELECT first_index, entries FROM entry_batch WHERE entry_batch.log = a.log AND first_index <= a.log_index ORDER BY first_index DESC LIMIT 1) b ON true`;

/** One look into the index for each chain, not one for each event. */
const CHAINS = `
  WITH RECURSIVE stored (chain) AS (
    (SELECT chain FROM access_event ORDER BY chain LIMIT 1)
    UNION ALL
    SELECT (SELECT chain FROM access_event WHERE access_event.chain > stored.chain ORDER BY chain LIMIT 1) FROM stored WHERE stored.chain IS NOT NULL),
  named AS (
    SELECT chain FROM stored WHERE chain IS NOT NULL UNION SELECT chain FROM access_head
    UNION SELECT DISTINCT chain FROM access_anchor WHERE log = $1)
  SELECT named.chain, h.seq AS "headSeq", h.hash AS "headHash", last.seq AS "lastSeq" FROM named LEFT JOIN access_head h USING (chain)
    LEFT JOIN LATERAL (SELECT seq FROM access_event e WHERE e.chain = named.chain ORDER BY seq DESC LIMIT 1) last ON true
  ORDER BY named.chain`;

export class PgAccessSource extends AccessSource {
  readonly #pool: Queryable;
  readonly #log: number;

  constructor(pool: Queryable, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async chains(): Promise<readonly AccessChainRow[]> {
    return (await this.#pool.query<AccessChainRow>(CHAINS, [this.#log])).rows;
  }

  async events(chain: string, after: bigint, limit: number): Promise<readonly AccessEventRow[]> {
    const { rows } = await this.#pool.query<AccessEventRow>({
      name: 'fsck-access-events',
      text: `SELECT seq, "time", event, previous_hash AS "previousHash", hash FROM access_event WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      values: [chain, after, limit],
    });
    return rows;
  }

  async anchors(chain: string, after: bigint, limit: number): Promise<readonly PlacedAccessAnchor[]> {
    const { rows } = await this.#pool.query<PlacedAccessAnchor>(
      `${PLACED} WHERE a.log = $1 AND a.chain = $2 AND a.last_seq > $3 ORDER BY a.last_seq LIMIT $4`,
      [this.#log, chain, after, limit],
    );
    return rows;
  }

  async anchorBelow(chain: string, index: bigint): Promise<PlacedAccessAnchor | null> {
    const { rows } = await this.#pool.query<PlacedAccessAnchor>(
      `${PLACED} WHERE a.log = $1 AND a.chain = $2 AND a.log_index < $3 ORDER BY a.last_seq DESC LIMIT 1`,
      [this.#log, chain, index],
    );
    return rows[0] ?? null;
  }

  async anchorsById(ids: readonly string[]): Promise<readonly AccessAnchorRow[]> {
    const { rows } = await this.#pool.query<AccessAnchorRow>(
      `SELECT ${ANCHOR} FROM access_anchor a WHERE a.log = $1 AND a.id = ANY($2::uuid[])`,
      [this.#log, ids],
    );
    return rows;
  }
}
