// One run of the sweep, from the look at the chain to the report. The order matters: the chain is read first and the
// sizes of the log after it, so that an honest log is never behind the chain; everything below those sizes has stopped
// changing, so that no snapshot need be held for minutes.
import { equalBytes, type Tile } from '@medanchor/verifier';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type LogIdentity } from '../log-identity.ts';
import { type Anchor } from '../model.ts';
import { finding, FSCK_CHECKS, type FsckCheckName } from '../store/fsck-finding.ts';
import { type FsckMemory, type FsckMode, type FsckRun, type FsckRunStore } from '../store/fsck-run-store.port.ts';
import { type AccessSource } from '../store/access-source.port.ts';
import { type FsckBounds, type FsckSource } from '../store/fsck-source.port.ts';
import { AccessSweep } from './access-sweep.ts';
import { AnchorSweep, type AnchorResult } from './anchor-sweep.ts';
import { lookAtChain, type ChainSight } from './chain-view.ts';
import { CheckpointSweep } from './checkpoint-sweep.ts';
import { faultsOfCounters } from './counter.rules.ts';
import { EntrySweep } from './entry-sweep.ts';
import { ErasureSweep } from './erasure-sweep.ts';
import { faultsOfEpochs } from './epoch-sweep.ts';
import { Findings } from './findings.ts';
import { Identities } from './identities.ts';
import { type Pace } from './pace.ts';
import { RecordKeys } from './record-keys.ts';
import { RecordSweep } from './record-sweep.ts';
import { type FsckCheck, type FsckProgress, type FsckReport } from './report.ts';
import { type Remembered, type RunMemory } from './run-memory.ts';
import { SourceKeySweep } from './source-key-sweep.ts';
import { TileSweep } from './tile-sweep.ts';
import { VersionSweep } from './version-sweep.ts';

export interface SweepParts {
  readonly source: FsckSource;
  readonly access: AccessSource;
  readonly runs: FsckRunStore;
  readonly memory: RunMemory;
  readonly keys: KeyProvider;
  readonly registry: AnchorRegistry;
  readonly log: LogIdentity;
  readonly now: () => Date;
}

export interface SweepStart {
  readonly run: FsckRun;
  /** Where this run was stopped before; null when it begins. */
  readonly resumed: Remembered | null;
  /** What an earlier clean run had verified, for an incremental run that begins. */
  readonly base: Remembered | null;
}

export interface SweepResult {
  readonly report: FsckReport;
  /** For the next incremental sweep; null when the tree could not be rebuilt. */
  readonly memory: FsckMemory | null;
  /** Alarms that were raised. */
  readonly raised: number;
  /** Checks that were made completely: a finding of theirs that was not seen is gone. */
  readonly covered: readonly FsckCheckName[];
}

/** Entries between two saves of a run's memory. */
const SAVE_ENTRIES = 65_536n;
const SAVE_MS = 10_000;
const ANCHOR_PAGE = 1000;

export class Sweep {
  readonly #parts: SweepParts;
  readonly #start: SweepStart;
  readonly #mode: FsckMode;
  readonly #pace: Pace;
  readonly #progress: (progress: FsckProgress) => void;
  readonly #findings: Findings;
  readonly #began = performance.now();
  #saved = { size: 0n, at: performance.now() };
  #hashedBefore = 0n;

  private constructor(
    parts: SweepParts,
    start: SweepStart,
    findings: Findings,
    pace: Pace,
    progress: (progress: FsckProgress) => void,
  ) {
    this.#parts = parts;
    this.#start = start;
    this.#mode = start.run.mode;
    this.#findings = findings;
    this.#pace = pace;
    this.#progress = progress;
  }

  static async run(
    parts: SweepParts,
    start: SweepStart,
    pace: Pace,
    progress: (progress: FsckProgress) => void,
  ): Promise<SweepResult> {
    const before = start.resumed === null ? [] : await parts.runs.findings(start.run.id, 0n, 2000);
    const open = await parts.runs.open();
    const kept = { findings: before, count: BigInt(before.length) };
    const sweep = new Sweep(
      parts,
      start,
      new Findings(parts.runs, start.run.id, open, kept, parts.now),
      pace,
      progress,
    );
    return sweep.#run();
  }

  async #run(): Promise<SweepResult> {
    const { source, registry, log } = this.#parts;
    this.#hashedBefore = this.#start.run.entries;
    const sight = await lookAtChain(registry);
    const anchors = await this.#anchors();
    const bounds = await source.bounds();
    const to = endOf(bounds);
    for (const fault of faultsOfCounters(bounds)) this.#findings.add(fault);
    const tree = bounds.tree ?? { size: 0n, root: new Uint8Array(32) };
    const tiles = new TileSweep(source, this.#findings, tree);
    const keys = new RecordKeys(source, this.#parts.keys, this.#findings, log.id);
    const records = new RecordSweep(source, this.#findings, keys, this.#pace);
    const begin = await this.#begin(to, tree.size, tiles);
    const identities = new Identities(this.#findings);
    const access = new AccessSweep(this.#parts.access, this.#findings, this.#pace);
    const sourceKeys = new SourceKeySweep(source, this.#findings);
    const entries = new EntrySweep(
      {
        source,
        findings: this.#findings,
        keys,
        versions: new VersionSweep(source, this.#findings, keys, identities, {
          erasures: new ErasureSweep(this.#findings),
          sourceKeys,
        }),
        tiles,
        checkpoints: new CheckpointSweep(source, this.#findings, log),
        access,
        pace: this.#pace,
      },
      begin,
      tree.size,
      wantedSizes(sight, anchors),
    );
    this.#saved = { size: begin.size, at: performance.now() };
    // Also when the entries were read before: the log may have grown since.
    await this.#entries(entries, identities, records, to);
    if (this.#mode === 'full') await this.#records(entries, records);
    await access.run(this.#start.run.fromSize);
    await sourceKeys.rows(to);
    await this.#treeRoot(bounds, entries, tiles);
    const heads = await this.#heads(sight, anchors, entries, tiles, to);
    const memory =
      this.#complete(entries) && entries.size === to
        ? await this.#parts.memory.seal(this.#start.run, { phase: 'done', cursor: to, size: to, edge: entries.edge() })
        : null;
    const skipped = this.#skipped(entries, heads);
    return {
      report: this.#report(bounds, entries, heads, to, skipped),
      memory,
      raised: this.#findings.raised,
      covered: this.#mode === 'full' ? FSCK_CHECKS.filter((name) => !skipped.has(name)) : ['counters'],
    };
  }

  /** Where the entries are begun with, after what an earlier run verified has been compared with what is stored now. */
  async #begin(to: bigint, treeSize: bigint, tiles: TileSweep): Promise<{ size: bigint; edge: readonly Tile[] }> {
    const known = this.#start.resumed ?? this.#start.base;
    if (known === null) return { size: 0n, edge: [] };
    if (known.size > to) {
      this.#findings.add(
        finding(
          'entries-missing',
          { table: 'entry_batch', from: to.toString(), to: known.size.toString() },
          `an earlier sweep read ${known.size} entries, but the log has only ${to}`,
        ),
      );
      return { size: 0n, edge: [] };
    }
    if (known.size <= treeSize) await tiles.compareVerified(known.edge);
    return known;
  }

  async #entries(entries: EntrySweep, identities: Identities, records: RecordSweep, to: bigint): Promise<void> {
    const tell = (): void =>
      this.#progress({ phase: 'entries', done: entries.size, total: to, findings: this.#findings.count });
    tell();
    await entries.run(to, async (touched) => {
      if (this.#mode === 'incremental') await records.runFor(touched);
      await this.#findings.flush();
      if (!entries.broken) await this.#save(entries, 'entries', entries.size);
      tell();
      this.#pace.check();
    });
    identities.close();
    await this.#findings.flush();
  }

  async #records(entries: EntrySweep, records: RecordSweep): Promise<void> {
    const { resumed } = this.#start;
    await records.run(resumed?.phase === 'records' ? resumed.cursor : 0n, async (last, done) => {
      await this.#findings.flush();
      if (!entries.broken) await this.#save(entries, 'records', last);
      this.#progress({ phase: 'records', done, total: null, findings: this.#findings.count });
      this.#pace.check();
    });
  }

  async #save(entries: EntrySweep, phase: 'entries' | 'records', cursor: bigint): Promise<void> {
    const now = performance.now();
    const due = entries.size - this.#saved.size >= SAVE_ENTRIES || now - this.#saved.at >= SAVE_MS;
    if (!due && !this.#pace.stopped) return;
    this.#saved = { size: entries.size, at: now };
    const { runs, memory } = this.#parts;
    const { run } = this.#start;
    const sealed = await memory.seal(run, { phase, cursor, size: entries.size, edge: entries.edge() });
    await runs.save(run.id, sealed, this.#hashedBefore + entries.hashed, this.#seconds(), this.#parts.now());
  }

  /** The counter's root, when it is neither that of the entries nor that of the stored tiles. */
  async #treeRoot({ tree }: FsckBounds, entries: EntrySweep, tiles: TileSweep): Promise<void> {
    const rebuilt = tree === null ? null : entries.rootAt(tree.size);
    if (tree === null || rebuilt === null || equalBytes(rebuilt, tree.root)) return;
    if (this.#findings.firstBadEntry !== null && (await tiles.rootIs(tree.size, tree.root))) return;
    this.#findings.add(
      finding(
        'tree-root-wrong',
        { table: 'log_tree', field: 'root' },
        `the tree's root at size ${tree.size} is not the root of the stored entries`,
      ),
    );
  }

  async #heads(
    sight: ChainSight,
    anchors: readonly Anchor[],
    entries: EntrySweep,
    tiles: TileSweep,
    to: bigint,
  ): Promise<AnchorResult> {
    const { source, registry, log } = this.#parts;
    this.#progress({ phase: 'heads', done: 0n, total: null, findings: this.#findings.count });
    const epochs = await source.epochs();
    for (const fault of await faultsOfEpochs(source, epochs)) this.#findings.add(fault);
    const result = await new AnchorSweep({
      findings: this.#findings,
      registry,
      anchors: () => this.#anchors(),
      rootAt: async (size) => entries.rootAt(size) ?? (await this.#rootBefore(size, tiles)),
      complete: this.#complete(entries),
      storedRootAt: (size) => tiles.rootAt(size),
    }).run(sight, anchors, epochs.at(-1) ?? null, to, log);
    await this.#findings.flush();
    return result;
  }

  /** Before it was stopped this very run has compared the stored tiles, hash by hash; they serve for what lies before. */
  async #rootBefore(size: bigint, tiles: TileSweep): Promise<Uint8Array | null> {
    const { resumed } = this.#start;
    return resumed !== null && size < resumed.size && this.#mode === 'full' ? tiles.rootAt(size) : null;
  }

  async #anchors(): Promise<readonly Anchor[]> {
    const found: Anchor[] = [];
    for (let after = 0n; ;) {
      const rows = await this.#parts.source.anchors(after, ANCHOR_PAGE);
      found.push(...rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < ANCHOR_PAGE) return found;
      after = last.id;
    }
  }

  /** Every entry was there and could be hashed. */
  #complete(entries: EntrySweep): boolean {
    return !entries.broken && !this.#findings.has('entries-missing') && !this.#findings.has('batch-unreadable');
  }

  #report(
    bounds: FsckBounds,
    entries: EntrySweep,
    { chain }: AnchorResult,
    to: bigint,
    skipped: ReadonlyMap<FsckCheckName, string>,
  ): FsckReport {
    const { run, resumed } = this.#start;
    return {
      run: run.id,
      mode: run.mode,
      resumedAt: resumed?.size ?? null,
      from: run.fromSize,
      size: bounds.nextIndex ?? bounds.stored,
      root: this.#complete(entries) && entries.size === to ? entries.root() : null,
      chain,
      checks: FSCK_CHECKS.map((name) => this.#check(name, skipped.get(name))),
      findings: this.#findings.reported,
      findingCount: this.#findings.count,
      entries: this.#hashedBefore + entries.hashed,
      startedAt: run.startedAt,
      finishedAt: this.#parts.now(),
      seconds: this.#seconds(),
    };
  }

  #check(name: FsckCheckName, skipped: string | undefined): FsckCheck {
    const { fromSize } = this.#start.run;
    const note = fromSize === 0n ? '' : `what is new since the sweep of size ${fromSize}`;
    if (this.#findings.failed(name)) return { name, result: 'failed', reason: skipped ?? 'see the findings' };
    return skipped === undefined
      ? { name, result: 'passed', reason: note }
      : { name, result: 'skipped', reason: skipped };
  }

  #skipped(entries: EntrySweep, { chain, anchorsSkipped }: AnchorResult): ReadonlyMap<FsckCheckName, string> {
    const skipped = new Map<FsckCheckName, string>();
    if (entries.broken) {
      const reason = `entries are gone, and the tree cannot be rebuilt beyond size ${entries.size}`;
      for (const name of ['tiles', 'checkpoints'] as const) skipped.set(name, reason);
    }
    if (anchorsSkipped !== '') skipped.set('anchors', anchorsSkipped);
    if (chain.status === 'skipped') skipped.set('chain', chain.reason);
    return skipped;
  }

  #seconds(): number {
    return this.#start.run.seconds + (performance.now() - this.#began) / 1000;
  }
}

/** Where the log should end, by whoever says most: what is missing before that is named. */
function endOf({ nextIndex, stored, tree, latestCheckpoint }: FsckBounds): bigint {
  return [nextIndex ?? 0n, tree?.size ?? 0n, latestCheckpoint?.size ?? 0n].reduce((a, b) => (a > b ? a : b), stored);
}

function wantedSizes(sight: ChainSight, anchors: readonly Anchor[]): Set<bigint> {
  const sizes = new Set(anchors.map(({ size }) => size));
  if (!sight.seen) return sizes;
  if (sight.head !== null) sizes.add(sight.head.size);
  for (const { size } of sight.announced ?? []) sizes.add(size);
  return sizes;
}
