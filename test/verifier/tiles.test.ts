// Tiles: paths, which tile holds which subtree, growing a tree tile by tile, and proofs from tiles against proofs from leaves.

import { beforeAll, describe, expect, test } from '@jest/globals';
import crypto from 'node:crypto';
import {
  consistencyNodes,
  consistencyProof,
  edgeTiles,
  extendTiles,
  formatEntryBundle,
  hashFromTile,
  inclusionNodes,
  inclusionProof,
  installSha256,
  InvariantError,
  parseEntryBundle,
  parseTilePath,
  rehash,
  rootFromEdge,
  rootFromLeaves,
  rootNodes,
  TILE_WIDTH,
  tileOf,
  tilePath,
  tilesForNodes,
  tileWidth,
  toHex,
  utf8,
  verifyInclusion,
  type ProofPart,
  type SubtreeNode,
  type Tile,
} from '@medanchor/verifier';
import fc from 'fast-check';
import { codeOf, hexes, leaves } from './support.ts';

beforeAll(() => installSha256((bytes) => crypto.hash('sha256', bytes, 'buffer')));

/** A log kept as tiles only, the way the service keeps it. */
class TileStore {
  size = 0n;
  root = rootFromLeaves([]);
  edge: readonly Tile[] = [];
  private readonly tiles = new Map<string, Uint8Array>();

  append(leafHashes: readonly Uint8Array[]): void {
    const extension = extendTiles(this.size, this.edge, leafHashes);
    for (const { level, index, data } of extension.tiles) this.tiles.set(`${level}/${index}`, data);
    ({ size: this.size, root: this.root, edge: this.edge } = extension);
  }

  /** As wide as a tree of this size has it. */
  read(level: number, index: bigint, width: number): Uint8Array {
    const data = this.tiles.get(`${level}/${index}`);
    if (data === undefined || data.length < width * 32) throw new Error(`no tile ${level}/${index} of width ${width}`);
    return data.subarray(0, width * 32);
  }

  hashes(parts: readonly ProofPart[], size: bigint): Uint8Array[] {
    const fetched = new Map(
      tilesForNodes(parts.flat(), size).map(({ level, index, width }) => [
        `${level}/${index}`,
        this.read(level, index, width),
      ]),
    );
    return rehash(parts, (node: SubtreeNode) => {
      const { level, index } = tileOf(node);
      return hashFromTile(fetched.get(`${level}/${index}`) as Uint8Array, node);
    });
  }
}

describe('a log of 65,800 entries in tiles', () => {
  const all = leaves(65800);
  const store = new TileStore();
  const sizes = [1, 2, 3, 100, 255, 256, 257, 511, 512, 513, 4096, 65535, 65536, 65537, 65791, 65792, 65793, 65800];
  const roots = new Map<number, string>();

  beforeAll(() => {
    let before = 0;
    for (const size of sizes) {
      store.append(all.slice(before, size));
      roots.set(size, toHex(store.root));
      before = size;
    }
  });

  test.each(sizes)('size %d: root from tiles, and the edge', (size) => {
    const wanted = toHex(rootFromLeaves(all.slice(0, size)));
    expect(roots.get(size)).toBe(wanted);
    expect(hexes(store.hashes([rootNodes(BigInt(size))], BigInt(size)))).toEqual([wanted]);
    const edge = edgeTiles(BigInt(size)).map(({ level, index, width }) => ({
      level,
      index,
      data: store.read(level, index, width),
    }));
    expect(toHex(rootFromEdge(BigInt(size), edge))).toBe(wanted);
  });

  test('inclusion proofs from tiles are those from leaves, around every border', () => {
    let checked = 0;
    for (const size of sizes) {
      for (const index of [0, 1, 254, 255, 256, 257, 511, 512, 65279, 65535, 65536, 65799]) {
        if (index >= size) continue;
        const [i, n] = [BigInt(index), BigInt(size)];
        const proof = store.hashes(inclusionNodes(i, n), n);
        verifyInclusion(i, n, all[index] as Uint8Array, proof, Buffer.from(roots.get(size) as string, 'hex'));
        checked++;
        if (size <= 4096) expect(hexes(proof)).toEqual(hexes(inclusionProof(i, n, all)));
      }
    }
    expect(checked).toBe(123);
  });

  test('consistency proofs from tiles are those from leaves, around every border', () => {
    for (const [size1, size2] of [
      [1, 257],
      [255, 256],
      [256, 257],
      [255, 4096],
      [512, 4096],
      [4096, 65536],
      [65535, 65793],
    ]) {
      const [n1, n2] = [BigInt(size1 as number), BigInt(size2 as number)];
      expect(hexes(store.hashes(consistencyNodes(n1, n2), n2))).toEqual(hexes(consistencyProof(n1, n2, all)));
    }
  });

  test('one entry at a time and all at once give the same tiles', () => {
    const slow = new TileStore();
    for (let i = 0; i < 520; i++) slow.append(all.slice(i, i + 1));
    const fast = new TileStore();
    fast.append(all.slice(0, 520));
    expect(toHex(slow.root)).toBe(toHex(fast.root));
    expect(slow.edge.map(({ level, index, data }) => [level, index, toHex(data)])).toEqual(
      fast.edge.map(({ level, index, data }) => [level, index, toHex(data)]),
    );
  });

  test('adding nothing changes nothing', () => {
    const again = extendTiles(store.size, store.edge, []);
    expect(again.tiles).toEqual([]);
    expect(toHex(again.root)).toBe(toHex(store.root));
    expect(extendTiles(0n, [], []).size).toBe(0n);
  });

  test('a wrong edge is refused, not extended', () => {
    const [first, ...rest] = store.edge as [Tile, ...Tile[]];
    const more = leaves(1);
    expect(codeOf(() => extendTiles(store.size, rest, more))).toBe('TILE_MALFORMED');
    expect(codeOf(() => extendTiles(store.size, [{ ...first, data: first.data.slice(32) }, ...rest], more))).toBe(
      'TILE_MALFORMED',
    );
    expect(codeOf(() => extendTiles(store.size, [{ ...first, index: first.index + 1n }, ...rest], more))).toBe(
      'TILE_MALFORMED',
    );
    expect(codeOf(() => extendTiles(store.size, store.edge, [new Uint8Array(31)]))).toBe('TREE_HASH_LENGTH');
    expect(codeOf(() => rootFromEdge(store.size, rest))).toBe('TILE_MALFORMED');
  });
});

describe('the example of tlog-tiles: a tree of 70,000', () => {
  test('edge tiles', () => {
    expect(edgeTiles(70000n)).toEqual([
      { level: 0, index: 273n, width: 112 },
      { level: 1, index: 1n, width: 17 },
      { level: 2, index: 0n, width: 1 },
    ]);
    expect(edgeTiles(256n)).toEqual([{ level: 1, index: 0n, width: 1 }]);
    expect(edgeTiles(0n)).toEqual([]);
  });

  test('widths', () => {
    expect(tileWidth(0, 272n, 70000n)).toBe(256);
    expect(tileWidth(0, 273n, 70000n)).toBe(112);
    expect(tileWidth(0, 274n, 70000n)).toBe(0);
  });
});

test('plans around 2^63 - 1 leaves stay within 63 parts and 63 nodes', () => {
  const size = 2n ** 63n - 1n;
  expect(inclusionNodes(0n, size)).toHaveLength(63);
  expect(inclusionNodes(size - 1n, size)).toHaveLength(62);
  expect(rootNodes(size)).toHaveLength(63);
  expect(consistencyNodes(1n, size)).toHaveLength(63);
  expect(codeOf(() => consistencyNodes(3n, 2n))).toBe('TREE_SIZE');
  expect(codeOf(() => rootNodes(size + 1n))).toBe('TREE_SIZE');
});

test('hashes that a tile does not hold are refused', () => {
  const tile = new Uint8Array(32 * 3);
  expect(codeOf(() => hashFromTile(tile, { level: 1, index: 1n }))).toBe('TILE_MALFORMED');
  expect(codeOf(() => hashFromTile(new Uint8Array(33), { level: 0, index: 0n }))).toBe('TILE_MALFORMED');
  expect(codeOf(() => hashFromTile(new Uint8Array(0), { level: 0, index: 0n }))).toBe('TILE_MALFORMED');
  expect(codeOf(() => hashFromTile(new Uint8Array(32 * 257), { level: 0, index: 0n }))).toBe('TILE_MALFORMED');
  expect(codeOf(() => tilesForNodes([{ level: 2, index: 1n }], 7n))).toBe('TREE_INDEX');
  expect(() => rehash([[]], () => tile)).toThrow(InvariantError);
});

describe('paths', () => {
  test.each([
    ['tile/0/000', 0, 0n, 256],
    ['tile/0/001', 0, 1n, 256],
    ['tile/0/999.p/255', 0, 999n, 255],
    ['tile/1/x001/000', 1, 1000n, 256],
    ['tile/2/x001/x234/067.p/1', 2, 1234067n, 1],
    ['tile/63/x009/x223/x372/x036/x854/x775/807', 63, 2n ** 63n - 1n, 256],
    ['tile/entries/x001/234.p/17', 'entries', 1234n, 17],
  ] as const)('%s', (text, level, index, width) => {
    expect(parseTilePath(text)).toEqual({ level, index, width });
    expect(tilePath({ level, index, width })).toBe(text);
  });

  test.each([
    '',
    '/tile/0/000',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/-01',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/x000/001',
    'tile/0/x000/x001/001',
    'tile/0/001/001',
    'tile/0/x001',
    'tile/0/X001/000',
    'tile/data/000',
    'tile/0/000/',
    'tile/0/000\n',
    'tile/0/x009/x223/x372/x036/x854/x775/808',
    'tile/0/../000',
    'tile/0/٠٠٠',
  ])('refused: %j', (text) => {
    expect(codeOf(() => parseTilePath(text))).toBe('TILE_PATH_MALFORMED');
  });

  test('every index has one path', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<(number | 'entries')[]>('entries', 0, 1, 7, 63),
        fc.bigInt(0n, 2n ** 63n - 1n),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
  });

  test('what is no tile has no path', () => {
    expect(() => tilePath({ level: 64, index: 0n, width: 1 })).toThrow(InvariantError);
    expect(() => tilePath({ level: 0, index: -1n, width: 1 })).toThrow(InvariantError);
    expect(() => tilePath({ level: 0, index: 0n, width: 0 })).toThrow(InvariantError);
    expect(TILE_WIDTH).toBe(256);
  });
});

describe('entry bundles', () => {
  test('known octets', () => {
    expect(toHex(formatEntryBundle([utf8('ab'), utf8('')]))).toBe('000261620000');
  });

  test('any entries come back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 20 }), (entries) => {
        expect(hexes(parseEntryBundle(formatEntryBundle(entries)))).toEqual(hexes(entries));
      }),
    );
  });

  test.each([
    ['nothing', []],
    ['half a length', [0]],
    ['an entry cut off', [0, 2, 1]],
    ['octets after the last entry', [0, 1, 7, 0]],
    ['257 entries', new Array<number>(2 * 257).fill(0)],
  ])('refused: %s', (_, octets) => {
    expect(codeOf(() => parseEntryBundle(Uint8Array.from(octets)))).toBe('ENTRY_BUNDLE_MALFORMED');
  });

  test('what fits no bundle is our bug', () => {
    expect(() => formatEntryBundle([])).toThrow(InvariantError);
    expect(() => formatEntryBundle(new Array<Uint8Array>(257).fill(utf8('x')))).toThrow(InvariantError);
    expect(() => formatEntryBundle([new Uint8Array(65536)])).toThrow(InvariantError);
  });
});
