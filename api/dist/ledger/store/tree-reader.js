// Roots and proofs of the stored tree: plans from the verifier, hashes from tiles.
import { consistencyNodes, hashFromTile, inclusionNodes, rehash, rootNodes, emptyRoot, tileOf, tilesForNodes, } from '@medanchor/verifier';
/** Every proof is of one size that the tree has reached; tiles never change below it, so no snapshot is needed. */
export class TreeReader {
    #store;
    constructor(store) {
        this.#store = store;
    }
    async root(size) {
        if (size === 0n)
            return emptyRoot();
        const [root] = await this.#hashes([rootNodes(size)], size);
        return root;
    }
    async inclusionProof(index, size) {
        return this.#hashes(inclusionNodes(index, size), size);
    }
    /** From size 0 the proof is empty. */
    async consistencyProof(size1, size2) {
        if (size1 === 0n || size1 === size2)
            return [];
        return this.#hashes(consistencyNodes(size1, size2), size2);
    }
    async #hashes(parts, size) {
        const wanted = tilesForNodes(parts.flat(), size);
        const data = await this.#store.tiles(wanted);
        const tiles = new Map(wanted.map((tile, position) => [`${tile.level}/${tile.index}`, data[position]]));
        return rehash(parts, (node) => {
            const { level, index } = tileOf(node);
            return hashFromTile(tiles.get(`${level}/${index}`), node);
        });
    }
}
//# sourceMappingURL=tree-reader.js.map