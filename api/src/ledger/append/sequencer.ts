// Collects submissions in memory for a moment and makes them durable in batches.
//
// Bounded: beyond `maxInFlight` a submission is refused at once (503), so memory stays flat and the caller slows down.
// Two batches are in work at a time: while one waits for the disk, the next is prepared; the store's lock orders them.
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';

export interface SequencerLimits {
  readonly batchSize: number;
  readonly maxWaitMs: number;
  readonly maxInFlight: number;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

const CONCURRENT_BATCHES = 2;
/** A lost connection or a dead-lock: the batch is safe to repeat (same key and content gives the first receipt). */
const ATTEMPTS = 3;

export class Sequencer<I, O> {
  readonly #limits: SequencerLimits;
  readonly #write: (batch: readonly I[]) => Promise<readonly O[]>;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #queue: Waiting<I, O>[] = [];
  #inFlight = 0;
  #working = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    limits: SequencerLimits,
    write: (batch: readonly I[]) => Promise<readonly O[]>,
    logger: Logger,
    metrics: Metrics,
  ) {
    this.#limits = limits;
    this.#write = write;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** How many more items are taken now. */
  get capacity(): number {
    return this.#limits.maxInFlight - this.#inFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Resolves when the item is durable.
   *
   * @throws {DomainError} `overloaded` when too much is in flight, `unavailable` when the store failed or the service is
   *   stopping. A rejected submission may still have happened; repeating it is safe.
   */
  submit(item: I): Promise<O> {
    if (this.#closed) {
      return Promise.reject(
        new DomainError('unavailable', 'the service is stopping; send it again', { retryAfterSeconds: 2 }),
      );
    }
    if (this.capacity <= 0) {
      return Promise.reject(
        new DomainError('overloaded', `${this.#inFlight} submissions are in flight; try again`, {
          retryAfterSeconds: 1,
        }),
      );
    }
    this.#inFlight += 1;
    this.#metrics.inFlight.set(this.#inFlight);
    return new Promise<O>((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#working >= CONCURRENT_BATCHES || this.#queue.length === 0) return;
    if (this.#queue.length >= this.#limits.batchSize || this.#limits.maxWaitMs === 0) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), this.#limits.maxWaitMs);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#working >= CONCURRENT_BATCHES) return;
    const batch = this.#queue.splice(0, this.#limits.batchSize);
    if (batch.length === 0) return;
    this.#working += 1;
    void this.#run(batch).finally(() => {
      this.#working -= 1;
      this.#inFlight -= batch.length;
      this.#metrics.inFlight.set(this.#inFlight);
      this.#schedule();
    });
    this.#schedule();
  }

  async #run(batch: readonly Waiting<I, O>[]): Promise<void> {
    const end = this.#metrics.appendSeconds.startTimer();
    try {
      const results = await this.#attempt(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, position) => waiting.resolve(results[position] as O));
    } catch (error) {
      this.#logger.error({ err: error, entries: batch.length }, 'a batch could not be made durable');
      this.#metrics.stageErrors.inc({ stage: 'append' });
      const refusal = new DomainError(
        'unavailable',
        'the submission could not be made durable; it is safe to send it again',
        { retryAfterSeconds: 2 },
        { cause: error },
      );
      for (const waiting of batch) waiting.reject(error instanceof DomainError ? error : refusal);
    } finally {
      end();
    }
  }

  async #attempt(items: readonly I[]): Promise<readonly O[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#write(items);
      } catch (error) {
        if (attempt >= ATTEMPTS || error instanceof DomainError) throw error;
        this.#logger.warn({ err: error, attempt }, 'a batch failed and is tried again');
        await delay(100 * attempt);
      }
    }
  }

  /** Takes nothing more and waits for what is in flight. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#inFlight > 0) {
      this.#flush();
      await delay(5);
    }
  }
}
