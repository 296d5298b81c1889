import { type FsckCheckName, type FsckFinding, type FsckSeverity } from './fsck-finding.ts';

export type FsckMode = 'full' | 'incremental';
export type FsckPhase = 'entries' | 'records' | 'done';

/** What a run has to remember to be gone on with. `seal` vouches for the rest; see ../fsck/run-memory.ts. */
export interface FsckMemory {
  readonly phase: FsckPhase;
  /** entries: the next index to read; records: the row id of the last record looked at. */
  readonly cursor: bigint;
  /** The rebuilt tree so far: its size, and the unfinished tiles at its right edge, lowest level first. */
  readonly treeSize: bigint;
  readonly edge: Uint8Array;
  readonly seal: Uint8Array;
}

/** What a finished run reports beside its findings; kept as it was given. */
export interface FsckSummary {
  readonly size: string;
  /** Hex; null when entries are missing, so that no root can be computed. */
  readonly root: string | null;
  readonly chain: {
    readonly status: 'passed' | 'failed' | 'skipped';
    readonly reason: string;
    readonly size: string | null;
    readonly root: string | null;
  };
  readonly checks: readonly {
    readonly name: FsckCheckName;
    readonly result: 'passed' | 'failed' | 'skipped';
    readonly reason: string;
  }[];
}

export interface FsckRun {
  readonly id: bigint;
  readonly mode: FsckMode;
  readonly state: 'running' | 'stopped' | 'finished';
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  /** The sweep read entries from here on. */
  readonly fromSize: bigint;
  /** How many entries were hashed again. */
  readonly entries: bigint;
  /** Working time, of all processes that took part. */
  readonly seconds: number;
  /** null while it has not finished. */
  readonly clean: boolean | null;
  readonly findingCount: bigint;
  readonly report: FsckSummary | null;
}

export interface StoredFinding extends FsckFinding {
  readonly id: bigint;
  readonly foundBy: bigint;
  readonly foundAt: Date;
  /** null while the latest sweeps still see it. */
  readonly clearedAt: Date | null;
}

/** What became of the findings of one page. */
export interface RecordedFindings {
  /** Those that no earlier run had left open. */
  readonly fresh: readonly FsckFinding[];
}

/**
 * Runs and findings of the tamper sweep.
 *
 * - `exclusively`: one sweep at a time per log over all processes; null when another is at it. The lock dies with its
 *   connection, so a killed sweep never blocks the next.
 * - a finding is *open* from the run that found it to the run that finds it gone; while it is open, seeing it again adds a
 *   sighting and nothing else.
 */
export abstract class FsckRunStore {
  abstract exclusively<T>(work: () => Promise<T>): Promise<T | null>;
  abstract begin(mode: FsckMode, fromSize: bigint, at: Date): Promise<FsckRun>;
  /** The newest run of this mode, with its memory when it kept one. */
  abstract newest(mode: FsckMode): Promise<{ run: FsckRun; memory: FsckMemory | null } | null>;
  /** The newest finished run without findings whose memory is still kept. */
  abstract newestClean(): Promise<{ run: FsckRun; memory: FsckMemory } | null>;
  abstract save(run: bigint, memory: FsckMemory, entries: bigint, seconds: number, at: Date): Promise<void>;
  abstract stop(run: bigint, at: Date): Promise<void>;
  /** The memories of older runs are dropped: the next incremental sweep goes on from this one when it is clean. */
  abstract finish(
    run: bigint,
    result: { report: FsckSummary; clean: boolean; findingCount: bigint; entries: bigint; seconds: number },
    memory: FsckMemory | null,
    at: Date,
  ): Promise<void>;
  /**
   * Stores findings that are not open yet, notes a sighting of each, and raises an integrity alarm for as many of the new
   * ones as `alarms` allows; all or nothing.
   */
  abstract record(run: bigint, findings: readonly FsckFinding[], alarms: number, at: Date): Promise<RecordedFindings>;
  abstract raiseAlarm(detail: string, at: Date): Promise<void>;
  /** Fingerprints of the open findings. */
  abstract open(): Promise<ReadonlySet<string>>;
  /** Marks as cleared what is open, belongs to one of these checks, and was not seen by this run. */
  abstract clear(run: bigint, checks: readonly FsckCheckName[], at: Date): Promise<number>;
  abstract run(id: bigint): Promise<FsckRun | null>;
  /** Newest first, below `before` (exclusive). */
  abstract runs(before: bigint | null, limit: number): Promise<readonly FsckRun[]>;
  abstract newestFinished(mode: FsckMode | null): Promise<FsckRun | null>;
  abstract openCounts(): Promise<Readonly<Record<FsckSeverity, number>>>;
  /** Oldest first, after id `after`: those that `run` saw, or those that are open when it is null. */
  abstract findings(run: bigint | null, after: bigint, limit: number): Promise<readonly StoredFinding[]>;
}
