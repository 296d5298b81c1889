import { type Queryable } from '../../platform/auth/access-log.port.ts';
import { type Anchor, type AnchorState, type Epoch, type SignedCheckpoint } from '../model.ts';

export interface NewAnchor {
  readonly epoch: number;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly transaction: string;
  readonly nonce: bigint;
  readonly rawTransaction: string;
  readonly sentAt: Date;
}

export interface AnchorUpdate {
  readonly state: AnchorState;
  readonly blockNumber?: bigint | null;
  readonly blockHash?: string | null;
  readonly blockTime?: Date | null;
  readonly gasUsed?: bigint | null;
  readonly updatedAt: Date;
}

export const SETTLED_LIMIT = 20;

export interface CoveringAnchor {
  readonly anchor: Anchor;
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Anchors and epochs. Checked by test/support/anchor-store.contract.ts.
 *
 * - an anchor's row is durable before its transaction leaves the process (crash in between: it is sent again from the row).
 * - the same transaction signed again (a re-org gave its nonce back) is the same anchor, `sent` once more.
 * - at most one anchor per epoch and size is held (`anchored` or `confirmed`).
 * - `exclusively` runs for one process at a time per log; another one's call returns false at once. Its lock dies with
 *   the connection, so a killed process never blocks the others.
 */
export abstract class AnchorStore {
  abstract exclusively(work: () => Promise<void>): Promise<boolean>;
  abstract currentEpoch(): Promise<Epoch | null>;
  abstract epochs(): Promise<readonly Epoch[]>;
  /** @param transaction in which the epoch's entry is written; absent for the first epoch, which has none */
  abstract addEpoch(epoch: Epoch, entryIndex: bigint | null, transaction?: Queryable): Promise<void>;
  abstract add(anchor: NewAnchor): Promise<Anchor>;
  abstract update(id: bigint, update: AnchorUpdate): Promise<void>;
  /** Anchors in one of these states, smallest size first; the newest attempt of a size last. */
  abstract inState(epoch: number, states: readonly AnchorState[]): Promise<readonly Anchor[]>;
  /** Confirmed anchors in blocks from `block` on: those that a re-org could still reach. */
  abstract confirmedSince(epoch: number, block: bigint): Promise<readonly Anchor[]>;
  /**
   * Anchors in state `dropped` or `failed` whose size is above `size`, newest first, at most {@link SETTLED_LIMIT}: those that
   * would matter if they were mined after all.
   */
  abstract settledAbove(epoch: number, size: bigint): Promise<readonly Anchor[]>;
  /** The largest held anchor of the epoch. */
  abstract latestHeld(epoch: number): Promise<Anchor | null>;
  /** For each index, in the order asked, the smallest held anchor that covers it, with its checkpoint. */
  abstract covering(epoch: number, indexes: readonly bigint[]): Promise<readonly (CoveringAnchor | null)[]>;
  /** Newest first, below `before` (exclusive). */
  abstract list(before: bigint | null, limit: number): Promise<readonly Anchor[]>;
  abstract bySize(size: bigint): Promise<readonly Anchor[]>;
}
