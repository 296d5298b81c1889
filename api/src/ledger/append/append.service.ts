// The append stage: commits digested versions, takes those that their source has committed, and gives both a durable place
// in the log.
import {
  commitRecord,
  type Activity,
  type ComponentCommitment,
  type RecordDigest,
  type Scheme,
} from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { type SourceRef } from '../model.ts';
import {
  RecordErasedError,
  RecordExistsError,
  type EntryStore,
  type Refusal,
  type SequenceResult,
  type Submission,
  type VersionSubmission,
  type Within,
} from '../store/entry-store.port.ts';
import { fieldsRoot } from '../store/fields-tree.ts';
import { planBatch } from './append.rules.ts';
import { nameKey, type RecordResolver, type UsableRecord } from './record-resolver.ts';
import { type SignatureChecker, type SignedStatement } from './signed-version.ts';

interface VersionNamed {
  readonly source: SourceRef;
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: Activity | null;
  /** Detached JWS of the source over the statement of section 6.1; null when it signed nothing. */
  readonly jws?: string | null;
  /** The client that sent it. */
  readonly submittedBy?: string | null;
  /** Pseudonym of the patient whom it is about. */
  readonly subjectRef?: Uint8Array | null;
}

/** A version that was parsed and digested; its content is gone already. */
export interface DigestedVersion extends VersionNamed {
  readonly digest: RecordDigest;
}

/** What a source has computed with its own record key (digest mode): the content has never been here. */
export interface SourceCommitment {
  readonly recordRef: Uint8Array;
  readonly scheme: Scheme;
  /** Normalised. */
  readonly mediaType: string;
  readonly commitment: Uint8Array;
  readonly components: readonly ComponentCommitment[];
}

export interface CommittedVersion extends VersionNamed {
  readonly committed: SourceCommitment;
}

export type VersionToAppend = DigestedVersion | CommittedVersion;

/** key-damaged: the stored key of this record was changed or exchanged; nothing was written for it. */
export type AppendResult = SequenceResult | { readonly result: 'key-damaged'; readonly record: bigint };

type Unsigned = VersionSubmission | Exclude<AppendResult, SequenceResult> | Refusal;

/** Each time, at least one of the records has come into being. */
const ATTEMPTS = 10;

export class AppendService {
  readonly #resolver: RecordResolver;
  readonly #signatures: SignatureChecker;
  readonly #entries: EntryStore;
  readonly #clock: Clock;

  constructor(resolver: RecordResolver, signatures: SignatureChecker, entries: EntryStore, clock: Clock) {
    this.#resolver = resolver;
    this.#signatures = signatures;
    this.#entries = entries;
    this.#clock = clock;
  }

  /** Makes one batch durable: keys for new records, commitments, signatures, then the sequencing transaction. */
  async append(versions: readonly VersionToAppend[]): Promise<readonly AppendResult[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#append(versions);
      } catch (error) {
        // Somebody else was first with one of the new records: now it is there to be found, with the key that counts.
        // Or one was erased: then its name is free, and the version begins a new record.
        const stale = error instanceof RecordExistsError || error instanceof RecordErasedError;
        if (!stale || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  async #append(versions: readonly VersionToAppend[]): Promise<readonly AppendResult[]> {
    const records = await this.#resolver.resolve(
      versions.map((version) => ({
        source: version.source,
        recordId: version.recordId,
        ref: 'committed' in version ? version.committed.recordRef : null,
        signed: hasSignature(version),
        subjectRef: version.subjectRef ?? null,
      })),
    );
    const unsigned = versions.map((version) =>
      toSubmission(version, records.get(nameKey(version.source.id, version.recordId)) as UsableRecord),
    );
    const submitters = await this.#signatures.check(
      unsigned.map((submission, at) => statementOf(submission, versions[at]?.jws ?? null)),
    );
    // A version that cannot be recorded fails alone; the others of the batch have nothing to do with it.
    const submissions: Submission[] = [];
    const results = unsigned.map((submission, at): AppendResult | null => {
      const submitter = submitters[at] ?? null;
      if ('result' in submission) return submission;
      if (submitter !== null && 'result' in submitter) return submitter;
      submissions.push(submitter === null ? submission : { ...submission, submitter });
      return null;
    });
    const sequenced = (await this.sequence(submissions)).values();
    return results.map((result) => result ?? (sequenced.next().value as SequenceResult));
  }

  /** @param within runs in the same transaction */
  async sequence(submissions: readonly Submission[], within?: Within): Promise<readonly SequenceResult[]> {
    const time = this.#clock.now();
    return this.#entries.sequence(submissions, (state, all) => planBatch(state, all, time), within);
  }
}

function hasSignature({ jws }: VersionNamed): boolean {
  return jws !== undefined && jws !== null;
}

function statementOf(submission: Unsigned, jws: string | null): SignedStatement | null {
  if ('result' in submission || jws === null) return null;
  const { source, activity, scheme, commitment } = submission;
  return { source, activity, scheme, commitment, jws };
}

function toSubmission(version: VersionToAppend, record: UsableRecord): Unsigned {
  const { source, versionId, activity } = version;
  const base = {
    kind: 'record-version',
    record: record.id,
    recordRef: record.recordRef,
    ...(record.create === undefined ? {} : { create: record.create }),
    source: source.id,
    versionId,
    activity,
    submittedBy: version.submittedBy ?? null,
    ...(version.subjectRef === undefined || version.subjectRef === null ? {} : { subjectRef: version.subjectRef }),
  } as const;
  if ('committed' in version) {
    const refusal = refusalOfCommitted(version.committed, record);
    if (refusal !== null) return refusal;
    const { recordRef: _, ...committed } = version.committed;
    return { ...base, ...committed };
  }
  if (record.holder === 'source')
    return refused(
      'mode-differs',
      'the source keeps the key of this record (digest mode): its versions are submitted as commitments, never as content',
    );
  if (record.key === null) return { result: 'key-damaged', record: record.id };
  const { commitment, components } = commitRecord(version.digest, record.key, versionId, fieldsRoot);
  const { scheme, mediaType } = version.digest;
  return { ...base, scheme, mediaType, commitment, components };
}

function refusalOfCommitted({ recordRef }: SourceCommitment, record: UsableRecord): Refusal | null {
  if (record.holder === 'ledger')
    return refused(
      'mode-differs',
      'the ledger keeps the key of this record: its versions are submitted as content, never as commitments',
    );
  if (record.refTaken === true)
    return refused(
      'record-key-differs',
      'this recordRef names another record of this source, or one that was erased: use a fresh key for each record',
    );
  if (Buffer.compare(recordRef, record.recordRef) !== 0)
    return refused(
      'record-key-differs',
      'this record was begun with another recordRef: its versions are committed under the key of its first one',
    );
  return null;
}

function refused(code: Refusal['code'], detail: string): Refusal {
  return { result: 'refused', code, detail };
}
