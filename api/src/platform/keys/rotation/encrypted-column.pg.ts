// A column of encrypted text values as a target of rotation. Its rows are few beside the records', so they are paged by the
// text of their primary key.
import { HEADER_LENGTH } from '../key-provider.port.ts';
import { type Pool, type Queryable } from '../../database/pool.ts';
import { FIELD_FORMAT, fieldContext, formatField, parseField } from '../field-cipher.ts';
import { RotationTarget, type RotationItem, type RotationSwap, type StaleKeys } from './rotation-target.port.ts';
import { type EncryptedColumn } from './rotation-targets.ts';

const PLAIN = /^[a-z_][a-z0-9_]*$/;
/** Characters before the header, and up to its end. */
const BEFORE = FIELD_FORMAT.length + 1;
const PREFIX = BEFORE + 2 * HEADER_LENGTH;

export class EncryptedColumnTarget extends RotationTarget {
  readonly name: string;
  readonly #pool: Pool;
  readonly #column: EncryptedColumn;

  constructor(pool: Pool, column: EncryptedColumn) {
    super();
    for (const name of [column.table, column.column, column.id])
      if (!PLAIN.test(name)) throw new TypeError('table, column and id of an encrypted column are plain SQL names');
    this.#pool = pool;
    this.#column = column;
    this.name = `${column.table}.${column.column}`;
  }

  async page(fresh: readonly Uint8Array[], after: string | null, limit: number): Promise<readonly RotationItem[]> {
    const { table, column, id } = this.#column;
    const { rows } = await this.#pool.query<{ id: string; stored: string }>(
      `SELECT ${id}::text AS id, ${column} AS stored FROM ${table}
       WHERE ${column} IS NOT NULL AND left(${column}, ${PREFIX}) <> ALL ($1::text[]) AND ($2::text IS NULL OR ${id}::text COLLATE "C" > $2)
       ORDER BY ${id}::text COLLATE "C" LIMIT $3`,
      [fresh.map(prefixOf), after, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      // What is not of the form cannot be opened, and is counted as that.
      wrapped: parseField(row.stored) ?? new Uint8Array(),
      context: fieldContext({ table, column, row: row.id }),
    }));
  }

  async stale(fresh: readonly Uint8Array[]): Promise<readonly StaleKeys[]> {
    const { table, column } = this.#column;
    const { rows } = await this.#pool.query<StaleKeys>(
      `SELECT substring(${column} FROM ${BEFORE + 1} FOR ${2 * HEADER_LENGTH}) AS header, count(*) AS count FROM ${table}
       WHERE ${column} IS NOT NULL AND left(${column}, ${PREFIX}) <> ALL ($1::text[]) GROUP BY 1 ORDER BY 1`,
      [fresh.map(prefixOf)],
    );
    return rows;
  }

  async replace(transaction: Queryable, swaps: readonly RotationSwap[]): Promise<number> {
    const { table, column, id } = this.#column;
    const { rowCount } = await transaction.query(
      `WITH swap AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS swap (id, old, wrapped)),
            free AS (SELECT target.${id} AS key, swap.wrapped FROM ${table} AS target JOIN swap ON target.${id}::text = swap.id AND target.${column} = swap.old
                     FOR UPDATE OF target SKIP LOCKED)
       UPDATE ${table} AS target SET ${column} = free.wrapped FROM free WHERE target.${id} = free.key`,
      [
        swaps.map(({ id: row }) => row),
        swaps.map(({ old }) => formatField(old)),
        swaps.map(({ wrapped }) => formatField(wrapped)),
      ],
    );
    return rowCount ?? 0;
  }
}

function prefixOf(header: Uint8Array): string {
  return `${FIELD_FORMAT}.${Buffer.from(header).toString('hex')}`;
}
