// Questions about records before they are erased: how much there is, and what holds it back. By row ids only; no name is read.
import { RECORD_IS_HELD } from '../ledger/index.ts';
import { type Pool } from '../platform/database/pool.ts';

export interface Extent {
  readonly records: bigint;
  readonly versions: bigint;
  /** Of the records: how many a legal hold is on. */
  readonly held: bigint;
}

export class RecordsInQuestion {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Of those that are not erased yet. */
  async extent(records: readonly bigint[]): Promise<Extent> {
    const { rows } = await this.#pool.query<Extent>(
      `SELECT count(*) AS records, coalesce(sum(head_seq), 0)::bigint AS versions, count(*) FILTER (WHERE ${RECORD_IS_HELD}) AS held
       FROM record WHERE id = ANY($1::bigint[]) AND erased_at IS NULL`,
      [records],
    );
    return rows[0] ?? { records: 0n, versions: 0n, held: 0n };
  }

  /**
   * Records whose last version is older than so many months, that nothing holds back and that no open request names; in the
   * order of their row ids, those after `after`.
   */
  async expired(source: string, months: number, now: Date, after: bigint, limit: number): Promise<readonly bigint[]> {
    const { rows } = await this.#pool.query<{ id: bigint }>(
      `SELECT record.id FROM record JOIN LATERAL
         (SELECT recorded_at FROM version WHERE version.record = record.id ORDER BY seq DESC LIMIT 1) newest ON true
       WHERE record.source_id = $1 AND record.id > $4 AND record.erased_at IS NULL
         AND newest.recorded_at < $3::timestamptz - make_interval(months => $2) AND NOT ${RECORD_IS_HELD}
         AND NOT EXISTS (SELECT FROM erasure_request_record asked JOIN erasure_request request ON request.id = asked.request
                         WHERE asked.record = record.id AND request.state IN ('requested', 'approved'))
       ORDER BY record.id LIMIT $5`,
      [source, months, now, after, limit],
    );
    return rows.map(({ id }) => id);
  }
}
