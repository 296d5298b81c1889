// The sweep as a job of the service: when it is due, or when somebody asks for it, in the background; and what health and
// metrics say of it, whichever process swept.
import { type Clock } from '../../platform/clock/clock.ts';
import { type PartHealth } from '../../platform/health/health.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { StageLoop } from '../stage-loop.ts';
import { type FsckMode, type FsckRunStore } from '../store/fsck-run-store.port.ts';
import { FsckBusyError, type FsckService } from './fsck.service.ts';
import { FsckStoppedError } from './pace.ts';
import { dueMode, overdueMode, type Intervals, type Sightings } from './schedule.rules.ts';

export interface ScheduleParts {
  readonly service: Pick<FsckService, 'sweep'>;
  readonly runs: FsckRunStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** How often it is asked whether a sweep is due. */
const POLL_MS = 15_000;

export class FsckSchedule {
  readonly #parts: ScheduleParts;
  readonly #intervals: Intervals;
  readonly #loop: StageLoop;
  readonly #abort = new AbortController();
  readonly #up: Date;
  #asked: FsckMode | null = null;
  #started = false;

  constructor(parts: ScheduleParts, intervals: Intervals) {
    this.#parts = parts;
    this.#intervals = intervals;
    this.#up = parts.clock.now();
    const { incrementalMs, fullMs } = intervals;
    const shortest = Math.min(POLL_MS, ...[incrementalMs, fullMs].filter((interval) => interval > 0));
    this.#loop = new StageLoop('fsck', () => this.#sweepIfDue(), shortest, parts.logger, parts.metrics);
  }

  start(): void {
    this.#started = true;
    this.#loop.start();
  }

  /** A sweep that is going on keeps what it has and ends. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#abort.abort();
    await this.#loop.stop();
  }

  /** Sweeps as soon as possible. False when this process runs no stages and would never do it. */
  request(mode: FsckMode): boolean {
    if (!this.#started) return false;
    // A full sweep covers the other.
    if (this.#asked !== 'full') this.#asked = mode;
    this.#loop.wake();
    return true;
  }

  async #sweepIfDue(): Promise<void> {
    const asked = this.#asked;
    const mode = asked ?? dueMode(this.#intervals, await this.#sightings());
    if (mode === null || this.#abort.signal.aborted) return;
    try {
      await this.#parts.service.sweep({ mode, signal: this.#abort.signal, pace: 'background' });
      if (this.#asked === asked) this.#asked = null;
    } catch (error) {
      // Another process is at it: asked again at the next look.
      if (!(error instanceof FsckBusyError || error instanceof FsckStoppedError)) throw error;
    }
  }

  async #sightings(): Promise<Sightings> {
    const { runs, clock } = this.#parts;
    const [full, any] = [await runs.newestFinished('full'), await runs.newestFinished(null)];
    return { now: clock.now(), up: this.#up, full: full?.finishedAt ?? null, any: any?.finishedAt ?? null };
  }

  async health(): Promise<PartHealth> {
    const { runs, metrics } = this.#parts;
    const sightings = await this.#sightings();
    const [last, incremental] = [await runs.newestFinished(null), await runs.newestFinished('incremental')];
    const open = await runs.openCounts();
    for (const severity of ['fault', 'warning'] as const) metrics.fsckFindings.set({ severity }, open[severity]);
    for (const [mode, at] of [
      ['full', sightings.full],
      ['incremental', incremental?.finishedAt ?? null],
    ] as const)
      if (at !== null) metrics.fsckLastRun.set({ mode }, at.getTime() / 1000);
    if (last !== null) {
      metrics.fsckEntries.set(Number(last.entries));
      metrics.fsckSeconds.set(last.seconds);
    }
    const seen = {
      lastRun: last?.finishedAt?.toISOString() ?? null,
      mode: last?.mode ?? null,
      entries: last?.entries.toString() ?? null,
      findings: open.fault + open.warning,
      ageSeconds:
        sightings.any === null ? null : Math.round((sightings.now.getTime() - sightings.any.getTime()) / 1000),
    };
    if (seen.findings > 0)
      return {
        status: 'degraded',
        code: 'integrity-fault',
        detail: `the tamper sweep has ${seen.findings} open findings: see GET /v1/fsck`,
        ...seen,
      };
    const overdue = overdueMode(this.#intervals, sightings);
    if (overdue !== null)
      return { status: 'degraded', code: 'fsck-overdue', detail: `the ${overdue} tamper sweep is overdue`, ...seen };
    return { status: 'up', ...seen };
  }
}
