// Roots and proofs of the stored tree: plans from the verifier, hashes from tiles.
import {
  consistencyNodes,
  inclusionNodes,
  rehash,
  rootNodes,
  emptyRoot,
  tilesForNodes,
  type ProofPart,
} from '@medanchor/verifier';
import { type TileSource } from './tile-source.ts';

/** Every proof is of one size that the tree has reached; tiles never change below it, so no snapshot is needed. */
export class TreeReader {
  readonly #tiles: TileSource;

  constructor(tiles: TileSource) {
    this.#tiles = tiles;
  }

  async root(size: bigint): Promise<Uint8Array> {
    if (size === 0n) return emptyRoot();
    const [root] = await this.#hashes([rootNodes(size)], size);
    return root as Uint8Array;
  }

  async inclusionProof(index: bigint, size: bigint): Promise<readonly Uint8Array[]> {
    return this.#hashes(inclusionNodes(index, size), size);
  }

  /** From size 0 the proof is empty. */
  async consistencyProof(size1: bigint, size2: bigint): Promise<readonly Uint8Array[]> {
    if (size1 === 0n || size1 === size2) return [];
    return this.#hashes(consistencyNodes(size1, size2), size2);
  }

  async #hashes(parts: readonly ProofPart[], size: bigint): Promise<readonly Uint8Array[]> {
    return rehash(parts, await this.#tiles.load(tilesForNodes(parts.flat(), size)));
  }
}
