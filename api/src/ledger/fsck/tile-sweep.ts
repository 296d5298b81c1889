// Compares the tree that is rebuilt from the entries with the tiles that are stored, hash by hash.
//
// A hash that differs because something below it was changed is not named again: a stored hash above level 0 counts as
// changed only when it is neither what the entries give nor what the stored tile below it gives.
import { equalBytes, rootFromLeaves, TILE_WIDTH, type Tile } from '@medanchor/verifier';
import { finding } from '../store/fsck-finding.ts';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { StoredTiles } from '../store/tile-source.ts';
import { TreeReader } from '../store/tree-reader.ts';
import { type Findings } from './findings.ts';

const HASH = 32;
const WIDTH = BigInt(TILE_WIDTH);

export class TileSweep {
  readonly #source: FsckSource;
  readonly #findings: Findings;
  readonly #size: bigint;
  readonly #root: Uint8Array;
  readonly #reader: TreeReader;
  readonly #missing = new Set<string>();
  #waiting: Tile[] = [];
  #standing: { n: bigint; stands: boolean } | null = null;

  /** @param tree size and root of the stored tree: tiles are compared up to there */
  constructor(source: FsckSource, findings: Findings, tree: { size: bigint; root: Uint8Array }) {
    this.#source = source;
    this.#findings = findings;
    this.#size = tree.size;
    this.#root = tree.root;
    this.#reader = new TreeReader(new StoredTiles({ tiles: (wanted) => source.tilesAt(wanted) }));
  }

  /** The stored leaf hashes of a range of entries, as far as the stored tree reaches. */
  async leaves(from: bigint, to: bigint): Promise<StoredLeaves> {
    const end = to < this.#size ? to : this.#size;
    if (from >= end) return new StoredLeaves(new Map());
    const first = from / WIDTH;
    const last = (end - 1n) / WIDTH;
    const rows = await this.#source.tiles(0, first, last + 1n);
    const tiles = new Map(rows.map(({ n, hashes }) => [Number(n), hashes]));
    for (let n = first; n <= last; n++) this.#assertFull(0, n, tiles.get(Number(n)));
    return new StoredLeaves(tiles);
  }

  /** Takes a tile that the rebuilt tree has completed. Level 0 is compared leaf by leaf where the entries are. */
  completed(tile: Tile): void {
    // Beyond the stored tree there is nothing to compare with yet.
    if (tile.level > 0 && (tile.index + 1n) << BigInt(8 * tile.level + 8) <= this.#size) this.#waiting.push(tile);
  }

  async compareCompleted(): Promise<void> {
    for (const tile of this.#waiting.splice(0)) await this.#compare(tile);
  }

  /** @param edge of the rebuilt tree at exactly the stored tree's size */
  async compareEdge(edge: readonly Tile[]): Promise<void> {
    for (const tile of edge) if (tile.level > 0) await this.#compare(tile);
  }

  /** @param edge of a tree that was verified before: the stored tiles must still begin with these hashes */
  async compareVerified(edge: readonly Tile[]): Promise<void> {
    for (const { level, index, data } of edge) {
      const [row] = await this.#source.tiles(level, index, index + 1n);
      if (row === undefined) continue;
      for (let at = 0; at < Math.min(data.length, row.hashes.length) / HASH; at++)
        if (row.hashes.compare(data, at * HASH, (at + 1) * HASH, at * HASH, (at + 1) * HASH) !== 0)
          this.changed(level, index, at);
    }
  }

  async #compare({ level, index, data }: Tile): Promise<void> {
    const [row] = await this.#source.tiles(level, index, index + 1n);
    this.#assertFull(level, index, row?.hashes);
    if (row === undefined) return;
    const width = Math.min(data.length, row.hashes.length) / HASH;
    const stored = row.hashes.subarray(0, width * HASH);
    if (stored.equals(data.subarray(0, width * HASH))) return;
    for (let at = 0; at < width; at++) {
      const hash = stored.subarray(at * HASH, (at + 1) * HASH);
      if (equalBytes(hash, data.subarray(at * HASH, (at + 1) * HASH))) continue;
      const below = await this.#rootOf(level - 1, index * WIDTH + BigInt(at));
      if (below === null || !equalBytes(hash, below)) this.changed(level, index, at);
    }
  }

  /** Root over a full stored tile; null when it is not full. */
  async #rootOf(level: number, index: bigint): Promise<Uint8Array | null> {
    const [row] = await this.#source.tiles(level, index, index + 1n);
    if (row?.hashes.length !== TILE_WIDTH * HASH) return null;
    return rootFromLeaves(
      Array.from({ length: TILE_WIDTH }, (_, at) => row.hashes.subarray(at * HASH, (at + 1) * HASH)),
    );
  }

  /**
   * Whether the stored tile of leaves belongs to the stored tree: it hashes to its place in the tile above, or, at the
   * right edge, all tiles together hash to the stored root. Then it is the entry that was changed, else the tile.
   */
  async stands(index: bigint): Promise<boolean> {
    const n = index / WIDTH;
    if (this.#standing?.n !== n) this.#standing = { n, stands: await this.#stands(n) };
    return this.#standing.stands;
  }

  async #stands(n: bigint): Promise<boolean> {
    if ((n + 1n) * WIDTH > this.#size) return this.rootIs(this.#size, this.#root);
    const root = await this.#rootOf(0, n);
    const [above] = await this.#source.tiles(1, n / WIDTH, n / WIDTH + 1n);
    const at = Number(n % WIDTH) * HASH;
    return root !== null && above !== undefined && equalBytes(root, above.hashes.subarray(at, at + HASH));
  }

  /** Whether the stored tiles, by themselves, have this root at this size. */
  async rootIs(size: bigint, root: Uint8Array): Promise<boolean> {
    const computed = await this.rootAt(size);
    return computed !== null && equalBytes(computed, root);
  }

  /** Root from the stored tiles alone; null when they do not reach that far. */
  async rootAt(size: bigint): Promise<Uint8Array | null> {
    if (size > this.#size) return null;
    return this.#reader.root(size).catch(() => null);
  }

  changed(level: number, n: bigint, at: number): void {
    this.#findings.add(
      finding(
        'tile-changed',
        { table: 'tile', level, tile: n.toString(), hash: at, field: 'hashes' },
        `hash ${at} of tile ${level}/${n} is not the hash of what it covers`,
      ),
    );
  }

  /** Edge tiles are compared with the tree's size in one statement (FsckSource.bounds); here those to their left. */
  #assertFull(level: number, n: bigint, hashes: Buffer | undefined): void {
    const key = `${level}/${n}`;
    if ((n + 1n) << BigInt(8 * level + 8) > this.#size || this.#missing.has(key)) return;
    if (hashes?.length === TILE_WIDTH * HASH) return;
    this.#missing.add(key);
    const where = { table: 'tile', level, tile: n.toString() };
    if (hashes === undefined) this.#findings.add(finding('tile-missing', where, `tile ${key} is not there any more`));
    else
      this.#findings.add(
        finding(
          'tile-width-wrong',
          { ...where, field: 'hashes' },
          `tile ${key} has ${hashes.length / HASH} hashes instead of ${TILE_WIDTH}`,
        ),
      );
  }
}

/** Leaf hashes as tiles have them. */
export class StoredLeaves {
  readonly #tiles: ReadonlyMap<number, Buffer>;

  constructor(tiles: ReadonlyMap<number, Buffer>) {
    this.#tiles = tiles;
  }

  /** null: no tile holds this leaf. Without a copy, since this is asked for every entry. */
  differs(index: number, leaf: Uint8Array): boolean | null {
    const tile = this.#tiles.get(Math.floor(index / TILE_WIDTH));
    const at = (index % TILE_WIDTH) * HASH;
    if (tile === undefined || tile.length < at + HASH) return null;
    return tile.compare(leaf, 0, HASH, at, at + HASH) !== 0;
  }

  leaf(index: number): Uint8Array | null {
    const tile = this.#tiles.get(Math.floor(index / TILE_WIDTH));
    const at = (index % TILE_WIDTH) * HASH;
    return tile === undefined || tile.length < at + HASH ? null : tile.subarray(at, at + HASH);
  }
}
