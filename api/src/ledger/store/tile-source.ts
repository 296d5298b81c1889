// Where the hashes of a proof come from: the store itself, or what is kept of it in memory.
//
// A tile never changes below the size that a proof is of, so what was read once serves every later proof. Whoever asks
// whether the *stored* tree is intact (the start, the look at the chain, the sweep) reads the store.
import {
  hashFromTile,
  nodeHash,
  perfectRoot,
  tileOf,
  type SubtreeNode,
  type TileCoordinates,
} from '@medanchor/verifier';
import { LRUCache } from 'lru-cache';
import { type TreeStore } from './tree-store.port.ts';

export interface TileSource {
  /** Hashes of the subtrees that these tiles hold. @throws {InvariantError} when one is missing or too narrow */
  load(wanted: readonly TileCoordinates[]): Promise<(node: SubtreeNode) => Uint8Array>;
}

type Store = Pick<TreeStore, 'tiles'>;

export class StoredTiles implements TileSource {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async load(wanted: readonly TileCoordinates[]): Promise<(node: SubtreeNode) => Uint8Array> {
    const data = await this.#store.tiles(wanted);
    const tiles = new Map(wanted.map((tile, position) => [keyOf(tile), data[position] as Uint8Array]));
    return (node) => hashFromTile(tiles.get(keyOf(tileOf(node))) as Uint8Array, node);
  }
}

/** The least recently used tiles are given up first. */
export class KeptTiles implements TileSource {
  readonly #store: Store;
  readonly #kept: LRUCache<string, KeptTile>;

  constructor(store: Store, maxOctets: number) {
    this.#store = store;
    this.#kept = new LRUCache({ maxSize: maxOctets, sizeCalculation: (tile) => tile.octets });
  }

  async load(wanted: readonly TileCoordinates[]): Promise<(node: SubtreeNode) => Uint8Array> {
    const tiles = wanted.map((tile) => {
      const kept = this.#kept.get(keyOf(tile));
      return kept !== undefined && kept.width >= tile.width ? kept : null;
    });
    const missing = wanted.filter((_, position) => tiles[position] === null);
    if (missing.length > 0) {
      const read = (await this.#store.tiles(missing)).values();
      wanted.forEach((tile, position) => {
        if (tiles[position] !== null) return;
        const fresh = new KeptTile(read.next().value as Uint8Array);
        tiles[position] = fresh;
        this.#kept.set(keyOf(tile), fresh);
      });
    }
    // A proof is made of a handful of tiles: looking through them is cheaper than a key for each of its nodes.
    return (node) => {
      const { level, index, start, count } = tileOf(node);
      const at = wanted.findIndex((tile) => tile.level === level && tile.index === index);
      return (tiles[at] as KeptTile).root(start, count);
    };
  }

  /** After a proof that did not hold: what was kept may have been damaged when it was read, and mended since. */
  forget(): void {
    this.#kept.clear();
  }
}

/** Smaller subtrees are hashed each time: at most four hashes for a proof, for half of the memory. */
const KEPT_FROM = 4;
/** Where the nodes over `count` hashes begin: all of a tile's nodes from KEPT_FROM up, smallest first. */
const FIRST: ReadonlyMap<number, number> = new Map([
  [4, 0],
  [8, 64],
  [16, 96],
  [32, 112],
  [64, 120],
  [128, 124],
  [256, 126],
]);
const NODES = 127;

/** A tile with its inner nodes, each computed when it is first asked for. */
class KeptTile {
  readonly #data: Uint8Array;
  readonly #nodes = new Uint8Array(NODES * 32);
  readonly #known = new Uint8Array(NODES);

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get width(): number {
    return this.#data.length / 32;
  }

  get octets(): number {
    return this.#data.length + NODES * 33 + 512;
  }

  /** Root over `count` (a power of two) of its hashes, from `start` on. */
  root(start: number, count: number): Uint8Array {
    if (count < KEPT_FROM) return perfectRoot(this.#data, start, count);
    const at = (FIRST.get(count) as number) + start / count;
    if (this.#known[at] === 0) {
      const half = count / 2;
      this.#nodes.set(nodeHash(this.root(start, half), this.root(start + half, half)), at * 32);
      this.#known[at] = 1;
    }
    return this.#nodes.subarray(at * 32, at * 32 + 32);
  }
}

function keyOf({ level, index }: { level: number; index: bigint }): string {
  return `${level}/${index}`;
}
