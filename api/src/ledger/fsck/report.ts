// What a sweep says when it is done, and while it is going on.
import { type FsckCheckName, type FsckFinding } from '../store/fsck-finding.ts';
import { type FsckMode, type FsckSummary } from '../store/fsck-run-store.port.ts';

export interface FsckProgress {
  /** entries: hashing and comparing what is stored; records: keys and heads; heads: checkpoints, anchors, chain. */
  readonly phase: 'entries' | 'records' | 'heads';
  /** Entries read so far in `entries`, records in `records`. */
  readonly done: bigint;
  /** null when it is not known beforehand. */
  readonly total: bigint | null;
  readonly findings: bigint;
}

/** skipped says why it could not be checked, and never counts as passed. */
export interface FsckCheck {
  readonly name: FsckCheckName;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Empty when passed. */
  readonly reason: string;
}

export interface FsckReport {
  readonly run: bigint;
  readonly mode: FsckMode;
  /** Earlier run that was gone on with, after it was stopped or killed: entries before this index were read by it. */
  readonly resumedAt: bigint | null;
  /** Entries from here on were read, up to `size`. 0 in a full sweep. */
  readonly from: bigint;
  /** Number of entries in the log. */
  readonly size: bigint;
  /** Root of the tree over all of them, computed from the entries; null when some are missing. */
  readonly root: Uint8Array | null;
  /** The contract's head. `passed`: the log, as it is stored, has that root at that size. */
  readonly chain: {
    readonly status: 'passed' | 'failed' | 'skipped';
    readonly reason: string;
    readonly size: bigint | null;
    readonly root: Uint8Array | null;
  };
  readonly checks: readonly FsckCheck[];
  /** At most {@link REPORTED_FINDINGS}, in the order they were found; `findingCount` counts all. */
  readonly findings: readonly FsckFinding[];
  readonly findingCount: bigint;
  readonly entries: bigint;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly seconds: number;
}

/** Findings that a report carries; the rest is read page by page (GET /v1/fsck/findings). */
export const REPORTED_FINDINGS = 100;

export function summaryOf(report: Pick<FsckReport, 'size' | 'root' | 'chain' | 'checks'>): FsckSummary {
  const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
  return {
    size: report.size.toString(),
    root: hex(report.root),
    chain: {
      status: report.chain.status,
      reason: report.chain.reason,
      size: report.chain.size?.toString() ?? null,
      root: hex(report.chain.root),
    },
    checks: report.checks,
  };
}
