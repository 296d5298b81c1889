// The tree over a version's leaf elements, built with merkletreejs with the option set of docs/spec/formats.md section 5.
// Producers only: whoever checks a disclosed field needs the verifier and no other library.
import { hash } from 'node:crypto';
import { MerkleTree } from 'merkletreejs';
const NODE_PREFIX = Buffer.of(0x01);
function build(leafHashes) {
    return new MerkleTree(leafHashes.map((leaf) => Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength)), (value) => hash('sha256', Buffer.concat([NODE_PREFIX, value]), 'buffer'), { hashLeaves: false, sort: false, sortLeaves: false, sortPairs: false, duplicateOdd: false, isBitcoinTree: false });
}
/** @param leafHashes at least one */
export function fieldsRoot(leafHashes) {
    return build(leafHashes).getRoot();
}
/** Siblings from the leaf upwards, for each of the leaves asked for. */
export function fieldsProofs(leafHashes, indexes) {
    const tree = build(leafHashes);
    return indexes.map((index) => tree.getProof(leafHashes[index], index).map((step) => step.data));
}
//# sourceMappingURL=fields-tree.js.map