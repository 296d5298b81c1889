// The prove stage: the proof that an entry is in the log, against the smallest anchored checkpoint that covers it.
import { formatTlogProof, logIdOf, type BundleAnchor } from '@medanchor/verifier';
import { coalesce } from '../../platform/database/coalesce.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type Anchor, type Epoch, type SignedCheckpoint } from '../model.ts';
import { type AnchorStore, type CoveringAnchor } from '../store/anchor-store.port.ts';
import { type KeptTiles } from '../store/tile-source.ts';
import { TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
import { assertStoredCheckpoint } from './prove.rules.ts';

export interface EntryProof {
  /** C2SP tlog-proof text. */
  readonly text: string;
  readonly checkpoint: SignedCheckpoint;
  readonly anchor: BundleAnchor | null;
  /** The row behind `anchor`, with the times that the bundle does not carry. */
  readonly held: Anchor | null;
}

export class ProveService {
  readonly #anchors: AnchorStore;
  readonly #trees: TreeStore;
  readonly #tiles: KeptTiles;
  readonly #reader: TreeReader;
  readonly #monitor: ChainMonitor;
  readonly #logId: Uint8Array;
  readonly #covering: (asked: { readonly epoch: number; readonly index: bigint }) => Promise<CoveringAnchor | null>;
  #epoch: Epoch | null = null;

  constructor(anchors: AnchorStore, trees: TreeStore, tiles: KeptTiles, monitor: ChainMonitor, origin: string) {
    this.#anchors = anchors;
    this.#covering = coalesce(async (asked) => {
      const found = new Map<number, readonly (CoveringAnchor | null)[]>();
      for (const epoch of new Set(asked.map((one) => one.epoch))) {
        found.set(
          epoch,
          await anchors.covering(
            epoch,
            asked.map(({ index }) => index),
          ),
        );
      }
      return asked.map(({ epoch }, position) => found.get(epoch)?.[position] ?? null);
    });
    this.#trees = trees;
    this.#tiles = tiles;
    this.#reader = new TreeReader(tiles);
    this.#monitor = monitor;
    this.#logId = logIdOf(origin);
  }

  /**
   * Stable for ever once the entry is anchored. While it is not (or while the chain is not seen to be ours), the proof is
   * against the latest checkpoint and names no anchor.
   *
   * @throws {DomainError} `not-yet-integrated` when no checkpoint covers the entry yet: ask again in a second.
   */
  async prove(index: bigint): Promise<EntryProof> {
    const covering = await this.#coveringAnchor(index);
    const checkpoint = covering?.checkpoint ?? (await this.#latestOver(index));
    assertStoredCheckpoint(checkpoint);
    const hashes = await this.#reader.inclusionProof(index, checkpoint.size);
    const text = formatTlogProof({ index, hashes, checkpoint: checkpoint.note });
    if (covering === null) return { text, checkpoint, anchor: null, held: null };
    const { anchor, epoch } = covering;
    return {
      text,
      checkpoint,
      held: anchor,
      anchor: {
        chainId: epoch.chainId,
        contract: epoch.contract,
        logId: this.#logId,
        size: anchor.size,
        root: anchor.root,
        transaction: anchor.transaction,
        block: anchor.blockNumber ?? 0n,
      },
    };
  }

  /** Where an entry stands in the tree of a size that was signed. */
  inclusion(index: bigint, size: bigint): Promise<readonly Uint8Array[]> {
    return this.#reader.inclusionProof(index, size);
  }

  /** After a proof that did not hold, so that a tile that was mended meanwhile is read again. */
  forgetTiles(): void {
    this.#tiles.forget();
  }

  async #coveringAnchor(index: bigint): Promise<(CoveringAnchor & { epoch: Epoch }) | null> {
    if (!this.#monitor.anchorsVisible) return null;
    const { epoch } = this.#monitor.current;
    if (this.#epoch?.epoch !== epoch) this.#epoch = await this.#anchors.currentEpoch();
    const found = await this.#covering({ epoch, index });
    return found === null || this.#epoch === null ? null : { ...found, epoch: this.#epoch };
  }

  async #latestOver(index: bigint): Promise<SignedCheckpoint> {
    const latest = await this.#trees.latestCheckpoint();
    if (latest === null || latest.size <= index) {
      throw new DomainError(
        'not-yet-integrated',
        'this version is recorded, but no checkpoint covers it yet; ask again in a second',
        {
          retryAfterSeconds: 1,
        },
      );
    }
    return latest;
  }
}
