import { InvariantError } from '@medanchor/verifier';
import { exclusively } from '../../platform/database/advisory-lock.ts';
import { type Queryable } from '../../platform/auth/access-log.port.ts';
import { type Pool } from '../../platform/database/pool.ts';
import { type Anchor, type AnchorState, type Epoch } from '../model.ts';
import {
  AnchorStore,
  SETTLED_LIMIT,
  type AnchorUpdate,
  type CoveringAnchor,
  type NewAnchor,
} from './anchor-store.port.ts';

/** First key of the advisory lock (the second is the log): "anch" in ASCII. */
const LOCK_CLASS = 0x616e6368;

const COLUMNS = `anchor.id, anchor.epoch, anchor.size, anchor.root, transaction, nonce, raw_transaction AS "rawTransaction", state,
  block_number AS "blockNumber", block_hash AS "blockHash", block_time AS "blockTime", gas_used AS "gasUsed",
  sent_at AS "sentAt", updated_at AS "updatedAt"`;

const EPOCH_COLUMNS = `epoch, chain_id AS "chainId", contract, reason, created_at AS "createdAt"`;

export class PgAnchorStore extends AnchorStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async exclusively(work: () => Promise<void>): Promise<boolean> {
    return (await exclusively(this.#pool, LOCK_CLASS, this.#log, work)) !== null;
  }

  async currentEpoch(): Promise<Epoch | null> {
    const { rows } = await this.#pool.query<Epoch>(
      `SELECT ${EPOCH_COLUMNS} FROM anchor_epoch WHERE log = $1 ORDER BY epoch DESC LIMIT 1`,
      [this.#log],
    );
    return rows[0] ?? null;
  }

  async epochs(): Promise<readonly Epoch[]> {
    const { rows } = await this.#pool.query<Epoch>(
      `SELECT ${EPOCH_COLUMNS} FROM anchor_epoch WHERE log = $1 ORDER BY epoch`,
      [this.#log],
    );
    return rows;
  }

  async addEpoch(epoch: Epoch, entryIndex: bigint | null, transaction: Queryable = this.#pool): Promise<void> {
    await transaction.query(
      'INSERT INTO anchor_epoch (log, epoch, chain_id, contract, reason, entry_index, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [this.#log, epoch.epoch, epoch.chainId, epoch.contract, epoch.reason, entryIndex, epoch.createdAt],
    );
  }

  async add(anchor: NewAnchor): Promise<Anchor> {
    const { rows } = await this.#pool.query<Anchor>(
      `INSERT INTO anchor (log, epoch, size, root, transaction, nonce, raw_transaction, state, sent_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'sent', $8, $8)
       ON CONFLICT (log, epoch, transaction) DO UPDATE
         SET state = 'sent', block_number = NULL, block_hash = NULL, block_time = NULL, gas_used = NULL, updated_at = excluded.updated_at
       RETURNING ${COLUMNS}`,
      [
        this.#log,
        anchor.epoch,
        anchor.size,
        anchor.root,
        anchor.transaction,
        anchor.nonce,
        anchor.rawTransaction,
        anchor.sentAt,
      ],
    );
    if (rows[0] === undefined) throw new InvariantError('an inserted anchor was not returned');
    return rows[0];
  }

  async update(id: bigint, update: AnchorUpdate): Promise<void> {
    await this.#pool.query(
      `UPDATE anchor SET state = $3, block_number = $4, block_hash = $5, block_time = $6, gas_used = $7, updated_at = $8
       WHERE id = $1 AND log = $2`,
      [
        id,
        this.#log,
        update.state,
        update.blockNumber ?? null,
        update.blockHash ?? null,
        update.blockTime ?? null,
        update.gasUsed ?? null,
        update.updatedAt,
      ],
    );
  }

  async inState(epoch: number, states: readonly AnchorState[]): Promise<readonly Anchor[]> {
    return this.#many('WHERE log = $1 AND epoch = $2 AND state = ANY($3) ORDER BY size, id', [epoch, states]);
  }

  async confirmedSince(epoch: number, block: bigint): Promise<readonly Anchor[]> {
    return this.#many(
      `WHERE log = $1 AND epoch = $2 AND state = 'confirmed' AND block_number >= $3 ORDER BY size, id`,
      [epoch, block],
    );
  }

  async settledAbove(epoch: number, size: bigint): Promise<readonly Anchor[]> {
    return this.#many(
      `WHERE log = $1 AND epoch = $2 AND state IN ('dropped', 'failed') AND size > $3 ORDER BY id DESC LIMIT $4`,
      [epoch, size, SETTLED_LIMIT],
    );
  }

  async latestHeld(epoch: number): Promise<Anchor | null> {
    const rows = await this.#many(
      `WHERE log = $1 AND epoch = $2 AND state IN ('anchored', 'confirmed') ORDER BY size DESC LIMIT 1`,
      [epoch],
    );
    return rows[0] ?? null;
  }

  async covering(epoch: number, indexes: readonly bigint[]): Promise<readonly (CoveringAnchor | null)[]> {
    const { rows } = await this.#pool.query<Anchor & { note: string; position: bigint }>({
      name: 'anchor-covering',
      text: `SELECT position, ${COLUMNS}, checkpoint.note FROM unnest($3::bigint[]) WITH ORDINALITY AS asked (index, position)
             JOIN LATERAL (SELECT * FROM anchor WHERE log = $1 AND epoch = $2 AND state IN ('anchored', 'confirmed') AND size > asked.index
                           ORDER BY size LIMIT 1) AS anchor ON true
             JOIN checkpoint USING (log, size)`,
      values: [this.#log, epoch, indexes],
    });
    const found: (CoveringAnchor | null)[] = indexes.map(() => null);
    for (const { note, position, ...anchor } of rows) {
      found[Number(position) - 1] = { anchor, checkpoint: { size: anchor.size, root: anchor.root, note } };
    }
    return found;
  }

  async list(before: bigint | null, limit: number): Promise<readonly Anchor[]> {
    return this.#many('WHERE log = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3', [before, limit]);
  }

  async bySize(size: bigint): Promise<readonly Anchor[]> {
    return this.#many('WHERE log = $1 AND size = $2 ORDER BY id', [size]);
  }

  async #many(where: string, values: unknown[]): Promise<readonly Anchor[]> {
    const { rows } = await this.#pool.query<Anchor>(`SELECT ${COLUMNS} FROM anchor ${where}`, [this.#log, ...values]);
    return rows;
  }
}
