// Requests for erasure: asked for by one person, decided by another. Which records they concern is kept by row id; the
// pseudonym of a patient stays only until the request is done or refused.
import { inTransaction, type Pool } from '../platform/database/pool.ts';
import { type ErasureBasis } from '../ledger/index.ts';
import { type Account } from '../identity/index.ts';
import { type Within } from './events.ts';

export const REQUEST_STATES = ['requested', 'approved', 'done', 'refused'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export interface ErasureRequest {
  readonly id: string;
  readonly sourceId: string;
  readonly basis: ErasureBasis;
  readonly note: string | null;
  readonly state: RequestState;
  readonly bySubject: boolean;
  /** null as soon as there is nothing left to look for. */
  readonly subjectRef: Uint8Array | null;
  /** The retention rule that proposed it; null when a person did. */
  readonly rule: string | null;
  readonly requestedBy: Account;
  readonly requestedAt: Date;
  readonly decidedBy: Account | null;
  readonly decidedAt: Date | null;
  readonly finishedAt: Date | null;
}

export type NewRequest = Pick<
  ErasureRequest,
  'id' | 'sourceId' | 'basis' | 'note' | 'subjectRef' | 'rule' | 'requestedBy' | 'requestedAt'
>;

const REQUEST = `SELECT id, source_id AS "sourceId", basis, note, state, by_subject AS "bySubject", subject_ref AS "subjectRef", rule,
    requested_by AS "requestedBy", requested_at AS "requestedAt", decided_by AS "decidedBy", decided_at AS "decidedAt",
    finished_at AS "finishedAt" FROM erasure_request`;

export class ErasureRequests {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async add(request: NewRequest, records: readonly bigint[], within: Within): Promise<void> {
    const { id, sourceId, basis, note, subjectRef, rule, requestedBy, requestedAt } = request;
    await inTransaction(this.#pool, 'BEGIN', async (client) => {
      await client.query(
        `INSERT INTO erasure_request (id, source_id, basis, note, state, by_subject, subject_ref, rule, requested_by, requested_at)
         VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9)`,
        [id, sourceId, basis, note, subjectRef !== null, subjectRef, rule, requestedBy, requestedAt],
      );
      await client.query('INSERT INTO erasure_request_record (request, record) SELECT $1, unnest($2::bigint[])', [
        id,
        records,
      ]);
      await within(client);
    });
  }

  async find(sourceId: string, id: string): Promise<ErasureRequest | null> {
    const [found] = await this.#read('WHERE source_id = $1 AND id = $2', [sourceId, id]);
    return found ?? null;
  }

  /** Newest first; `before` is the last one seen. */
  async list(sourceId: string, before: string | null, limit: number): Promise<readonly ErasureRequest[]> {
    return this.#read(
      `WHERE source_id = $1 AND ($2::uuid IS NULL OR (requested_at, id) < (SELECT requested_at, id FROM erasure_request WHERE id = $2))
       ORDER BY requested_at DESC, id DESC LIMIT $3`,
      [sourceId, before, limit],
    );
  }

  /** Those that were approved and are not done: interrupted, or held back. */
  async unfinished(): Promise<readonly ErasureRequest[]> {
    return this.#read(`WHERE state = 'approved' ORDER BY decided_at`, []);
  }

  async #read(where: string, values: unknown[]): Promise<readonly ErasureRequest[]> {
    return (await this.#pool.query<ErasureRequest>(`${REQUEST} ${where}`, values)).rows;
  }

  async records(id: string): Promise<readonly bigint[]> {
    const { rows } = await this.#pool.query<{ record: bigint }>(
      'SELECT record FROM erasure_request_record WHERE request = $1 ORDER BY record',
      [id],
    );
    return rows.map(({ record }) => record);
  }

  /** Records of the patient that came after the request was made. */
  async addRecords(id: string, records: readonly bigint[]): Promise<void> {
    await this.#pool.query(
      'INSERT INTO erasure_request_record (request, record) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING',
      [id, records],
    );
  }

  /** @returns false when somebody has decided before */
  async decide(
    id: string,
    { state, by, at }: { readonly state: 'approved' | 'refused'; readonly by: Account; readonly at: Date },
    within: Within,
  ): Promise<boolean> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const { rowCount } = await client.query(
        `UPDATE erasure_request SET state = $2, decided_by = $3, decided_at = $4,
           subject_ref = CASE WHEN $2 = 'refused' THEN NULL ELSE subject_ref END
         WHERE id = $1 AND state = 'requested'`,
        [id, state, by, at],
      );
      if (rowCount === 1) await within(client);
      return rowCount === 1;
    });
  }

  async finish(id: string, at: Date): Promise<void> {
    await this.#pool.query(
      `UPDATE erasure_request SET state = 'done', subject_ref = NULL, finished_at = $2 WHERE id = $1 AND state = 'approved'`,
      [id, at],
    );
  }
}
