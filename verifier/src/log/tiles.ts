// Hashes in tiles: https://c2sp.org/tlog-tiles, height 8; docs/spec/formats.md section 7. A tile at level l holds up to 256
// consecutive hashes of perfect subtrees of 256^l leaves. Any perfect subtree of a tree can be computed from one tile.

import { VerifyError } from '../errors.ts';
import { HASH_LENGTH } from '../hash.ts';
import { assertTreeSize, nodeHash } from '../tree/hashing.ts';
import type { SubtreeNode } from '../tree/nodes.ts';
import { TILE_WIDTH } from './tile-path.ts';

export interface TileCoordinates {
  readonly level: number;
  readonly index: bigint;
  /** 1 to 256 hashes; 256 is a full tile. */
  readonly width: number;
}

const TILE_HEIGHT = 8;

/** The tile that holds a perfect subtree, and which of its hashes: `count` (a power of two) from `start` on. */
export function tileOf(node: SubtreeNode): { level: number; index: bigint; start: number; count: number } {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const rise = node.level % TILE_HEIGHT;
  const first = node.index << BigInt(rise);
  return {
    level,
    index: first >> BigInt(TILE_HEIGHT),
    start: Number(first & BigInt(TILE_WIDTH - 1)),
    count: 2 ** rise,
  };
}

/** The tiles, each once, that hold these nodes in a tree of this size, as wide as that tree has them. */
export function tilesForNodes(nodes: readonly SubtreeNode[], size: bigint): TileCoordinates[] {
  assertTreeSize(size);
  const tiles = new Map<string, TileCoordinates>();
  for (const node of nodes) {
    const { level, index, start, count } = tileOf(node);
    const width = tileWidth(level, index, size);
    if (start + count > width) {
      throw new VerifyError(
        'TREE_INDEX',
        `subtree ${node.index} of level ${node.level} is not in a tree of size ${size}`,
      );
    }
    tiles.set(tileKey(level, index), { level, index, width });
  }
  return [...tiles.values()];
}

/** Hashes that a tile has in a tree of this size; 0 when it has no such tile. */
export function tileWidth(level: number, index: bigint, size: bigint): number {
  const width = (size >> BigInt(TILE_HEIGHT * level)) - index * BigInt(TILE_WIDTH);
  return width <= 0n ? 0 : width > BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(width);
}

/** The partial tiles at the right edge, lowest level first: all that is needed to extend a tree. */
export function edgeTiles(size: bigint): TileCoordinates[] {
  assertTreeSize(size);
  const tiles: TileCoordinates[] = [];
  for (let level = 0, rest = size; rest > 0n; level++, rest >>= BigInt(TILE_HEIGHT)) {
    const width = Number(rest & BigInt(TILE_WIDTH - 1));
    if (width > 0) tiles.push({ level, index: rest >> BigInt(TILE_HEIGHT), width });
  }
  return tiles;
}

/** Hash of a perfect subtree, from the data of the tile that tileOf names. A wider version of the tile serves as well. */
export function hashFromTile(tileData: Uint8Array, node: SubtreeNode): Uint8Array {
  const { start, count } = tileOf(node);
  assertTileData(tileData);
  if ((start + count) * HASH_LENGTH > tileData.length) {
    throw new VerifyError(
      'TILE_MALFORMED',
      `hashes ${start} to ${start + count - 1} are not in a tile of ${tileData.length} octets`,
    );
  }
  return perfectRoot(tileData, start, count);
}

export function assertTileData(data: Uint8Array): void {
  if (data.length === 0 || data.length % HASH_LENGTH !== 0 || data.length > TILE_WIDTH * HASH_LENGTH) {
    throw new VerifyError(
      'TILE_MALFORMED',
      `a tile of ${data.length} octets; wanted 1 to 256 hashes of ${HASH_LENGTH}`,
    );
  }
}

/** Root over `count` (a power of two) hashes of a tile. */
export function perfectRoot(data: Uint8Array, start: number, count: number): Uint8Array {
  if (count === 1) return data.slice(start * HASH_LENGTH, (start + 1) * HASH_LENGTH);
  const half = count / 2;
  return nodeHash(perfectRoot(data, start, half), perfectRoot(data, start + half, half));
}

export function tileKey(level: number, index: bigint): string {
  return `${level}/${index}`;
}
