// Builds a log's tree again from its leaf hashes, one after the other, in memory that grows with the tree's height only.
// Trusts nothing that is stored: the tiles and roots that come out are what the stored ones are compared with.
import { emptyRoot, nodeHash, TILE_WIDTH } from '@medanchor/verifier';

export interface RebuiltTile {
  readonly level: number;
  readonly index: bigint;
  readonly hashes: Uint8Array;
}

/** A node that has 2^height leaves below it. */
interface Peak {
  readonly height: number;
  readonly hash: Uint8Array;
}

/** Tiles are 8 levels high: docs/spec/formats.md section 7. */
const TILE_HEIGHT = 8;

export class RebuiltTree {
  size = 0n;
  /** Perfect subtrees from left to right, each smaller than the one before: RFC 9162 section 2.1.1 read from the left. */
  readonly #peaks: Peak[] = [];
  /** The right-most tile of each level while it is not full, and how many full ones are before it. */
  readonly #open: { hashes: Uint8Array[]; full: bigint }[] = [];

  /** @returns the tiles that this leaf has filled, lowest level first; mostly none */
  add(leaf: Uint8Array): readonly RebuiltTile[] {
    const filled: RebuiltTile[] = [];
    this.#place({ height: 0, hash: leaf }, filled);
    let node: Peak = { height: 0, hash: leaf };
    for (let left = this.#peaks.at(-1); left?.height === node.height; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      node = { height: node.height + 1, hash: nodeHash(left.hash, node.hash) };
      this.#place(node, filled);
    }
    this.#peaks.push(node);
    this.size += 1n;
    return filled;
  }

  #place({ height, hash }: Peak, filled: RebuiltTile[]): void {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const tile = (this.#open[level] ??= { hashes: [], full: 0n });
    tile.hashes.push(hash);
    if (tile.hashes.length < TILE_WIDTH) return;
    filled.push({ level, index: tile.full, hashes: joined(tile.hashes) });
    this.#open[level] = { hashes: [], full: tile.full + 1n };
  }

  /** The tiles at the right edge that are not full. */
  partialTiles(): readonly RebuiltTile[] {
    return this.#open.flatMap(({ hashes, full }, level) =>
      hashes.length === 0 ? [] : [{ level, index: full, hashes: joined(hashes) }],
    );
  }

  root(): Uint8Array {
    const [last, ...rest] = this.#peaks.map(({ hash }) => hash).reverse();
    return last === undefined ? emptyRoot() : rest.reduce((right, left) => nodeHash(left, right), last);
  }
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, position) => out.set(hash, position * 32));
  return out;
}
