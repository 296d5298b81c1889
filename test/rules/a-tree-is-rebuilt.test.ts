// A restored log's tree is built again leaf by leaf. At every size its root is the one of the verifier's own definition, and
// its tiles are those that the integrate stage would have written.

import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { emptyRoot, extendTiles, rootFromLeaves, toHex } from '@medanchor/verifier';
import { RebuiltTree, type RebuiltTile } from '../../api/src/backup/rebuilt-tree.rules.ts';

const leaf = (index: number): Uint8Array => createHash('sha256').update(`leaf ${index}`).digest();
const show = (tiles: readonly { level: number; index: bigint; hashes: Uint8Array }[]): Map<string, string> =>
  new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, toHex(hashes)]));

describe('a rebuilt tree', () => {
  test('without a leaf', () => {
    const tree = new RebuiltTree();
    expect([tree.size, toHex(tree.root()), tree.partialTiles()]).toEqual([0n, toHex(emptyRoot()), []]);
  });

  test('has the defined root at every size up to 300', () => {
    const tree = new RebuiltTree();
    const leaves: Uint8Array[] = [];
    for (let size = 1; size <= 300; size += 1) {
      leaves.push(leaf(size));
      tree.add(leaf(size));
      expect(toHex(tree.root())).toBe(toHex(rootFromLeaves(leaves)));
    }
    expect(tree.size).toBe(300n);
  });

  test.each([1, 255, 256, 257, 512, 65_537])('has the tiles of a tree of %i leaves', (size) => {
    const leaves = Array.from({ length: size }, (_, index) => leaf(index));
    const tree = new RebuiltTree();
    const tiles: RebuiltTile[] = leaves.flatMap((hash) => [...tree.add(hash)]);
    tiles.push(...tree.partialTiles());
    const stored = extendTiles(0n, [], leaves);
    expect(show(tiles)).toEqual(show(stored.tiles.map(({ level, index, data }) => ({ level, index, hashes: data }))));
    expect(toHex(tree.root())).toBe(toHex(stored.root));
  });
});
