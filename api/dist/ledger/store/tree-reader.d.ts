import { type TreeStore } from './tree-store.port.ts';
/** Every proof is of one size that the tree has reached; tiles never change below it, so no snapshot is needed. */
export declare class TreeReader {
    #private;
    constructor(store: Pick<TreeStore, 'tiles'>);
    root(size: bigint): Promise<Uint8Array>;
    inclusionProof(index: bigint, size: bigint): Promise<readonly Uint8Array[]>;
    /** From size 0 the proof is empty. */
    consistencyProof(size1: bigint, size2: bigint): Promise<readonly Uint8Array[]>;
}
