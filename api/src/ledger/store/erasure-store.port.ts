import { type Queryable } from '../../platform/auth/access-log.port.ts';
import { type KeyHolder } from '../model.ts';
import { type BatchPlan } from './entry-store.port.ts';

/** A record that is about to be erased, as it stands under the sequencer's lock. */
export interface ErasableRecord {
  readonly id: bigint;
  readonly sourceId: string;
  readonly recordRef: Uint8Array;
  readonly headSeq: bigint;
  readonly headLeaf: Uint8Array;
  readonly keyHolder: KeyHolder;
}

/** What was done, and where the log says so. */
export interface StoredErasure {
  readonly record: bigint;
  readonly sourceId: string;
  readonly recordRef: Uint8Array;
  readonly index: bigint;
  /** One above the record's last version. */
  readonly seq: bigint;
  readonly leafHash: Uint8Array;
  /** The code, without its text. */
  readonly basis: string;
  /** How many versions were cleared. */
  readonly versions: bigint;
  readonly erasedAt: Date;
  /** `source`: there was no key here to destroy (digest mode). */
  readonly keyHolder: KeyHolder;
}

/** The entries of a batch of erasures, and the rows that say the same. */
export interface ErasurePlan extends BatchPlan {
  readonly erasures: readonly StoredErasure[];
}

export interface ErasureOrder {
  /** Row ids, each once. Those that are erased already are left out. */
  readonly records: readonly bigint[];
  /** Called under the sequencer's lock, with the records that are there and not erased, in the order of their row ids. */
  readonly plan: (nextIndex: bigint, records: readonly ErasableRecord[]) => ErasurePlan;
  /** A held record refuses the whole batch. False only for what was erased once before, and came back with a backup. */
  readonly respectHolds: boolean;
  /** What belongs into the same transaction: the events in the access log. Before the journal, since what is in the journal is done. */
  readonly within?: ((transaction: Queryable, erasures: readonly StoredErasure[]) => Promise<void>) | undefined;
  /** Called last in the transaction, when nothing can refuse it any more; rejecting leaves everything as it was. */
  readonly journal: (erasures: readonly StoredErasure[]) => Promise<void>;
}

/** A record of the batch must not be erased: a legal hold is on it, its patient or its source. Nothing was written. */
export class RecordHeldError extends Error {
  override readonly name = 'RecordHeldError';
  /** How many of the records are held. */
  readonly held: number;

  constructor(held: number) {
    super(`${held} of the records are under a legal hold`);
    this.held = held;
  }
}

/**
 * Erases records: the entry, the key's destruction and the clearing of every column that names or opens one of its versions
 * are one transaction, under the lock that orders all entries. Checked by test/db/records-are-erased.test.ts.
 *
 * - a key that was reserved under the record's name goes with it.
 * - a version of an erased record is not sequenced any more: EntryStore refuses it, and its sender starts a new record.
 * - `erase` can be repeated: a record is erased once.
 * - a rejected call may still have happened; repeat it.
 */
export abstract class ErasureStore {
  /** @throws {RecordHeldError} */
  abstract erase(order: ErasureOrder): Promise<readonly StoredErasure[]>;
  /** In the order of their entries. */
  abstract of(records: readonly bigint[]): Promise<readonly StoredErasure[]>;
  abstract byRef(recordRef: Uint8Array): Promise<StoredErasure | null>;
  /** All of the log with an index of `from` or more, at most `limit`. */
  abstract list(from: bigint, limit: number): Promise<readonly StoredErasure[]>;
  /** Row ids of records with one of these pseudonyms that still have their names. Reads every record: for rare use. */
  abstract unerased(recordRefs: readonly Uint8Array[]): Promise<readonly { id: bigint; recordRef: Uint8Array }[]>;
  /** Gives the space of what was erased back, so that no page keeps it. Waits for nobody. */
  abstract scrub(): Promise<void>;
}
