// The tree as the service keeps it, in memory: grown by extendTiles in batches, proofs out of tiles by the verifier's plans.

import { extendTiles, type Tile } from '../../../verifier/src/log/extend-tiles.ts';
import { hashFromTile, tileKey, tileOf } from '../../../verifier/src/log/tiles.ts';
import {
  consistencyNodes,
  inclusionNodes,
  rehash,
  rehashPart,
  rootNodes,
  type SubtreeNode,
} from '../../../verifier/src/tree/nodes.ts';

/** As many as the sequencer makes durable together, and the integrating stage then finds. */
const BATCH = 512;

export class TileTree {
  readonly #tiles = new Map<string, Uint8Array>();
  #size = 0n;
  #edge: readonly Tile[] = [];

  static of(leafHashes: readonly Uint8Array[]): TileTree {
    const tree = new TileTree();
    for (let at = 0; at < leafHashes.length; at += BATCH) tree.append(leafHashes.slice(at, at + BATCH));
    return tree;
  }

  append(leafHashes: readonly Uint8Array[]): void {
    const { size, edge, tiles } = extendTiles(this.#size, this.#edge, leafHashes);
    for (const tile of tiles) this.#tiles.set(tileKey(tile.level, tile.index), tile.data);
    this.#size = size;
    this.#edge = edge;
  }

  get size(): bigint {
    return this.#size;
  }

  root(size: bigint): Uint8Array {
    return rehashPart(rootNodes(size), (node) => this.#hashOf(node));
  }

  inclusionProof(index: bigint, size: bigint): Uint8Array[] {
    return rehash(inclusionNodes(index, size), (node) => this.#hashOf(node));
  }

  consistencyProof(size1: bigint, size2: bigint): Uint8Array[] {
    return rehash(consistencyNodes(size1, size2), (node) => this.#hashOf(node));
  }

  #hashOf(node: SubtreeNode): Uint8Array {
    const { level, index } = tileOf(node);
    const data = this.#tiles.get(tileKey(level, index));
    if (data === undefined) throw new Error(`no tile ${String(index)} of level ${String(level)}`);
    return hashFromTile(data, node);
  }
}

/** Leaf hashes that stand for entries: the SHA-256 of their numbers. */
export function numberedLeaves(count: number, sha256: (octets: Buffer) => Uint8Array): Uint8Array[] {
  const number = Buffer.alloc(8);
  return Array.from({ length: count }, (_, n) => {
    number.writeBigUInt64BE(BigInt(n));
    return sha256(number);
  });
}
