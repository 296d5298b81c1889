// Growing a tree of tiles: https://c2sp.org/tlog-tiles; docs/spec/formats.md section 7. Pure, so the integrating stage can run it
// again after a crash and write the same tiles.

import { VerifyError } from '../errors.ts';
import { HASH_LENGTH } from '../hash.ts';
import { assertHash, assertTreeSize, emptyRoot } from '../tree/hashing.ts';
import { rehashPart, rootNodes } from '../tree/nodes.ts';
import { TILE_WIDTH } from './tile-path.ts';
import { edgeTiles, hashFromTile, perfectRoot, tileKey, tileOf } from './tiles.ts';

export interface Tile {
  readonly level: number;
  readonly index: bigint;
  /** 32 octets for each hash; the tile's width is data.length / 32. */
  readonly data: Uint8Array;
}

export interface TileExtension {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Tiles that are new or wider than before, with their whole data; for each tile only its last state. */
  readonly tiles: readonly Tile[];
  /** The partial tiles at the new right edge: the `edge` of the next call. */
  readonly edge: readonly Tile[];
}

/**
 * Appends leaves to a tree of `size` leaves whose right edge is `edge` (exactly the tiles of edgeTiles(size), in any
 * order). Reads no other tile: everything to the left is already hashed into the edge.
 */
export function extendTiles(size: bigint, edge: readonly Tile[], leafHashes: readonly Uint8Array[]): TileExtension {
  const newSize = size + BigInt(leafHashes.length);
  assertTreeSize(newSize);
  for (const hash of leafHashes) assertHash(hash, 'leaf hash');

  const tiles: Tile[] = [];
  const newEdge: Tile[] = [];
  let level = 0;
  let start = size;
  let hashes = leafHashes;
  const old = oldEdge(size, edge);
  // Each level: append what came up from below to its edge tile, cut into tiles, and pass the roots of full tiles on.
  for (; start > 0n || hashes.length > 0; level++) {
    const firstIndex = start >> 8n;
    const data = joined(old.get(level), hashes);
    const fullRoots: Uint8Array[] = [];
    for (let at = 0; at < data.length; at += TILE_WIDTH * HASH_LENGTH) {
      const tile = {
        level,
        index: firstIndex + BigInt(at / (TILE_WIDTH * HASH_LENGTH)),
        data: data.slice(at, at + TILE_WIDTH * HASH_LENGTH),
      };
      if (hashes.length > 0) tiles.push(tile);
      if (tile.data.length === TILE_WIDTH * HASH_LENGTH) fullRoots.push(perfectRoot(tile.data, 0, TILE_WIDTH));
      else newEdge.push(tile);
    }
    hashes = fullRoots;
    start = firstIndex;
  }
  return { size: newSize, root: rootFromEdge(newSize, newEdge), tiles, edge: newEdge };
}

/** The root of a tree, from the tiles at its right edge alone. */
export function rootFromEdge(size: bigint, edge: readonly Tile[]): Uint8Array {
  if (size === 0n) return emptyRoot();
  const byKey = new Map(edge.map((tile) => [tileKey(tile.level, tile.index), tile.data]));
  return rehashPart(rootNodes(size), (node) => {
    const { level, index } = tileOf(node);
    const data = byKey.get(tileKey(level, index));
    if (data === undefined) throw new VerifyError('TILE_MALFORMED', `edge tile ${index} of level ${level} is missing`);
    return hashFromTile(data, node);
  });
}

/** The given edge by level, after checking that it is the edge of a tree of this size. */
function oldEdge(size: bigint, edge: readonly Tile[]): ReadonlyMap<number, Uint8Array> {
  const wanted = edgeTiles(size);
  const byKey = new Map(edge.map((tile) => [tileKey(tile.level, tile.index), tile.data]));
  if (edge.length !== wanted.length) {
    throw new VerifyError('TILE_MALFORMED', `got ${edge.length} edge tiles for size ${size}, wanted ${wanted.length}`);
  }
  return new Map(
    wanted.map(({ level, index, width }) => {
      const data = byKey.get(tileKey(level, index));
      if (data?.length !== width * HASH_LENGTH) {
        throw new VerifyError('TILE_MALFORMED', `edge tile ${index} of level ${level} must have ${width} hashes`);
      }
      return [level, data];
    }),
  );
}

function joined(data: Uint8Array | undefined, hashes: readonly Uint8Array[]): Uint8Array {
  const before = data?.length ?? 0;
  const out = new Uint8Array(before + hashes.length * HASH_LENGTH);
  if (data !== undefined) out.set(data);
  hashes.forEach((hash, i) => out.set(hash, before + i * HASH_LENGTH));
  return out;
}
