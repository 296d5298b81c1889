// The first and longest part of a sweep: every stored entry is hashed again, in order; the tree is rebuilt from these
// hashes alone; and everything that the database says about an entry, or about the tree at some size, is compared with it
// as the stream passes by. One page at a time.
import { equalBytes, leafHash, type EvidenceEntry, type Tile } from '@medanchor/verifier';
import { type SignedCheckpoint } from '../model.ts';
import { finding } from '../store/fsck-finding.ts';
import { type FsckErasureRow, type FsckSource, type FsckVersionRow } from '../store/fsck-source.port.ts';
import { type StoredEntry } from './batch-row.rules.ts';
import { type AccessSweep } from './access-sweep.ts';
import { type CheckpointSweep } from './checkpoint-sweep.ts';
import { entryPages, PAGE_ENTRIES, type EntryPage } from './entry-pages.ts';
import { type Findings } from './findings.ts';
import { type Pace } from './pace.ts';
import { type OpenedRecord, type RecordKeys } from './record-keys.ts';
import { type StoredLeaves, type TileSweep } from './tile-sweep.ts';
import { TreeRebuild } from './tree-rebuild.ts';
import { placeOf, readEntry } from './version-row.rules.ts';
import { type VersionSweep } from './version-sweep.ts';

export interface EntrySweepParts {
  readonly source: FsckSource;
  readonly findings: Findings;
  readonly keys: RecordKeys;
  readonly versions: VersionSweep;
  readonly tiles: TileSweep;
  readonly checkpoints: CheckpointSweep;
  readonly pace: Pace;
  readonly access: Pick<AccessSweep, 'evidence'>;
}

interface LoadedPage extends EntryPage {
  readonly versions: ReadonlyMap<number, readonly FsckVersionRow[]>;
  readonly records: ReadonlyMap<bigint, OpenedRecord>;
  readonly erasures: ReadonlyMap<number, FsckErasureRow>;
  readonly leaves: StoredLeaves;
  readonly checkpoints: ReadonlyMap<number, SignedCheckpoint>;
}

interface Suspect {
  readonly index: number;
  readonly stored: StoredEntry;
  readonly hash: Uint8Array;
  readonly rows: readonly FsckVersionRow[];
  readonly leafDiffers: boolean;
}

export class EntrySweep {
  readonly #parts: EntrySweepParts;
  readonly #tree: TreeRebuild;
  readonly #treeSize: bigint;
  readonly #wanted: readonly bigint[];
  readonly #roots = new Map<bigint, Uint8Array>();
  /** Entries are gone whose hashes nobody has: the tree cannot be rebuilt beyond. */
  #broken = false;
  #hashed = 0n;
  #edgeAtTree: readonly Tile[] | null = null;

  /**
   * @param start a tree that was rebuilt before, or size 0 with an empty edge
   * @param wanted sizes at which the root is wanted, beside those of the checkpoints
   */
  constructor(
    parts: EntrySweepParts,
    start: { readonly size: bigint; readonly edge: readonly Tile[] },
    treeSize: bigint,
    wanted: Iterable<bigint>,
  ) {
    this.#parts = parts;
    this.#tree = TreeRebuild.from(start.size, start.edge, (tile) => parts.tiles.completed(tile));
    this.#treeSize = treeSize;
    this.#wanted = [...new Set([...wanted, treeSize])]
      .filter((size) => size > start.size)
      .sort((a, b) => (a < b ? -1 : 1));
    if (treeSize === start.size) this.#edgeAtTree = start.edge;
    this.#roots.set(start.size, this.#tree.root());
  }

  get size(): bigint {
    return this.#tree.size;
  }

  /** How many entries were hashed. */
  get hashed(): bigint {
    return this.#hashed;
  }

  get broken(): boolean {
    return this.#broken;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  edge(): readonly Tile[] {
    return this.#tree.edge();
  }

  /** Root of the rebuilt tree at a size that was wanted; null when it was not reached, or lies before the start. */
  rootAt(size: bigint): Uint8Array | null {
    return this.#roots.get(size) ?? null;
  }

  /**
   * @param pageDone called between pages, when everything before `size` has been compared, with the records whose versions
   *   were on the page
   */
  async run(to: bigint, pageDone: (records: readonly bigint[]) => Promise<void>): Promise<void> {
    const { findings, tiles } = this.#parts;
    for await (const page of ahead(this.#load(this.#tree.size, to))) {
      for (const found of page.findings) findings.add(found);
      if (page.entries === null) await this.#gap(page);
      else await this.#page(page, page.entries);
      await this.#parts.access.evidence(evidenceOn(page));
      await tiles.compareCompleted();
      await pageDone([...page.records.keys()]);
    }
    if (this.#edgeAtTree !== null) await tiles.compareEdge(this.#edgeAtTree);
  }

  async *#load(from: bigint, to: bigint): AsyncGenerator<LoadedPage> {
    const { source, keys, tiles, checkpoints } = this.#parts;
    for await (const page of entryPages(source, from, to)) {
      const whole = page.entries !== null;
      const [rows, erased, leaves, signed] = await Promise.all([
        whole ? source.versions(page.from, page.to) : [],
        whole ? source.erasures(page.from, page.to) : [],
        whole ? tiles.leaves(page.from, page.to) : tiles.leaves(page.from, page.from),
        checkpoints.between(page.from, page.to),
      ]);
      const records = await keys.open([...new Set(rows.map((row) => row.record))]);
      const erasures = new Map(erased.map((row) => [Number(row.index), row]));
      yield { ...page, versions: byIndex(rows), records, erasures, leaves, checkpoints: signed };
    }
  }

  async #page(page: LoadedPage, entries: readonly StoredEntry[]): Promise<void> {
    const { versions, pace } = this.#parts;
    const suspects: Suspect[] = [];
    const first = Number(page.from);
    for (let at = 0; at < entries.length; at++) {
      const stored = entries[at] as StoredEntry;
      const index = first + at;
      const rows = page.versions.get(index) ?? NONE;
      if (stored.octets === undefined) {
        this.#grow(stored.leaf ?? page.leaves.leaf(index));
      } else {
        const hash = leafHash(stored.octets);
        this.#hashed += 1n;
        const leafDiffers = differs(stored, hash, rows, page.leaves, index);
        if (leafDiffers || page.erasures.has(index) || !versions.matches(stored, rows, page.records))
          suspects.push({ index, stored, hash, rows, leafDiffers });
        this.#grow(hash);
      }
      this.#atSize(index + 1, page.checkpoints);
      if ((at & 31) === 31 && pace.due) await pace.breathe();
    }
    for (const suspect of suspects) await this.#judge(suspect, page);
  }

  /** What is gone is filled in from the stored tiles, so that what comes after can still be compared. */
  async #gap(page: LoadedPage): Promise<void> {
    const { tiles, pace, checkpoints } = this.#parts;
    for (let from = page.from; from < page.to && !this.#broken; from += PAGE_ENTRIES) {
      const to = from + PAGE_ENTRIES < page.to ? from + PAGE_ENTRIES : page.to;
      const leaves = await tiles.leaves(from, to);
      for (let index = Number(from); index < Number(to) && !this.#broken; index++) {
        this.#grow(leaves.leaf(index));
        this.#atSize(index + 1, page.checkpoints);
      }
      await tiles.compareCompleted();
      if (pace.due) await pace.breathe();
    }
    // Of what nobody can rebuild, at least the notes.
    for (const [size, row] of page.checkpoints) if (BigInt(size) > this.size) checkpoints.check(row, null);
  }

  #grow(leaf: Uint8Array | null): void {
    if (leaf === null) this.#broken = true;
    if (leaf !== null && !this.#broken) this.#tree.append(leaf);
  }

  #atSize(size: number, checkpoints: ReadonlyMap<number, SignedCheckpoint>): void {
    const checkpoint = checkpoints.get(size);
    const root = (): Uint8Array | null => (this.#broken ? null : this.#tree.root());
    if (checkpoint !== undefined) this.#parts.checkpoints.check(checkpoint, root());
    // Few sizes are wanted, and they are passed in order.
    if (this.#broken || this.#nextWanted() !== size) return;
    this.#roots.set(BigInt(size), this.#tree.root());
    if (BigInt(size) === this.#treeSize) this.#edgeAtTree = this.#tree.edge();
    this.#wantedAt += 1;
  }

  #wantedAt = 0;

  #nextWanted(): number {
    return Number(this.#wanted[this.#wantedAt] ?? -1n);
  }

  /**
   * Four places hold the hash of one entry: its octets, the batch's leaf, the version's row, the tile. The stored tree
   * decides when the tile belongs to it; else batch and version do when they agree. Whoever says otherwise was changed.
   */
  async #judge({ index, stored, hash, rows, leafDiffers }: Suspect, page: LoadedPage): Promise<void> {
    const { tiles, versions } = this.#parts;
    let entryIsRight = true;
    if (leafDiffers) {
      const tile = page.leaves.leaf(index);
      const row = rows.length === 1 ? rows[0] : undefined;
      const agreed = stored.leaf !== undefined && (row === undefined || equalBytes(row.leafHash, stored.leaf));
      const truth =
        tile !== null && (await tiles.stands(BigInt(index)))
          ? tile
          : agreed && stored.leaf !== undefined
            ? stored.leaf
            : hash;
      entryIsRight = equalBytes(hash, truth);
      this.#accuse(index, stored, truth, { entryIsRight, row, tile });
    }
    await versions.closely(BigInt(index), stored, rows, page.records, page.erasures.get(index), entryIsRight);
  }

  #accuse(
    index: number,
    stored: StoredEntry,
    truth: Uint8Array,
    { entryIsRight, row, tile }: { entryIsRight: boolean; row: FsckVersionRow | undefined; tile: Uint8Array | null },
  ): void {
    const { findings, tiles } = this.#parts;
    const where = { table: 'entry_batch', index: index.toString(), batch: stored.batch.toString() };
    if (!entryIsRight)
      findings.add(
        finding(
          'entry-changed',
          { ...where, field: 'entries' },
          `entry ${index} was changed: its octets do not hash to the leaf that was recorded for it`,
        ),
      );
    if (stored.leaf !== undefined && !equalBytes(stored.leaf, truth))
      findings.add(
        finding(
          'leaf-hash-changed',
          { ...where, field: 'leaf_hashes' },
          `the leaf hash of entry ${index} in its batch row is not the recorded one`,
        ),
      );
    if (row !== undefined && !equalBytes(row.leafHash, truth))
      findings.add(
        finding(
          'version-changed',
          placeOf(row, 'leaf_hash'),
          `the version row at index ${index} was changed: its leaf_hash is not the recorded one`,
        ),
      );
    if (tile !== null && !equalBytes(tile, truth)) tiles.changed(0, BigInt(index) >> 8n, index % 256);
  }
}

/** Entries that commit to something outside of the log. Canonical JSON puts `commitment` first in them, and in hardly any other. */
function evidenceOn({ from, entries }: EntryPage): readonly { index: bigint; entry: EvidenceEntry }[] {
  const found: { index: bigint; entry: EvidenceEntry }[] = [];
  for (const [at, { octets }] of (entries ?? []).entries()) {
    if (octets === undefined || octets[2] !== 0x63 || octets[3] !== 0x6f) continue;
    const read = readEntry(octets);
    if ('entry' in read && read.entry.kind === 'evidence') found.push({ index: from + BigInt(at), entry: read.entry });
  }
  return found;
}

const NONE: readonly FsckVersionRow[] = [];

function differs(
  { leaf }: StoredEntry,
  hash: Uint8Array,
  rows: readonly FsckVersionRow[],
  leaves: StoredLeaves,
  index: number,
): boolean {
  if (leaf === undefined || Buffer.compare(leaf, hash) !== 0 || leaves.differs(index, hash) === true) return true;
  for (const row of rows) if (Buffer.compare(row.leafHash, hash) !== 0) return true;
  return false;
}

function byIndex(rows: readonly FsckVersionRow[]): ReadonlyMap<number, readonly FsckVersionRow[]> {
  const found = new Map<number, FsckVersionRow[]>();
  for (const row of rows) {
    const index = Number(row.index);
    const others = found.get(index);
    if (others === undefined) found.set(index, [row]);
    else others.push(row);
  }
  return found;
}

/** Asks for the next item while the current one is worked on: the database and this process take turns no more. */
async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const item = await next;
      if (item.done === true) return;
      next = items.next();
      next.catch(() => undefined);
      yield item.value;
    }
  } finally {
    await next.catch(() => undefined);
  }
}
