// Shares the process with others: a sweep in the background gives the event loop back often and rests four times as long as it
// has worked, so that it takes a fifth of one core from requests; as a command of its own it goes on at once. Both notice that
// they are to stop.
import { setImmediate, setTimeout as delay } from 'node:timers/promises';

/** A sweep was asked to stop; what it has seen so far is kept, and the next one goes on from there. */
export class FsckStoppedError extends Error {
  override readonly name = 'FsckStoppedError';
}

const SLICE_MS = { foreground: 100, background: 5 } as const;
/** Of the time worked. */
const REST = 4;

export class Pace {
  readonly #sliceMs: number;
  readonly #rests: boolean;
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(kind: keyof typeof SLICE_MS, signal: AbortSignal | undefined) {
    this.#sliceMs = SLICE_MS[kind];
    this.#rests = kind === 'background';
    this.#signal = signal;
  }

  /** True when the current slice of work is over: then `breathe`. */
  get due(): boolean {
    return performance.now() - this.#since >= this.#sliceMs;
  }

  /** Asked to stop: at the next page's end, when what was seen can be kept. */
  get stopped(): boolean {
    return this.#signal?.aborted === true;
  }

  async breathe(): Promise<void> {
    if (this.#rests && !this.stopped) await delay(REST * (performance.now() - this.#since));
    else await setImmediate();
    this.#since = performance.now();
  }

  /** @throws {FsckStoppedError} */
  check(): void {
    if (this.stopped)
      throw new FsckStoppedError('the sweep was stopped; the next one of this mode goes on where it was');
  }
}
