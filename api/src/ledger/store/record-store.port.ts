import { type StoredRecord, type StoredVersion } from '../model.ts';

export interface RecordName {
  readonly sourceId: string;
  readonly recordId: string;
}

/**
 * Records and their versions, found by the names that their source gave them. Checked by
 * test/support/record-store.contract.ts.
 *
 * - records come into being with their first version (EntryStore); ids are reserved here before, each is given out once.
 * - histories are in the order of `seq`, which is the order of arrival.
 */
export abstract class RecordStore {
  abstract find(names: readonly RecordName[]): Promise<readonly StoredRecord[]>;
  /** Ids for records to be created. An id that is never used leaves a harmless gap. */
  abstract reserve(count: number): Promise<readonly bigint[]>;
  abstract version(record: bigint, versionId: string): Promise<StoredVersion | null>;
  /** `after` and `limit` page by seq. */
  abstract history(record: bigint, after: bigint, limit: number): Promise<readonly StoredVersion[]>;
  abstract latest(record: bigint): Promise<StoredVersion | null>;
  /** How many versions are there; as many as the record's `headSeq`, unless rows were removed. */
  abstract count(record: bigint): Promise<bigint>;
  abstract raiseAlarm(alarm: IntegrityAlarm): Promise<void>;
  abstract alarms(limit: number): Promise<readonly StoredAlarm[]>;
}

/** Something that must not happen in an honest history. `detail` carries no patient data. */
export interface IntegrityAlarm {
  readonly kind: 'history-rewritten' | 'anchor-lost' | 'integrity-fault';
  readonly record: bigint | null;
  readonly seq: bigint | null;
  readonly detail: string;
  readonly raisedAt: Date;
}

export interface StoredAlarm extends IntegrityAlarm {
  readonly id: bigint;
}
