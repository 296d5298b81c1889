// The checkpoint stage: signs the tree's size and root. One signature per checkpoint, never per entry.
import { formatCheckpoint, signNote } from '@medanchor/verifier';
export class CheckpointService {
    #trees;
    #signer;
    #metrics;
    constructor(trees, signer, metrics) {
        this.#trees = trees;
        this.#signer = signer;
        this.#metrics = metrics;
    }
    /**
     * Signs when the tree has grown. The size is advanced by compare-and-swap in the transaction that stores the note, and
     * the note is shown to nobody before that is durable: two processes can never sign two roots of one size.
     */
    async run() {
        const signed = await this.#trees.sign(({ size, root }) => signNote(formatCheckpoint({ origin: this.#signer.name, size, root }), [this.#signer]));
        if (signed !== null) {
            this.#metrics.stageSize.set({ stage: 'checkpointed' }, Number(signed.size));
            this.#metrics.checkpointTime.setToCurrentTime();
        }
        return signed;
    }
}
//# sourceMappingURL=checkpoint.service.js.map