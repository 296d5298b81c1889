// Rebuilds the log's tree leaf by leaf (RFC 6962 section 2.1) in the memory of one path: the perfect subtrees at the right
// edge, and one unfinished tile per level. Each inner node is hashed once; tiles come out as they become complete. Pure.
//
// Sizes are JavaScript numbers here: a sweep that has counted to 2^53 will not come. At the edge they are bigint.
import {
  edgeTiles,
  emptyRoot,
  hashFromTile,
  HASH_LENGTH,
  InvariantError,
  nodeHash,
  rootFromEdge,
  TILE_WIDTH,
  type Tile,
} from '@medanchor/verifier';

const TILE_HEIGHT = 8;
const TILE_OCTETS = TILE_WIDTH * HASH_LENGTH;

export class TreeRebuild {
  #size = 0;
  /** Root of the perfect subtree of 2^level leaves at the right edge, where the size has that bit. */
  readonly #subtrees: Uint8Array[] = [];
  readonly #open: { width: number; data: Buffer }[] = [];
  readonly #complete: (tile: Tile) => void;

  /** @param complete called with every tile as soon as it has all its 256 hashes, lowest level first */
  constructor(complete: (tile: Tile) => void = () => undefined) {
    this.#complete = complete;
  }

  /** Goes on from a tree whose edge is known (exactly the tiles of edgeTiles(size)). */
  static from(size: bigint, edge: readonly Tile[], complete?: (tile: Tile) => void): TreeRebuild {
    const tree = new TreeRebuild(complete);
    // Checks that the edge is complete.
    rootFromEdge(size, edge);
    tree.#size = Number(size);
    const byLevel = new Map(edge.map((tile) => [tile.level, tile]));
    for (const [level, tile] of byLevel) {
      tree.#openTile(level).width = tile.data.length / HASH_LENGTH;
      tree.#openTile(level).data.set(tile.data);
    }
    for (let level = 0, rest = size; rest > 0n; level++, rest >>= 1n) {
      const tile = byLevel.get(Math.floor(level / TILE_HEIGHT));
      if ((rest & 1n) === 0n) continue;
      if (tile === undefined) throw new InvariantError(`the edge of a tree of size ${size} lacks level ${level}`);
      tree.#subtrees[level] = hashFromTile(tile.data, { level, index: rest - 1n });
    }
    return tree;
  }

  get size(): bigint {
    return BigInt(this.#size);
  }

  /** @param leaf 32 octets */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    let level = 0;
    this.#place(0, hash);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = nodeHash(this.#subtrees[level] as Uint8Array, hash);
      level += 1;
      if (level % TILE_HEIGHT === 0) this.#place(level / TILE_HEIGHT, hash);
    }
    this.#subtrees[level] = hash;
    this.#size += 1;
  }

  root(): Uint8Array {
    let root: Uint8Array | null = null;
    for (let level = 0, rest = this.#size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const subtree = this.#subtrees[level] as Uint8Array;
      root = root === null ? subtree : nodeHash(subtree, root);
    }
    return root ?? emptyRoot();
  }

  /** The unfinished tiles at the right edge: with the size, all that is needed to go on from here. */
  edge(): readonly Tile[] {
    return edgeTiles(this.size).map(({ level, index, width }) => ({
      level,
      index,
      data: Uint8Array.from(this.#openTile(level).data.subarray(0, width * HASH_LENGTH)),
    }));
  }

  #openTile(level: number): { width: number; data: Buffer } {
    return (this.#open[level] ??= { width: 0, data: Buffer.allocUnsafe(TILE_OCTETS) });
  }

  #place(level: number, hash: Uint8Array): void {
    const open = this.#openTile(level);
    open.data.set(hash, open.width * HASH_LENGTH);
    open.width += 1;
    if (open.width < TILE_WIDTH) return;
    const index = BigInt(Math.floor(this.#size / 2 ** (TILE_HEIGHT * (level + 1))));
    this.#complete({ level, index, data: open.data });
    this.#open[level] = { width: 0, data: Buffer.allocUnsafe(TILE_OCTETS) };
  }
}
