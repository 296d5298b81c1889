// The tamper sweep: everything that is stored, checked against itself and against the chain. One at a time per log.
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type LogIdentity } from '../log-identity.ts';
import { type AccessSource } from '../store/access-source.port.ts';
import { type FsckMode, type FsckRunStore } from '../store/fsck-run-store.port.ts';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { FsckStoppedError, Pace } from './pace.ts';
import { summaryOf, type FsckProgress, type FsckReport } from './report.ts';
import { RunMemory } from './run-memory.ts';
import { Sweep, type SweepStart } from './sweep.ts';

/** Another process sweeps this log right now. */
export class FsckBusyError extends Error {
  override readonly name = 'FsckBusyError';
}

export interface SweepOptions {
  /** full: everything. incremental: what is new since the last sweep without findings. */
  readonly mode: FsckMode;
  /** Stops the sweep; the next one of this mode goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FsckProgress) => void;
  /** background: leaves time to everything else that this process does. */
  readonly pace?: 'foreground' | 'background';
  /** Begins at the first entry even when an unfinished sweep could be gone on with. */
  readonly anew?: boolean;
}

export interface FsckParts {
  readonly source: FsckSource;
  readonly access: AccessSource;
  readonly runs: FsckRunStore;
  readonly keys: KeyProvider;
  readonly registry: AnchorRegistry;
  readonly log: LogIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** An unfinished sweep that is older is not gone on with: too much may have happened to what it has read. */
const RESUMABLE_MS = 24 * 3_600_000;

export class FsckService {
  readonly #parts: FsckParts;
  readonly #memory: RunMemory;

  constructor(parts: FsckParts) {
    this.#parts = parts;
    this.#memory = new RunMemory(parts.keys, parts.log.origin);
  }

  /**
   * Resolves with what was found, also when that is damage; findings are stored, and new ones raise an alarm.
   *
   * @throws {FsckBusyError} when another sweep of this log is going on, in this or another process
   * @throws {FsckStoppedError} when the signal was given
   */
  async sweep(options: SweepOptions): Promise<FsckReport> {
    const report = await this.#parts.runs.exclusively(() => this.#sweep(options));
    if (report === null) throw new FsckBusyError('another sweep of this log is going on');
    return report;
  }

  async #sweep({ mode, signal, onProgress, pace, anew }: SweepOptions): Promise<FsckReport> {
    const { runs, clock, logger } = this.#parts;
    const start = await this.#start(mode, anew === true);
    const { run } = start;
    logger.info({ run: run.id.toString(), mode, from: run.fromSize.toString() }, 'tamper sweep begins');
    try {
      const now = (): Date => clock.now();
      const { report, memory, raised, covered } = await Sweep.run(
        { ...this.#parts, memory: this.#memory, now },
        start,
        new Pace(pace ?? 'foreground', signal),
        onProgress ?? (() => undefined),
      );
      const clean = report.findingCount === 0n;
      await runs.finish(
        run.id,
        {
          report: summaryOf(report),
          clean,
          findingCount: report.findingCount,
          entries: report.entries,
          seconds: report.seconds,
        },
        clean ? memory : null,
        clock.now(),
      );
      await runs.clear(run.id, covered, clock.now());
      this.#tell(report, raised);
      return report;
    } catch (error) {
      // What stands in its row is enough to go on from; a lost database keeps it as it is.
      await runs.stop(run.id, clock.now()).catch(() => undefined);
      if (error instanceof FsckStoppedError) logger.info({ run: run.id.toString() }, 'tamper sweep stopped');
      throw error;
    }
  }

  async #start(mode: FsckMode, anew: boolean): Promise<SweepStart> {
    const { runs, clock, logger } = this.#parts;
    const newest = anew ? null : await runs.newest(mode);
    const fresh = newest !== null && clock.now().getTime() - newest.run.startedAt.getTime() < RESUMABLE_MS;
    if (newest !== null && fresh && newest.run.state !== 'finished' && newest.memory !== null) {
      const resumed = await this.#memory.open(newest.run, newest.memory);
      if (resumed !== null) return { run: newest.run, resumed, base: null };
      logger.warn({ run: newest.run.id.toString() }, 'the memory of a stopped sweep is not the one it kept: not used');
    }
    const clean = mode === 'incremental' ? await runs.newestClean() : null;
    const base = clean === null ? null : await this.#memory.open(clean.run, clean.memory);
    return { run: await runs.begin(mode, base?.size ?? 0n, clock.now()), resumed: null, base };
  }

  #tell(report: FsckReport, raised: number): void {
    const { logger, metrics } = this.#parts;
    const fields = {
      run: report.run.toString(),
      mode: report.mode,
      entries: report.entries.toString(),
      seconds: Math.round(report.seconds * 10) / 10,
      findings: report.findingCount.toString(),
    };
    if (report.findingCount === 0n) logger.info(fields, 'tamper sweep finished without findings');
    else logger.error({ ...fields, first: report.findings[0]?.detail }, 'tamper sweep: something stored was changed');
    if (raised > 0) metrics.alarms.inc({ kind: 'integrity-fault' }, raised);
  }
}
