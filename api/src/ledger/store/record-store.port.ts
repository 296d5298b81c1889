import { type StoredRecord, type StoredVersion } from '../model.ts';

export interface RecordName {
  readonly sourceId: string;
  readonly recordId: string;
}

export interface RecordPseudonym {
  readonly sourceId: string;
  readonly recordRef: Uint8Array;
}

/** A version that somebody asks for; null: whichever is the latest. */
export interface VersionName extends RecordName {
  readonly versionId: string | null;
}

/** What there is under a name: the record, the version asked for, and the latest one (often the same). */
export interface FoundVersion {
  readonly record: StoredRecord;
  readonly version: StoredVersion | null;
  readonly latest: StoredVersion | null;
}

/** The versions of a record below a number. */
export interface Earlier {
  readonly record: bigint;
  readonly below: bigint;
}

/**
 * Records and their versions, found by the names that their source gave them. Checked by
 * test/support/record-store.contract.ts.
 *
 * - records come into being with their first version (EntryStore); ids are reserved here before, each is given out once.
 * - an erased record is found under no name any more; the same name can begin another record.
 * - histories are in the order of `seq`, which is the order of arrival.
 */
export abstract class RecordStore {
  abstract find(names: readonly RecordName[]): Promise<readonly StoredRecord[]>;
  /** Those of the pseudonyms that name a record whose key its source keeps; without a name when it was erased. */
  abstract refsTaken(
    refs: readonly RecordPseudonym[],
  ): Promise<readonly (RecordPseudonym & { readonly recordId: string | null })[]>;
  /** Ids for records to be created. An id that is never used leaves a harmless gap. */
  abstract reserve(count: number): Promise<readonly bigint[]>;
  /** In the order asked; null where no such record is known. */
  abstract locate(names: readonly VersionName[]): Promise<readonly (FoundVersion | null)[]>;
  /** `after` and `limit` page by seq. @throws {RecordErasedError} when the record was erased after it was found */
  abstract history(record: bigint, after: bigint, limit: number): Promise<readonly StoredVersion[]>;
  /** In the order asked: the versions below a number, in the order of `seq`. */
  abstract earlier(asked: readonly Earlier[]): Promise<readonly (readonly StoredVersion[])[]>;
  /** Row ids of all records of a source that are about this patient. */
  abstract ofSubject(sourceId: string, subjectRef: Uint8Array): Promise<readonly bigint[]>;
  /** How many versions are there; as many as the record's `headSeq`, unless rows were removed. */
  abstract count(record: bigint): Promise<bigint>;
  abstract raiseAlarm(alarm: IntegrityAlarm): Promise<void>;
  /** Of records of one tenant; with `logWide` also those that are about no single record. Newest first. */
  abstract alarms(
    limit: number,
    of: { readonly tenantId: string; readonly logWide: boolean },
  ): Promise<readonly StoredAlarm[]>;
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
