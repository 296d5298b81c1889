// Legal holds: what must not be erased, whoever asks. On one record, on a patient's records, or on all of a source, those
// that are still to come included.
import { inTransaction, type Pool } from '../platform/database/pool.ts';
import { type Account } from '../identity/index.ts';
import { type Within } from './events.ts';

export type HoldScope = 'record' | 'subject' | 'source';

export interface LegalHold {
  readonly id: string;
  readonly sourceId: string;
  readonly scope: HoldScope;
  readonly reason: string;
  readonly placedBy: Account;
  readonly placedAt: Date;
  readonly releasedBy: Account | null;
  readonly releasedAt: Date | null;
}

export interface NewHold extends Pick<LegalHold, 'id' | 'sourceId' | 'scope' | 'reason' | 'placedBy' | 'placedAt'> {
  /** Row id, for scope `record`. */
  readonly record: bigint | null;
  /** For scope `subject`; forgotten when the hold is released. */
  readonly subjectRef: Uint8Array | null;
}

const HOLD = `SELECT id, source_id AS "sourceId", scope, reason, placed_by AS "placedBy", placed_at AS "placedAt",
    released_by AS "releasedBy", released_at AS "releasedAt" FROM legal_hold`;

export class LegalHolds {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** From the moment that this resolves, nothing under the hold is erased: an erasure that is going on is waited for. */
  async place(hold: NewHold, within: Within): Promise<void> {
    await inTransaction(this.#pool, 'BEGIN', async (client) => {
      await client.query('SELECT next_index FROM log_sequence ORDER BY log FOR UPDATE');
      await client.query(
        `INSERT INTO legal_hold (id, source_id, scope, record, subject_ref, reason, placed_by, placed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [hold.id, hold.sourceId, hold.scope, hold.record, hold.subjectRef, hold.reason, hold.placedBy, hold.placedAt],
      );
      await within(client);
    });
  }

  /** @returns false when it was released before */
  async release(id: string, by: Account, at: Date, within: Within): Promise<boolean> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const { rowCount } = await client.query(
        'UPDATE legal_hold SET released_by = $2, released_at = $3, subject_ref = NULL WHERE id = $1 AND released_at IS NULL',
        [id, by, at],
      );
      if (rowCount === 1) await within(client);
      return rowCount === 1;
    });
  }

  async find(sourceId: string, id: string): Promise<LegalHold | null> {
    const { rows } = await this.#pool.query<LegalHold>(`${HOLD} WHERE source_id = $1 AND id = $2`, [sourceId, id]);
    return rows[0] ?? null;
  }

  /** Newest first; `before` is the last one seen. */
  async list(sourceId: string, before: string | null, limit: number): Promise<readonly LegalHold[]> {
    const { rows } = await this.#pool.query<LegalHold>(
      `${HOLD} WHERE source_id = $1 AND ($2::uuid IS NULL OR (placed_at, id) < (SELECT placed_at, id FROM legal_hold WHERE id = $2))
       ORDER BY placed_at DESC, id DESC LIMIT $3`,
      [sourceId, before, limit],
    );
    return rows;
  }
}
