// The sweep's own way of building the tree, leaf by leaf, against the verifier's: roots, tiles, and going on from an edge.

import { describe, expect, test } from '@jest/globals';
import { extendTiles, leafHash, rootFromLeaves, toHex, utf8, type Tile } from '@medanchor/verifier';
import { TreeRebuild } from '../../api/src/ledger/fsck/tree-rebuild.ts';

const leaves = Array.from({ length: 66_000 }, (_, at) => leafHash(utf8(`entry ${at}`)));

const shown = (tiles: readonly Tile[]): string[] =>
  tiles.map(({ level, index, data }) => `${level}/${index} ${data.length / 32} ${toHex(data.slice(-32))}`);

test('the empty tree, and every size up to 600', () => {
  const tree = new TreeRebuild();
  expect(toHex(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  for (let size = 1; size <= 600; size++) {
    tree.append(leaves[size - 1]!);
    expect(toHex(tree.root())).toBe(toHex(rootFromLeaves(leaves.slice(0, size))));
    expect(tree.size).toBe(BigInt(size));
  }
});

test('tiles of three levels, and the edge, as the integrating stage writes them', () => {
  const complete: Tile[] = [];
  const tree = new TreeRebuild(({ level, index, data }) =>
    complete.push({ level, index, data: Uint8Array.from(data) }),
  );
  for (const leaf of leaves) tree.append(leaf);
  const { root, tiles, edge } = extendTiles(0n, [], leaves);
  expect(toHex(tree.root())).toBe(toHex(root));
  expect(shown(tree.edge())).toEqual(shown(edge));
  const full = tiles.filter(({ data }) => data.length === 8192);
  expect(shown(complete).sort()).toEqual(shown(full).sort());
  expect(complete.filter(({ level }) => level === 1)).toHaveLength(1);
});

describe('going on from an edge', () => {
  test.each([1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])('of a tree of size %i', (size) => {
    const before = new TreeRebuild();
    for (const leaf of leaves.slice(0, size)) before.append(leaf);
    const tiles: Tile[] = [];
    const tree = TreeRebuild.from(BigInt(size), before.edge(), (tile) => tiles.push(tile));
    expect(toHex(tree.root())).toBe(toHex(before.root()));
    for (const leaf of leaves.slice(size, size + 300)) {
      before.append(leaf);
      tree.append(leaf);
    }
    expect(toHex(tree.root())).toBe(toHex(before.root()));
    expect(shown(tree.edge())).toEqual(shown(before.edge()));
    expect(tiles.length).toBeGreaterThan(0);
  });

  test('an edge that is not the tree’s is refused', () => {
    const tree = new TreeRebuild();
    for (const leaf of leaves.slice(0, 300)) tree.append(leaf);
    expect(() => TreeRebuild.from(300n, tree.edge().slice(1))).toThrow('edge tile 1 of level 0 is missing');
  });
});
