// Reads one log from its first stored entry to its last and recomputes everything that is said about it: leaf hashes, version
// rows, tiles, tree root, and the root of every checkpoint. Runs in the transaction that loaded the rows, so what is wrong is found
// before anybody can use it.
import { equalBytes, leafHash, noteVerifier, openCheckpoint, parseEntry, toHex, type Tile } from '@medanchor/verifier';
import { type ClientBase } from 'pg';
import { TreeRebuild } from '../ledger/fsck/tree-rebuild.ts';
import { parseEntries } from '../ledger/store/entry-octets.ts';
import { type LogSummary } from './manifest.ts';

/**
 * Entries and checkpoints per query: bounds memory. Entries come in whole batches, so there may be one batch more; a log that
 * grew by single submissions is still read thousands of entries at a time.
 */
const ENTRIES = 2048;
const CHECKPOINTS = 1000;
/** What is wrong with a log is said once each, not a million times. */
const FINDINGS = 20;

interface VersionRow {
  readonly index: string;
  readonly leaf_hash: Buffer;
  readonly batch_first: string;
  readonly entry_offset: number;
  readonly entry_length: number;
}

export interface TreeProof {
  readonly entries: bigint;
  readonly tiles: bigint;
  readonly checkpoints: bigint;
  /** Hexadecimal, by size: the roots that were asked for, as recomputed. */
  readonly roots: ReadonlyMap<bigint, string>;
  /** Empty when everything agrees. */
  readonly findings: readonly string[];
}

/** @param sizes further sizes whose root is wanted; those beyond the tree have none */
export async function proveTree(client: ClientBase, log: LogSummary, sizes: Iterable<bigint>): Promise<TreeProof> {
  const { rows } = await client.query<{ id: number }>('SELECT id FROM log WHERE origin = $1', [log.origin]);
  return new TreeProver(client, rows[0]?.id ?? -1, log, [...sizes]).run();
}

class TreeProver {
  readonly #client: ClientBase;
  readonly #log: number;
  readonly #summary: LogSummary;
  readonly #wanted: ReadonlySet<bigint>;
  /** Tiles that the tree has completed and that are not compared yet. */
  readonly #filled: Tile[] = [];
  readonly #tree = new TreeRebuild((tile) => this.#filled.push(tile));
  readonly #treeSize: bigint;
  readonly #roots = new Map<bigint, string>();
  readonly #findings: string[] = [];
  #entries = 0n;
  #versions = 0n;
  #tiles = 0n;
  #checkpoints = 0n;
  /** Stored checkpoints that the tree has not reached yet, smallest first. */
  #ahead: { size: bigint; root: Buffer }[] = [];
  #lastRead = 0n;

  constructor(client: ClientBase, log: number, summary: LogSummary, wanted: readonly bigint[]) {
    this.#client = client;
    this.#log = log;
    this.#summary = summary;
    this.#wanted = new Set(wanted);
    this.#treeSize = BigInt(summary.size);
  }

  async run(): Promise<TreeProof> {
    await this.#readCheckpoints();
    await this.#readEntries();
    await this.#compareTiles(this.#tree.edge());
    await this.#compareEnds();
    this.#verifyNewestNote();
    return {
      entries: this.#entries,
      tiles: this.#tiles,
      checkpoints: this.#checkpoints,
      roots: this.#roots,
      findings: this.#findings,
    };
  }

  async #readEntries(): Promise<void> {
    for (;;) {
      const { rows } = await this.#client.query<{ first_index: string; entries: Buffer; leaf_hashes: Buffer }>(
        'SELECT first_index::text, entries, leaf_hashes FROM entry_batch WHERE log = $1 AND first_index >= $2 AND first_index < $2 + $3 ORDER BY entry_batch.first_index',
        [this.#log, this.#entries, ENTRIES],
      );
      if (rows.length === 0) return;
      const count = rows.reduce((sum, { leaf_hashes }) => sum + Math.ceil(leaf_hashes.length / 32), 0);
      const versions = await this.#readVersions(count);
      for (const { first_index, entries, leaf_hashes } of rows) {
        if (BigInt(first_index) !== this.#entries) {
          this.#find(`entries ${this.#entries} to ${BigInt(first_index) - 1n} are missing`);
          return;
        }
        const parsed = this.#parse(entries);
        if (parsed === null) return;
        const leaves = parsed.map(leafHash);
        this.#compareVersions(parsed, leaves, versions);
        await this.#addBatch(leaves, leaf_hashes);
      }
    }
  }

  #parse(octets: Buffer): readonly Uint8Array[] | null {
    try {
      return parseEntries(octets);
    } catch (error) {
      this.#find(`the batch at ${this.#entries} cannot be read: ${(error as Error).message}`);
      return null;
    }
  }

  /** By index: the version rows of the next entries. */
  async #readVersions(count: number): Promise<ReadonlyMap<string, VersionRow>> {
    const { rows } = await this.#client.query<VersionRow>(
      `SELECT index::text, leaf_hash, batch_first::text, entry_offset, entry_length FROM version
       WHERE log = $1 AND index >= $2 AND index < $2 + $3`,
      [this.#log, this.#entries, count],
    );
    return new Map(rows.map((row) => [row.index, row]));
  }

  /** Rows of `version` are how an entry is found again: each names its entry's place and hash, and no entry lacks one. */
  #compareVersions(
    entries: readonly Uint8Array[],
    leaves: readonly Uint8Array[],
    versions: ReadonlyMap<string, VersionRow>,
  ): void {
    let offset = 0;
    for (const [position, entry] of entries.entries()) {
      offset += 2;
      const index = this.#entries + BigInt(position);
      const row = versions.get(index.toString());
      if (row === undefined) {
        if (isVersion(entry)) this.#find(`the version of entry ${index} has no row`);
      } else {
        this.#versions += 1n;
        const isPlaced = BigInt(row.batch_first) === this.#entries && row.entry_offset === offset;
        if (
          !isPlaced ||
          row.entry_length !== entry.length ||
          !equalBytes(row.leaf_hash, leaves[position] ?? new Uint8Array())
        )
          this.#find(`the row of the version at entry ${index} does not lead to that entry`);
      }
      offset += entry.length;
    }
  }

  async #addBatch(leaves: readonly Uint8Array[], stored: Buffer): Promise<void> {
    if (stored.length !== leaves.length * 32)
      this.#find(`the batch at ${this.#entries} has ${leaves.length} entries and ${stored.length / 32} leaf hashes`);
    for (const [position, leaf] of leaves.entries()) {
      if (!equalBytes(leaf, stored.subarray(position * 32, position * 32 + 32)))
        this.#find(`entry ${this.#entries} does not hash to its leaf hash`);
      this.#entries += 1n;
      // What is sequenced and not integrated yet has its place in no tree.
      if (this.#tree.size === this.#treeSize) continue;
      this.#tree.append(leaf);
      await this.#atSize();
    }
    await this.#compareTiles(this.#filled.splice(0));
  }

  /** Compares what was signed at the size that the tree has now. */
  async #atSize(): Promise<void> {
    const { size } = this.#tree;
    const checkpoint = this.#ahead[0]?.size === size ? this.#ahead.shift() : undefined;
    if (checkpoint === undefined && !this.#wanted.has(size)) return;
    const root = this.#tree.root();
    if (this.#wanted.has(size)) this.#roots.set(size, toHex(root));
    if (checkpoint === undefined) return;
    this.#checkpoints += 1n;
    if (!equalBytes(root, checkpoint.root))
      this.#find(`the checkpoint of size ${size} has another root than the entries`);
    if (this.#ahead.length === 0) await this.#readCheckpoints();
  }

  async #readCheckpoints(): Promise<void> {
    const { rows } = await this.#client.query<{ size: string; root: Buffer }>(
      'SELECT size::text, root FROM checkpoint WHERE log = $1 AND size > $2 ORDER BY checkpoint.size LIMIT $3',
      [this.#log, this.#lastRead, CHECKPOINTS],
    );
    this.#ahead = rows.map(({ size, root }) => ({ size: BigInt(size), root }));
    this.#lastRead = this.#ahead.at(-1)?.size ?? this.#lastRead;
  }

  async #compareTiles(tiles: readonly Tile[]): Promise<void> {
    if (tiles.length === 0) return;
    const { rows } = await this.#client.query<{ level: number; n: string; hashes: Buffer }>(
      `SELECT level, n::text, hashes FROM tile JOIN unnest($2::smallint[], $3::bigint[]) AS asked (level, n) USING (level, n) WHERE log = $1`,
      [this.#log, tiles.map(({ level }) => level), tiles.map(({ index }) => index)],
    );
    const stored = new Map(rows.map(({ level, n, hashes }) => [`${level}/${n}`, hashes]));
    for (const { level, index, data } of tiles) {
      this.#tiles += 1n;
      const found = stored.get(`${level}/${index}`);
      if (found === undefined) this.#find(`tile ${level}/${index} is missing`);
      else if (!equalBytes(found, data)) this.#find(`tile ${level}/${index} is not what the entries make of it`);
    }
  }

  async #compareEnds(): Promise<void> {
    const { sequenced, root } = this.#summary;
    if (this.#entries !== BigInt(sequenced))
      this.#find(`${sequenced} entries were sequenced, ${this.#entries} are stored`);
    if (this.#tree.size !== this.#treeSize)
      this.#find(`the tree has ${this.#treeSize} entries, ${this.#tree.size} are stored`);
    else if (toHex(this.#tree.root()) !== root)
      this.#find(`the stored root of size ${this.#treeSize} is not the entries'`);
    if (this.#ahead.length > 0)
      this.#find(`a checkpoint of size ${this.#ahead[0]?.size} is signed, beyond the tree of ${this.#treeSize}`);
    const { rows } = await this.#client.query<{ versions: string; tiles: string; signed: string | null }>(
      `SELECT (SELECT count(*)::text FROM version WHERE log = $1) AS versions, (SELECT count(*)::text FROM tile WHERE log = $1) AS tiles,
         (SELECT size::text FROM log_checkpoint WHERE log = $1 AND size = coalesce((SELECT max(size) FROM checkpoint WHERE log = $1), 0)) AS signed`,
      [this.#log],
    );
    const { versions = '0', tiles = '0' } = rows[0] ?? {};
    if (BigInt(versions) !== this.#versions)
      this.#find(`${versions} version rows are stored, ${this.#versions} lead to an entry`);
    if (BigInt(tiles) !== this.#tiles) this.#find(`${tiles} tiles are stored, the entries make ${this.#tiles}`);
    if (typeof rows[0]?.signed !== 'string') this.#find('the signed size is not that of the newest checkpoint');
  }

  /** Each checkpoint's root is recomputed; the signature is checked on the newest, which covers what came before. */
  #verifyNewestNote(): void {
    const { checkpoint, verifierKey, origin } = this.#summary;
    if (checkpoint === null) return;
    try {
      const opened = openCheckpoint(checkpoint, [noteVerifier(verifierKey)]);
      if (opened.origin !== origin) this.#find(`the newest checkpoint is of the log ${opened.origin}`);
    } catch (error) {
      this.#find(`the newest checkpoint is not signed by the log's key: ${(error as Error).message}`);
    }
  }

  #find(what: string): void {
    if (this.#findings.length < FINDINGS) this.#findings.push(what);
    else if (this.#findings.length === FINDINGS) this.#findings.push('and more');
  }
}

/** What cannot be read as an entry is somebody else's doing; its place in the tree says so already. */
function isVersion(entry: Uint8Array): boolean {
  try {
    return parseEntry(entry).kind === 'record-version';
  } catch {
    return false;
  }
}
