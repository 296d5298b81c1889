import { type RecordName } from './record-store.port.ts';

/** A new record's row id and key, kept for a moment between the two steps of a signed submission. */
export interface PreparedRecord extends RecordName {
  readonly id: bigint;
  readonly wrappedKey: Uint8Array;
}

/**
 * Reservations of names that no version is recorded for yet.
 *
 * - the first reservation of a name counts: who prepares it again meanwhile gets that one, for a fresh time.
 * - it is used up in the transaction that creates the record, and forgotten when its time is over.
 */
export abstract class PreparedRecordStore {
  /** @returns what is reserved now: the given one, or the one that was there */
  abstract reserve(record: PreparedRecord, now: Date, lifetimeMs: number): Promise<PreparedRecord>;
  abstract find(names: readonly RecordName[], now: Date): Promise<readonly PreparedRecord[]>;
}
