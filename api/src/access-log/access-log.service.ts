// The access log as everybody else sees it: the port of platform/auth. Concurrent events share one transaction.
import { GroupCommit } from '../platform/batching/group-commit.ts';
import { AccessLog, type AccessEvent, type Queryable } from '../platform/auth/access-log.port.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';
import { type AccessEventStore } from './access-event-store.port.ts';
import { writeEvent, type WrittenEvent } from './event.rules.ts';

/** No wait for company: whoever reads waits for this, and while two batches are at the disk the next one fills by itself. */
const LIMITS = { batchSize: 512, maxWaitMs: 0, maxInFlight: 8192 };

export class AccessLogService extends AccessLog {
  readonly #store: AccessEventStore;
  readonly #clock: Clock;
  readonly #queue: GroupCommit<WrittenEvent, undefined>;
  readonly #metrics: Metrics;

  constructor(store: AccessEventStore, clock: Clock, logger: Logger, metrics: Metrics) {
    super();
    this.#store = store;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#queue = new GroupCommit(
      LIMITS,
      async (events) => {
        await store.append(events);
        return events.map(() => undefined);
      },
      logger,
      {
        inFlight: (count) => metrics.accessInFlight.set(count),
        batch: () => metrics.accessSeconds.startTimer(),
        failed: () => metrics.stageErrors.inc({ stage: 'access-log' }),
      },
    );
  }

  /** @throws {DomainError} `overloaded`, `unavailable`: the event may not be there, so what it is about must not be answered */
  async record(event: AccessEvent): Promise<void> {
    await this.#queue.submit([writeEvent(event, this.#clock.now())]);
    this.#metrics.accessEvents.inc({ outcome: event.outcome });
  }

  async recordWithin(transaction: Queryable, ...events: readonly AccessEvent[]): Promise<void> {
    const now = this.#clock.now();
    await this.#store.appendWithin(
      transaction,
      events.map((event) => writeEvent(event, now)),
    );
    for (const { outcome } of events) this.#metrics.accessEvents.inc({ outcome });
  }

  /** What was taken becomes durable; nothing more is taken. */
  async close(): Promise<void> {
    await this.#queue.close();
  }
}
