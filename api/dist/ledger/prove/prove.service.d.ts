import { type BundleAnchor } from '@medanchor/verifier';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type Anchor } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
export interface EntryProof {
    /** C2SP tlog-proof text. */
    readonly text: string;
    readonly anchor: BundleAnchor | null;
    /** The row behind `anchor`, with the times that the bundle does not carry. */
    readonly held: Anchor | null;
}
export declare class ProveService {
    #private;
    constructor(anchors: AnchorStore, trees: TreeStore, reader: TreeReader, monitor: ChainMonitor, origin: string);
    /**
     * Stable for ever once the entry is anchored. While it is not (or while the chain is not seen to be ours), the proof is
     * against the latest checkpoint and names no anchor.
     *
     * @throws {DomainError} `not-yet-integrated` when no checkpoint covers the entry yet: ask again in a second.
     */
    prove(index: bigint): Promise<EntryProof>;
}
