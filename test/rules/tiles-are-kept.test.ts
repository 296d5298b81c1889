// KeptTiles: every node that a proof needs, from tiles that are read once; a tile that has grown is read again; the memory is
// bounded; what is forgotten is read again.

import { describe, expect, test } from '@jest/globals';
import {
  extendTiles,
  leafHash,
  rootFromLeaves,
  tilesForNodes,
  toHex,
  utf8,
  verifyInclusion,
  type TileCoordinates,
} from '@medanchor/verifier';
import { KeptTiles, StoredTiles } from '../../api/src/ledger/store/tile-source.ts';
import { TreeReader } from '../../api/src/ledger/store/tree-reader.ts';

const SIZE = 1000;
const leaves = Array.from({ length: SIZE }, (_, at) => leafHash(utf8(`entry ${at}`)));

/** The tiles of a tree that grows, and which of them were read. */
class Shelf {
  readonly read: string[] = [];
  size = BigInt(SIZE);

  async tiles(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]> {
    const { tiles } = extendTiles(0n, [], leaves.slice(0, Number(this.size)));
    return wanted.map(({ level, index, width }) => {
      this.read.push(`${level}/${index} ${width}`);
      const tile = tiles.find((one) => one.level === level && one.index === index);
      if (tile === undefined || tile.data.length < width * 32) throw new Error(`no tile ${level}/${index} ${width}`);
      return tile.data.subarray(0, width * 32);
    });
  }
}

const MUCH = 1 << 24;

describe('proofs out of kept tiles', () => {
  test('are those out of stored ones, for every entry and for earlier sizes, and hold', async () => {
    const shelf = new Shelf();
    const [kept, stored] = [new TreeReader(new KeptTiles(shelf, MUCH)), new TreeReader(new StoredTiles(shelf))];
    for (const size of [1000n, 999n, 700n, 512n, 257n, 256n, 255n, 17n, 1n]) {
      expect(toHex(await kept.root(size))).toBe(toHex(rootFromLeaves(leaves.slice(0, Number(size)))));
      for (let index = 0n; index < size; index += 37n) {
        const proof = await kept.inclusionProof(index, size);
        expect(proof.map(toHex)).toEqual((await stored.inclusionProof(index, size)).map(toHex));
        verifyInclusion(index, size, leaves[Number(index)] as Uint8Array, proof, await kept.root(size));
      }
    }
  });

  test('read each tile once, and again only when more of it is needed', async () => {
    const shelf = new Shelf();
    shelf.size = 600n;
    const reader = new TreeReader(new KeptTiles(shelf, MUCH));
    for (let round = 0; round < 3; round += 1)
      for (let index = 0n; index < 600n; index += 50n) await reader.inclusionProof(index, 600n);
    expect(new Set(shelf.read).size).toBe(shelf.read.length);
    shelf.read.length = 0;
    shelf.size = 700n;
    await reader.inclusionProof(5n, 700n);
    expect(shelf.read).toEqual(['0/2 188']);
  });
});

test('beyond the memory that it may take, the tiles used last are kept', async () => {
  const shelf = new Shelf();
  const node = (index: bigint) => ({ level: 0, index });
  // Room for two tiles of 8 kB with their inner nodes.
  const tiles = new KeptTiles(shelf, 28_000);
  const use = async (...indexes: bigint[]): Promise<string[]> => {
    shelf.read.length = 0;
    for (const index of indexes) await tiles.load(tilesForNodes([node(index)], 768n));
    return [...shelf.read];
  };
  expect(await use(0n, 256n, 0n, 256n)).toEqual(['0/0 256', '0/1 256']);
  expect(await use(512n, 256n, 0n)).toEqual(['0/2 256', '0/0 256']);
});

test('what is forgotten is read again', async () => {
  const shelf = new Shelf();
  const tiles = new KeptTiles(shelf, MUCH);
  await tiles.load(tilesForNodes([{ level: 0, index: 3n }], 768n));
  tiles.forget();
  await tiles.load(tilesForNodes([{ level: 0, index: 3n }], 768n));
  expect(shelf.read).toEqual(['0/0 256', '0/0 256']);
});
