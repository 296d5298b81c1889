import { type Queryable } from '../platform/auth/access-log.port.ts';
import { type PlacedEvent, type WrittenEvent } from './event.rules.ts';

/** What is asked for. Bounds are inclusive; null: no bound. */
export interface EventQuery {
  readonly chain: string;
  readonly after: bigint;
  readonly from: string | null;
  readonly to: string | null;
  readonly recordRef: Uint8Array | null;
  readonly subject: string | null;
  readonly limit: number;
}

/**
 * The chains of events. Checked by test/db/access-events-are-chained.test.ts.
 *
 * - `append` resolves when all events are durable; numbers are 1, 2, 3, … in each chain without a gap, also when several
 *   processes call it at once. A rejected call may still have happened: repeated, its events are there twice, which says
 *   nothing untrue; lost they would be.
 * - `appendWithin` writes in the caller's transaction, under the lock of the chain's head until that ends; its isolation must
 *   be READ COMMITTED.
 */
export abstract class AccessEventStore {
  abstract append(events: readonly WrittenEvent[]): Promise<void>;
  abstract appendWithin(transaction: Queryable, events: readonly WrittenEvent[]): Promise<void>;
  /** In the order of the chain. */
  abstract find(query: EventQuery): Promise<readonly PlacedEvent[]>;
  abstract head(chain: string): Promise<bigint>;
}
