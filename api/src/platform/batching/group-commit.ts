// Collects submissions in memory for a moment and makes them durable in batches. Entries of the ledger and events of the access
// log both come in this way, each through a queue of its own.
//
// What is submitted together stays together and in order, in one batch.
//
// Bounded: beyond `maxInFlight` a submission is refused at once (503), so memory stays flat and the caller slows down.
// Two batches are in work at a time: while one waits for the disk, the next is prepared; the store's lock orders them.
import { setTimeout as delay } from 'node:timers/promises';
import { InvariantError } from '@medanchor/verifier';
import { DomainError } from '../errors/domain-error.ts';
import { type Logger } from '../logger/logger.ts';

export interface GroupCommitLimits {
  readonly batchSize: number;
  readonly maxWaitMs: number;
  readonly maxInFlight: number;
}

/** What is told of it while it works. */
export interface GroupCommitMeter {
  inFlight(count: number): void;
  /** A batch begins; the returned function is called when it ends. */
  batch(): () => void;
  failed(): void;
}

/** Items that were submitted together. */
interface Waiting<I, O> {
  readonly items: readonly I[];
  readonly resolve: (results: readonly O[]) => void;
  readonly reject: (error: unknown) => void;
}

const CONCURRENT_BATCHES = 2;
/**
 * A lost connection or a dead-lock: the batch is repeated. For the ledger that gives the first receipts; in the access log an
 * event may stand twice when the answer to COMMIT was lost, which is better than not at all.
 */
const ATTEMPTS = 3;

export class GroupCommit<I, O> {
  readonly #limits: GroupCommitLimits;
  readonly #write: (batch: readonly I[]) => Promise<readonly O[]>;
  readonly #logger: Logger;
  readonly #meter: GroupCommitMeter;
  readonly #queue: Waiting<I, O>[] = [];
  #queued = 0;
  #inFlight = 0;
  #working = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    limits: GroupCommitLimits,
    write: (batch: readonly I[]) => Promise<readonly O[]>,
    logger: Logger,
    meter: GroupCommitMeter,
  ) {
    this.#limits = limits;
    this.#write = write;
    this.#logger = logger;
    this.#meter = meter;
  }

  /** How many more items are taken now. */
  get capacity(): number {
    return this.#limits.maxInFlight - this.#inFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most that can be submitted together. */
  get largestGroup(): number {
    return Math.min(this.#limits.batchSize, this.#limits.maxInFlight);
  }

  /**
   * Resolves when the items are durable, in one batch.
   *
   * @param items at most `largestGroup`, at least one
   * @throws {DomainError} `overloaded` when too much is in flight, `unavailable` when the store failed or the service is
   *   stopping. A rejected submission may still have happened; repeating it is safe.
   */
  submit(items: readonly I[]): Promise<readonly O[]> {
    if (items.length === 0 || items.length > this.largestGroup) {
      return Promise.reject(new InvariantError(`${items.length} items at once, 1 to ${this.largestGroup} are allowed`));
    }
    if (this.#closed) {
      return Promise.reject(
        new DomainError('unavailable', 'the service is stopping; send it again', { retryAfterSeconds: 2 }),
      );
    }
    if (this.capacity < items.length) {
      return Promise.reject(
        new DomainError('overloaded', `${this.#inFlight} submissions are in flight; try again`, {
          retryAfterSeconds: 1,
        }),
      );
    }
    this.#inFlight += items.length;
    this.#meter.inFlight(this.#inFlight);
    return new Promise<readonly O[]>((resolve, reject) => {
      this.#queue.push({ items, resolve, reject });
      this.#queued += items.length;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#working >= CONCURRENT_BATCHES || this.#queue.length === 0) return;
    if (this.#queued >= this.#limits.batchSize || this.#limits.maxWaitMs === 0) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), this.#limits.maxWaitMs);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#working >= CONCURRENT_BATCHES) return;
    const batch = this.#next();
    if (batch.length === 0) return;
    const size = batch.reduce((sum, { items }) => sum + items.length, 0);
    this.#queued -= size;
    this.#working += 1;
    void this.#run(batch, size).finally(() => {
      this.#working -= 1;
      this.#inFlight -= size;
      this.#meter.inFlight(this.#inFlight);
      this.#schedule();
    });
    this.#schedule();
  }

  /** Whole groups from the front, as many as fit into one batch. */
  #next(): Waiting<I, O>[] {
    let size = 0;
    const end = this.#queue.findIndex(({ items }) => {
      size += items.length;
      return size > this.#limits.batchSize;
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #run(batch: readonly Waiting<I, O>[], size: number): Promise<void> {
    const end = this.#meter.batch();
    try {
      const results = await this.#attempt(batch.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of batch) resolve(results.slice(at, (at += items.length)));
    } catch (error) {
      this.#logger.error({ err: error, entries: size }, 'a batch could not be made durable');
      this.#meter.failed();
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
