import { type Queryable } from '../../database/pool.ts';

/**
 * A column of wrapped keys or encrypted values, as a rotation sees it.
 *
 * - `page` gives, in a stable order of `id`, the values after `after` whose header is none of `fresh`; damaged ones too.
 * - `replace` is a compare and swap: a value that has changed since it was read (an append, an erasure) stays as it is, and a row
 *   that somebody else holds is left out instead of waited for, so that a rotation can never dead-lock with the append path.
 */
export abstract class RotationTarget {
  /** Stable, and unique among all: `table.column`. */
  abstract readonly name: string;
  abstract page(fresh: readonly Uint8Array[], after: string | null, limit: number): Promise<readonly RotationItem[]>;
  /** Values whose header is none of `fresh`, by their header. */
  abstract stale(fresh: readonly Uint8Array[]): Promise<readonly StaleKeys[]>;
  /** @returns how many were replaced */
  abstract replace(transaction: Queryable, swaps: readonly RotationSwap[]): Promise<number>;
}

export interface RotationItem {
  readonly id: string;
  readonly wrapped: Uint8Array;
  readonly context: string;
}

export interface RotationSwap {
  readonly id: string;
  readonly old: Uint8Array;
  readonly wrapped: Uint8Array;
}

export interface StaleKeys {
  /** In hexadecimal: version and key id. */
  readonly header: string;
  readonly count: bigint;
}
