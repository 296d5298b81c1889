import { type Queryable } from '../../auth/access-log.port.ts';
import { type RotationSwap, type RotationTarget } from './rotation-target.port.ts';

/** running: going on, or its process was killed. stopped: interrupted, or values are still written with another key. */
export type RotationState = 'running' | 'stopped' | 'finished';

export interface Rotation {
  readonly id: bigint;
  readonly state: RotationState;
  /** Headers, in hexadecimal, of the keys that were in use when it began, and of the one that wraps now. */
  readonly from: readonly string[];
  readonly to: string;
  /** Where it goes on: the target, and the last id seen in it. */
  readonly target: string | null;
  readonly cursor: string | null;
  /** Values to be wrapped again when it began; those wrapped again so far; those that could not be opened. */
  readonly total: bigint;
  readonly rewrapped: bigint;
  readonly failed: bigint;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

export interface RotationStep {
  readonly target: RotationTarget;
  readonly cursor: string;
  readonly swaps: readonly RotationSwap[];
  /** Of the pass that is going on, this page included. */
  readonly failed: bigint;
}

/**
 * Runs at the end of the transaction in which a rotation begins, is gone on with or ends, with what it is then: running, stopped or
 * finished. When it rejects, it is as it was before.
 */
export type RotationWithin = (transaction: Queryable, rotation: Pick<Rotation, 'id' | 'state'>) => Promise<void>;

/**
 * What a rotation remembers, so that it can be gone on with after a crash at any point. One goes on at a time.
 *
 * - `advance` replaces the values of one page and remembers how far it has come, in one transaction.
 */
export abstract class RotationStore {
  /** null at once when another process or call is at it. */
  abstract exclusively<T>(work: () => Promise<T>): Promise<T | null>;
  abstract latest(): Promise<Rotation | null>;
  /** Whatever still says that it is running was killed, and is stopped by this. */
  abstract begin(
    rotation: Pick<Rotation, 'from' | 'to' | 'total'>,
    at: Date,
    within: RotationWithin,
  ): Promise<Rotation>;
  abstract resume(id: bigint, at: Date, within: RotationWithin): Promise<Rotation>;
  abstract advance(id: bigint, step: RotationStep, at: Date): Promise<Rotation>;
  /** Back to the first target, for another pass over what came meanwhile. */
  abstract rewind(id: bigint, at: Date): Promise<void>;
  abstract end(id: bigint, state: 'stopped' | 'finished', at: Date, within: RotationWithin): Promise<Rotation>;
}
