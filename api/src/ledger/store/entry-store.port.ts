import { type Queryable } from '../../platform/auth/access-log.port.ts';
import {
  type Activity,
  type ComponentCommitment,
  type Entry,
  type Scheme,
  type Verdict,
  type Flag,
} from '@medanchor/verifier';
import { type DomainErrorCode } from '../../platform/errors/domain-error.ts';
import { type SourceKey, type StoredVersion } from '../model.ts';

/** What is stored of a record beside the versions that are sequenced for it. */
export interface NewRecord {
  readonly sourceId: string;
  readonly recordId: string;
  /** null: the source keeps the record's key (digest mode). */
  readonly wrappedKey: Uint8Array | null;
  /** Id and key were reserved for this name (PreparedRecordStore); the reservation is used up with it. */
  readonly prepared?: true;
  /** Pseudonym of the patient whom its first version is about; null when it names none. */
  readonly subjectRef?: Uint8Array | null;
}

/** A version that is committed and waits for its place in the log. */
export interface VersionSubmission {
  readonly kind: 'record-version';
  /** Row id and pseudonym of the record. */
  readonly record: bigint;
  readonly recordRef: Uint8Array;
  /** Set when the record was unknown: it comes into being with this version. Its id was reserved (RecordStore). */
  readonly create?: NewRecord;
  /**
   * Pseudonym of the patient whom this version is about. Once it is recorded, the record is this patient's. A version that names none
   * leaves the record where it is: a delete has no content to name one with.
   */
  readonly subjectRef?: Uint8Array;
  readonly source: string;
  readonly versionId: string;
  /** null: `create` for a record's first version, else `update`. */
  readonly activity: Activity | null;
  readonly scheme: Scheme;
  readonly mediaType: string;
  readonly commitment: Uint8Array;
  readonly components: readonly ComponentCommitment[];
  /** Checked already, but for whether the key is in force: that is decided where the order of entries is. */
  readonly submitter?: { readonly keyId: string; readonly jws: string };
  readonly submittedBy?: string | null;
}

/** An entry that concerns no record (an anchoring epoch, say). Its time is set when it is sequenced. */
export interface PlainSubmission {
  readonly kind: 'plain';
  readonly entry: Exclude<Entry, { kind: 'record-version' | 'record-erasure' }>;
}

export type Submission = VersionSubmission | PlainSubmission;

/**
 * sequenced: durable, at this index. duplicate: this very version was there already; `version` is the first one.
 * conflict: another content is recorded under this version id; nothing was written for this submission.
 * refused: nothing was written for it, for a reason that its sender may read.
 */
export type SequenceResult =
  | { readonly result: 'sequenced'; readonly version: StoredVersion }
  | {
      readonly result: 'sequenced-plain';
      readonly index: bigint;
      readonly leafHash: Uint8Array;
      readonly entry: Uint8Array;
    }
  | {
      readonly result: 'duplicate';
      readonly version: StoredVersion;
      readonly verdict: Verdict;
      readonly flags: readonly Flag[];
    }
  | {
      readonly result: 'conflict';
      readonly version: StoredVersion;
      readonly verdict: Verdict | null;
      readonly flags: readonly Flag[];
    }
  | Refusal;

export interface Refusal {
  readonly result: 'refused';
  readonly code: DomainErrorCode;
  readonly detail: string;
}

/** A record to be created exists under another id, and with another key: find it, and commit under that key. */
export class RecordExistsError extends Error {
  override readonly name = 'RecordExistsError';

  constructor(options?: ErrorOptions) {
    super('another process has created one of these records', options);
  }
}

/** A record was erased after its name was looked up: that name is free now. Find it again; nothing was written. */
export class RecordErasedError extends Error {
  override readonly name = 'RecordErasedError';

  constructor() {
    super('one of these records was erased meanwhile');
  }
}

/** Where a record's chain of versions stands. */
export interface RecordHead {
  readonly seq: bigint;
  readonly leaf: Uint8Array | null;
  /** Pseudonym of the patient whom the record is about; absent in heads that a plan makes. */
  readonly subjectRef?: Uint8Array | null;
}

export interface PlannedEntry {
  readonly index: bigint;
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
  /** Set when the entry is a record version. */
  readonly version?: StoredVersion;
}

export interface BatchPlan {
  readonly entries: readonly PlannedEntry[];
  readonly heads: ReadonlyMap<bigint, RecordHead>;
  readonly results: readonly SequenceResult[];
  /** Rows of keys as they are after the `key` entries of this batch; each names the entries that it comes from. */
  readonly keys: readonly SourceKey[];
}

/** The key under which a plan looks for the key of a source. */
export function sourceKeyName(source: string, keyId: string): string {
  return `${source}/${keyId}`;
}

/** The key under which `planBatch` looks for an existing version. */
export function versionKey(record: bigint, versionId: string): string {
  return `${record}/${versionId}`;
}

/** What a plan is made from; nobody else changes it while the plan is made and written. */
export interface SequencerState {
  /** Index of the first new entry. */
  readonly nextIndex: bigint;
  /** Heads of all records concerned. */
  readonly heads: ReadonlyMap<bigint, RecordHead>;
  /** Versions that are already recorded under one of the submitted ids, by {@link versionKey}. */
  readonly existing: ReadonlyMap<string, StoredVersion>;
  /** The keys of sources that signed, or that a `key` entry is about, by {@link sourceKeyName}. */
  readonly keys: ReadonlyMap<string, SourceKey>;
}

export type Within = (transaction: Queryable, results: readonly SequenceResult[]) => Promise<void>;

export type Planner = (state: SequencerState, submissions: readonly Submission[]) => BatchPlan;

/**
 * The durable, gap-free list of log entries. Checked by test/support/entry-store.contract.ts.
 *
 * - `sequence` resolves only when the whole batch is durable; indexes are 0, 1, 2, … without a gap, also when several
 *   processes call it at once.
 * - results stand in the order of the submissions; a submission may follow another of the same record in one batch.
 * - same record, version id and content: `duplicate`, with the first entry (safe to repeat after a lost answer).
 * - same record and version id, other content: that submission alone is a `conflict`.
 * - a record to `create` comes into being with its first version, in the same transaction; one that is there already under
 *   the same id stays as it is.
 * - no version follows the erasure of its record.
 * - a `key` entry and its row of `source_key` are written in one transaction; a signed version is sequenced only while its
 *   key is in force, in the order of the log.
 * - a rejected call may still have happened; repeat it.
 */
export abstract class EntryStore {
  /**
   * @throws {RecordExistsError} when another process was first with a record to create; nothing was written
   * @throws {RecordErasedError} when a record was erased meanwhile; nothing was written
   * @param within runs at the end of the transaction, when it writes something: what must not exist without the entries
   */
  abstract sequence(
    submissions: readonly Submission[],
    plan: Planner,
    within?: Within,
  ): Promise<readonly SequenceResult[]>;

  /** Where the sequence stands, and where the stored entries end: the same, unless rows were removed behind our back. */
  abstract ends(): Promise<{ readonly next: bigint; readonly stored: bigint }>;

  /** Entries from `from` (inclusive) to `to` (exclusive) as stored; fewer when the log ends before. */
  abstract readEntries(from: bigint, to: bigint): Promise<readonly Uint8Array[]>;
}
