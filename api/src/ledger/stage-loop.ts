// Runs one stage again and again: never twice at once, on a timer and on request, and goes on after a failure.
import { InvariantError } from '@medanchor/verifier';
import { isConnectionLoss, isOutOfRoom } from '../platform/database/connection-loss.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';

export class StageLoop {
  readonly stage: string;
  readonly #work: () => Promise<unknown>;
  readonly #intervalMs: number;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  /** Message of the last run when it failed. */
  failure: string | null = null;
  /** The same for everybody's eyes: health is public, and a library's message may name hosts, databases or rows. */
  shownFailure: string | null = null;

  constructor(stage: string, work: () => Promise<unknown>, intervalMs: number, logger: Logger, metrics: Metrics) {
    this.stage = stage;
    this.#work = work;
    this.#intervalMs = intervalMs;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** @param afterMs before the first run, for what is not urgent when a process starts */
  start(afterMs = 0): void {
    this.#stopped = false;
    if (afterMs === 0) this.wake();
    else this.#timer = setTimeout(() => this.wake(), afterMs);
  }

  /** Runs now, or once more after the run that is going on. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#once().finally(() => {
      this.#running = undefined;
      if (this.#stopped) return;
      if (this.#again) {
        this.#again = false;
        this.wake();
      } else {
        this.#timer = setTimeout(() => this.wake(), this.#intervalMs);
      }
    });
  }

  async #once(): Promise<void> {
    try {
      await this.#work();
      if (this.failure !== null) this.#logger.info({ stage: this.stage }, 'stage works again');
      this.failure = null;
      this.shownFailure = null;
    } catch (error) {
      const message = Error.isError(error) ? error.message : String(error);
      this.#metrics.stageErrors.inc({ stage: this.stage });
      // A stage that fails every 50 ms would bury the log: one line per new message.
      if (message !== this.failure)
        this.#logger.error({ err: error, stage: this.stage }, 'stage failed and will be tried again');
      this.failure = message;
      this.shownFailure = shown(error);
      this.#again = false;
    }
  }

  /** Waits for the run that is going on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}

/** Our own finding is told as it is; all else only by its kind. */
function shown(error: unknown): string {
  if (error instanceof InvariantError) return error.message;
  if (isOutOfRoom(error)) return 'the database has no room left';
  return isConnectionLoss(error) ? 'the database cannot be reached' : "failed; see the service's log";
}
