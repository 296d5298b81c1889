// The keys of records as a target of rotation, and those that are reserved for records to come. A record that was erased, or
// whose source keeps the key, has none here and is passed over.
import { byteaArray, int8Array } from '../../platform/database/binary-array.ts';
import { type Pool, type Queryable } from '../../platform/database/pool.ts';
import { HEADER_LENGTH } from '../../platform/keys/key-provider.port.ts';
import {
  RotationTarget,
  type RotationItem,
  type RotationSwap,
  type StaleKeys,
} from '../../platform/keys/rotation/rotation-target.port.ts';
import { recordKeyContext } from './record-key.ts';

interface Row {
  readonly id: bigint;
  readonly wrapped_key: Buffer;
  readonly tenant_id: string;
  readonly source_id: string;
  readonly record_id: string;
}

export class RecordKeyTarget extends RotationTarget {
  readonly name: string;
  readonly #pool: Pool;
  readonly #table: 'record' | 'prepared_record';

  constructor(pool: Pool, table: 'record' | 'prepared_record' = 'record') {
    super();
    this.name = `${table}.wrapped_key`;
    this.#pool = pool;
    this.#table = table;
  }

  async page(fresh: readonly Uint8Array[], after: string | null, limit: number): Promise<readonly RotationItem[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT keyed.id, wrapped_key, tenant_id, source_id, record_id FROM ${this.#table} AS keyed JOIN source ON source.id = source_id
       WHERE keyed.id > $2 AND wrapped_key IS NOT NULL AND substring(wrapped_key FOR ${HEADER_LENGTH}) <> ALL ($1::bytea[])
       ORDER BY keyed.id LIMIT $3`,
      [fresh, after ?? '0', limit],
    );
    return rows.map((row) => ({
      id: row.id.toString(),
      wrapped: row.wrapped_key,
      context: recordKeyContext(row.tenant_id, row.source_id, row.record_id),
    }));
  }

  async stale(fresh: readonly Uint8Array[]): Promise<readonly StaleKeys[]> {
    const { rows } = await this.#pool.query<StaleKeys>(
      `SELECT encode(substring(wrapped_key FOR ${HEADER_LENGTH}), 'hex') AS header, count(*) AS count FROM ${this.#table}
       WHERE wrapped_key IS NOT NULL AND substring(wrapped_key FOR ${HEADER_LENGTH}) <> ALL ($1::bytea[]) GROUP BY 1 ORDER BY 1`,
      [fresh],
    );
    return rows;
  }

  async replace(transaction: Queryable, swaps: readonly RotationSwap[]): Promise<number> {
    const { rowCount } = await transaction.query({
      name: `${this.#table}-key-rotate`,
      text: `WITH swap AS (SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS swap (id, old, wrapped)),
                  free AS (SELECT keyed.id, swap.wrapped FROM ${this.#table} AS keyed JOIN swap ON keyed.id = swap.id AND keyed.wrapped_key = swap.old
                           FOR UPDATE OF keyed SKIP LOCKED)
             UPDATE ${this.#table} AS keyed SET wrapped_key = free.wrapped FROM free WHERE keyed.id = free.id`,
      values: [
        int8Array(swaps.map(({ id }) => BigInt(id))),
        byteaArray(swaps.map(({ old }) => old)),
        byteaArray(swaps.map(({ wrapped }) => wrapped)),
      ],
    });
    return rowCount ?? 0;
  }
}
