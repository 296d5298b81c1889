import { type NoteSigner } from '@medanchor/verifier';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type SignedCheckpoint } from '../model.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
export declare class CheckpointService {
    #private;
    constructor(trees: TreeStore, signer: NoteSigner, metrics: Metrics);
    /**
     * Signs when the tree has grown. The size is advanced by compare-and-swap in the transaction that stores the note, and
     * the note is shown to nobody before that is durable: two processes can never sign two roots of one size.
     */
    run(): Promise<SignedCheckpoint | null>;
}
