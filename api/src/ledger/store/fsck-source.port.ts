import { type TileCoordinates } from '@medanchor/verifier';
import { type Anchor, type Epoch, type KeyHolder, type SignedCheckpoint, type TreeHead } from '../model.ts';

/** A batch's row as it is stored; nothing of it is believed. */
export interface FsckBatchRow {
  readonly firstIndex: bigint;
  readonly entryCount: number;
  readonly entries: Buffer;
  readonly leafHashes: Buffer;
}

export interface FsckVersionRow {
  readonly index: bigint;
  readonly record: bigint;
  readonly seq: bigint;
  /** null: cleared, with an erased record. */
  readonly versionId: string | null;
  readonly leafHash: Buffer;
  readonly batchFirst: bigint;
  readonly entryOffset: number;
  readonly entryLength: number;
  readonly activity: string;
  readonly scheme: string;
  readonly mediaType: string;
  readonly componentNames: string;
  readonly componentCommitments: Buffer;
  /** `YYYY-MM-DDThh:mm:ss.uuuuuuZ`: with the microseconds that an entry's time does not have. */
  readonly recordedAt: string;
  /** Index and leaf hash in the row of the record's version before; null when there is no such row. */
  readonly previousIndex: bigint | null;
  readonly previousLeaf: Buffer | null;
}

export interface FsckRecordRow {
  readonly id: bigint;
  /** Row id of the log that it belongs to. */
  readonly log: number;
  readonly sourceId: string;
  /** Name and key; null when they are erased. */
  readonly recordId: string | null;
  readonly recordRef: Buffer;
  /** null: the source keeps the key, or it is gone. */
  readonly wrappedKey: Buffer | null;
  readonly keyHolder: KeyHolder;
  /** `erased_at` is set. */
  readonly erased: boolean;
}

/** A row of `erasure`, with the record that it speaks of as that stands now. */
export interface FsckErasureRow {
  readonly index: bigint;
  readonly record: bigint;
  readonly sourceId: string;
  readonly recordRef: Buffer;
  readonly seq: bigint;
  readonly leafHash: Buffer;
  readonly basis: string;
  readonly versions: bigint;
  /** As in {@link FsckVersionRow.recordedAt}. */
  readonly erasedAt: string;
  /** null: there is no such record. `whole`: key, name and subject are gone, and so is what opens its versions. */
  readonly state: {
    readonly recordRef: Buffer;
    readonly headSeq: bigint;
    readonly headLeaf: Buffer | null;
    readonly whole: boolean;
  } | null;
}

/** A key's row as it is stored; nothing of it is believed. */
export interface FsckSourceKeyRow {
  readonly source: string;
  readonly keyId: string;
  readonly jwk: unknown;
  readonly registeredIndex: bigint;
  readonly revokedIndex: bigint | null;
  readonly replacedBy: string | null;
}

/** A record's row against its versions, as one statement sees both. */
export interface FsckRecordHead extends FsckRecordRow {
  readonly headSeq: bigint;
  readonly headLeaf: Buffer | null;
  /** How many version rows there are, and the one with the largest number. */
  readonly versions: bigint;
  readonly newestSeq: bigint | null;
  readonly newestLeaf: Buffer | null;
  /** A row of `erasure` speaks of it, for an entry that was sequenced. */
  readonly hasErasure: boolean;
}

export interface FsckSourceRow {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
}

/** Where the log ends, as one statement sees it. What is below these sizes never changes in an honest ledger. */
export interface FsckBounds {
  /** null: the counter's row is gone. */
  readonly nextIndex: bigint | null;
  readonly tree: TreeHead | null;
  /** Size 0: nothing was signed. */
  readonly signed: { readonly size: bigint; readonly root: Buffer | null } | null;
  /** End of the last batch row. */
  readonly stored: bigint;
  readonly latestCheckpoint: TreeHead | null;
  /** Version rows at or beyond the end of the sequence: the first of them. */
  readonly strayVersions: readonly { readonly index: bigint; readonly record: bigint; readonly seq: bigint }[];
  /** Tiles at the right edge and beyond it: what the tree's size does not ask for, or asks for otherwise. */
  readonly wrongTiles: readonly {
    readonly level: number;
    readonly n: bigint;
    readonly width: number;
    readonly wanted: number;
  }[];
}

/**
 * What the tamper sweep reads, on connections of its own. Every method is one statement and therefore sees one state of
 * the database. Rows come in the order of their index, level, size or id.
 */
export abstract class FsckSource {
  abstract bounds(): Promise<FsckBounds>;
  /** Batch rows whose first index is from `from` (inclusive) to `to` (exclusive). */
  abstract batches(from: bigint, to: bigint): Promise<readonly FsckBatchRow[]>;
  /** Smallest first index from `from` on. */
  abstract nextBatch(from: bigint): Promise<bigint | null>;
  /** The batch row that begins at or last before `index`. */
  abstract batchBefore(index: bigint): Promise<FsckBatchRow | null>;
  abstract versions(from: bigint, to: bigint): Promise<readonly FsckVersionRow[]>;
  /** Erasure rows whose index is from `from` to `to` (exclusive). */
  abstract erasures(from: bigint, to: bigint): Promise<readonly FsckErasureRow[]>;
  abstract records(ids: readonly bigint[]): Promise<readonly FsckRecordRow[]>;
  abstract recordHeads(ids: readonly bigint[]): Promise<readonly FsckRecordHead[]>;
  /** Records after row id `after`, at most `limit`. */
  abstract recordHeadsAfter(after: bigint, limit: number): Promise<readonly FsckRecordHead[]>;
  abstract sources(): Promise<readonly FsckSourceRow[]>;
  abstract sourceKeys(source: string, keyIds: readonly string[]): Promise<readonly FsckSourceKeyRow[]>;
  /** Keys registered after index `after`, in that order, at most `limit`. */
  abstract sourceKeysAfter(after: bigint, limit: number): Promise<readonly FsckSourceKeyRow[]>;
  /** Tiles of one level, from `from` to `to` (exclusive), those that there are. */
  abstract tiles(level: number, from: bigint, to: bigint): Promise<readonly { n: bigint; hashes: Buffer }[]>;
  /** As TreeStore.tiles. @throws {InvariantError} when one is missing or too narrow */
  abstract tilesAt(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]>;
  /** Checkpoints of sizes above `after` up to `to`, at most `limit`. */
  abstract checkpoints(after: bigint, to: bigint, limit: number): Promise<readonly SignedCheckpoint[]>;
  abstract epochs(): Promise<readonly (Epoch & { readonly entryIndex: bigint | null })[]>;
  abstract anchors(after: bigint, limit: number): Promise<readonly Anchor[]>;
  /** Which of these sizes have a checkpoint row. */
  abstract signedSizes(sizes: readonly bigint[]): Promise<ReadonlySet<bigint>>;
}
