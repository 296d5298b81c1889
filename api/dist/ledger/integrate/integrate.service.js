// The integrate stage: extends the Merkle tree by everything that is sequenced.
//
// Idempotent: size, root and tiles change in one transaction, so a run that dies leaves the previous tree, and the next
// run, in this process or another, does the same work again.
import { equalBytes, extendTiles, InvariantError, leafHash } from '@medanchor/verifier';
/** Leaves per run: bounds memory and the length of the transaction. */
const RUN_LIMIT = 16_384;
export class IntegrateService {
    #trees;
    #metrics;
    constructor(trees, metrics) {
        this.#trees = trees;
        this.#metrics = metrics;
    }
    /** Runs until nothing is left; returns whether the tree grew. */
    async run() {
        let grew = false;
        for (;;) {
            const head = await this.#trees.integrate(RUN_LIMIT, extend);
            if (head === null)
                return grew;
            grew = true;
            this.#metrics.stageSize.set({ stage: 'integrated' }, Number(head.size));
        }
    }
}
/** A stored entry that no longer hashes to its stored leaf was changed behind our back: it must not enter the tree. */
function extend({ head, edge, entries, leafHashes }) {
    entries.forEach((entry, position) => {
        const expected = leafHashes[position];
        if (expected === undefined || !equalBytes(leafHash(entry), expected)) {
            throw new InvariantError(`entry ${head.size + BigInt(position)} was changed after it was sequenced: its hash is not the stored one`);
        }
    });
    return extendTiles(head.size, edge, leafHashes);
}
//# sourceMappingURL=integrate.service.js.map