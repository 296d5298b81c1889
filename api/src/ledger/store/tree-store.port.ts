import { type Tile, type TileCoordinates } from '@medanchor/verifier';
import { type SignedCheckpoint, type StageSizes, type TreeHead } from '../model.ts';

/** What one run of the integrate stage works on. */
export interface IntegrationInput {
  readonly head: TreeHead;
  /** Partial tiles at the right edge of `head`. */
  readonly edge: readonly Tile[];
  /** The next entries and the leaf hashes stored beside them, from `head.size` on, without a gap. */
  readonly entries: readonly Uint8Array[];
  readonly leafHashes: readonly Uint8Array[];
}

export interface IntegrationOutput extends TreeHead {
  readonly tiles: readonly Tile[];
}

/**
 * The Merkle tree as tiles, its size and root, and the checkpoints signed over it. Checked by test/support/tree-store.contract.ts.
 *
 * - one process at a time integrates, and one signs; a call that finds the other at work does nothing and returns null.
 * - tiles only grow at their end; a crash before the commit leaves the previous tree.
 * - one checkpoint per size, sizes grow; a checkpoint is durable before `sign` returns it.
 */
export abstract class TreeStore {
  /**
   * Runs `work` on entries that are not in the tree yet: whole batches, of which the last begins within `limit` entries.
   * null when there are none or another is at it.
   */
  abstract integrate(limit: number, work: (input: IntegrationInput) => IntegrationOutput): Promise<TreeHead | null>;
  /** Signs the tree's head if it is ahead of the latest checkpoint; null when it is not, or another is at it. */
  abstract sign(work: (head: TreeHead) => string): Promise<SignedCheckpoint | null>;
  abstract head(): Promise<TreeHead>;
  /** In the order asked. A tile that is missing or too narrow is an invariant error: the tree is damaged. */
  abstract tiles(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]>;
  /** The tile as far as it exists, or null. For the public read API. */
  abstract tile(level: number, index: bigint): Promise<Uint8Array | null>;
  abstract latestCheckpoint(): Promise<SignedCheckpoint | null>;
  abstract checkpoint(size: bigint): Promise<SignedCheckpoint | null>;
  /** How far each stage has come; anchors of epoch `epoch` only. */
  abstract sizes(epoch: number): Promise<StageSizes>;
}
