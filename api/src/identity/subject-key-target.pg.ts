// The keys of patients' pseudonyms, one for each tenant, as a target of rotation.
import { type Pool, type Queryable } from '../platform/database/pool.ts';
import { HEADER_LENGTH } from '../platform/keys/key-provider.port.ts';
import {
  RotationTarget,
  type RotationItem,
  type RotationSwap,
  type StaleKeys,
} from '../platform/keys/rotation/rotation-target.port.ts';
import { subjectKeyContext } from './subject-key.ts';

export class SubjectKeyTarget extends RotationTarget {
  readonly name = 'subject_key.wrapped_key';
  readonly #pool: Pool;

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  async page(fresh: readonly Uint8Array[], after: string | null, limit: number): Promise<readonly RotationItem[]> {
    const { rows } = await this.#pool.query<{ id: string; wrapped: Buffer }>(
      `SELECT tenant_id::text AS id, wrapped_key AS wrapped FROM subject_key
       WHERE substring(wrapped_key FOR ${HEADER_LENGTH}) <> ALL ($1::bytea[]) AND ($2::uuid IS NULL OR tenant_id > $2)
       ORDER BY tenant_id LIMIT $3`,
      [fresh, after, limit],
    );
    return rows.map(({ id, wrapped }) => ({ id, wrapped, context: subjectKeyContext(id) }));
  }

  async stale(fresh: readonly Uint8Array[]): Promise<readonly StaleKeys[]> {
    const { rows } = await this.#pool.query<StaleKeys>(
      `SELECT encode(substring(wrapped_key FOR ${HEADER_LENGTH}), 'hex') AS header, count(*) AS count FROM subject_key
       WHERE substring(wrapped_key FOR ${HEADER_LENGTH}) <> ALL ($1::bytea[]) GROUP BY 1 ORDER BY 1`,
      [fresh],
    );
    return rows;
  }

  async replace(transaction: Queryable, swaps: readonly RotationSwap[]): Promise<number> {
    const { rowCount } = await transaction.query(
      `WITH swap AS (SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS swap (id, old, wrapped)),
            free AS (SELECT tenant_id, swap.wrapped FROM subject_key JOIN swap ON tenant_id = swap.id AND wrapped_key = swap.old
                     FOR UPDATE OF subject_key SKIP LOCKED)
       UPDATE subject_key SET wrapped_key = free.wrapped FROM free WHERE subject_key.tenant_id = free.tenant_id`,
      [swaps.map(({ id }) => id), swaps.map(({ old }) => old), swaps.map(({ wrapped }) => wrapped)],
    );
    return rowCount ?? 0;
  }
}
