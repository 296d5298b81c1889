// What record systems ask for, in the ledger's words: digest here, the content goes no further.
import {
  assertIdentity,
  digestRecord,
  isJsonMediaType,
  normaliseMediaType,
  parseJson,
  VerifyError,
  type Activity,
  type JsonValue,
  type RecordDigest,
} from '@medanchor/verifier';
import { type SourcesService, type SubjectRefs } from '../identity/index.ts';
import {
  type DigestedVersion,
  type LedgerService,
  type LedgerVerdict,
  type LocatedVersion,
  type Receipt,
  type SourceRef,
  type StoredVersion,
} from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { onlyGood, settle } from '../platform/errors/settled.ts';
import { subjectOf } from './subject.rules.ts';

export interface VersionToSubmit {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: Activity | null;
  readonly mediaType: string;
  /** null for a deletion. */
  readonly content: Uint8Array | null;
  /** null: as configured. */
  readonly fields: boolean | null;
  /** Reference of the patient whom it is about; null: as the content says. */
  readonly subject?: string | null;
  /** The content as parseJson has read it, when somebody has already. */
  readonly value?: JsonValue;
}

export interface ContentToVerify {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string | null;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

export class RecordsService {
  readonly #sources: SourcesService;
  readonly #ledger: LedgerService;
  readonly #subjects: SubjectRefs;
  readonly #fieldsByDefault: boolean;

  constructor(sources: SourcesService, subjects: SubjectRefs, ledger: LedgerService, fieldsByDefault: boolean) {
    this.#sources = sources;
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#fieldsByDefault = fieldsByDefault;
  }

  /** @throws {DomainError} naming the fault; then nothing is written. */
  async submit(version: VersionToSubmit): Promise<Receipt> {
    const [outcome] = await this.submitAll([version]);
    if (Error.isError(outcome)) throw outcome;
    return outcome as Receipt;
  }

  /**
   * Submits together, in this order. A version that cannot be recorded fails alone.
   *
   * @param versions 1 to `largestGroup` of the ledger
   * @throws {DomainError} `overloaded`, `unavailable`: then it concerns all of them
   */
  async submitAll(versions: readonly VersionToSubmit[]): Promise<readonly (Receipt | Error)[]> {
    const digested = versions.map((version) => settle(() => ({ ...version, ...this.#digest(version) })));
    return onlyGood(digested, async (good) => {
      const sources = new Map<string, SourceRef>();
      for (const name of new Set(good.map(({ source }) => source))) sources.set(name, await this.#sources.ensure(name));
      const named: DigestedVersion[] = [];
      for (const { source: name, recordId, versionId, activity, digest, patient } of good) {
        const source = sources.get(name) as SourceRef;
        const subjectRef = patient === null ? null : await this.#subjects.refOf(source, patient);
        named.push({ source, recordId, versionId, activity, digest, subjectRef });
      }
      return this.#ledger.append(named);
    });
  }

  /** The digests of a version, and whom it is about. The content goes no further. */
  #digest(version: VersionToSubmit): { readonly digest: RecordDigest; readonly patient: string | null } {
    const { source, recordId, versionId, activity, content, mediaType } = version;
    checkIdentity({ source, recordId, versionId });
    if (activity === 'delete' && content !== null && content.length > 0) {
      throw new DomainError('content-not-allowed', 'a deletion has no content');
    }
    if (activity !== 'delete' && (content === null || content.length === 0)) {
      throw new DomainError('content-missing', 'the content is the body of the request; only activity=delete has none');
    }
    const named = version.subject ?? null;
    const identity = { source, recordId, versionId };
    if (activity === 'delete') return { digest: digestRecord(null, '', identity), patient: named };
    checkMediaType(mediaType);
    const value = version.value ?? jsonOf(content, mediaType);
    const digest = digestRecord(content, mediaType, identity, {
      fields: version.fields ?? this.#fieldsByDefault,
      ...(value === undefined ? {} : { value }),
    });
    return { digest, patient: named ?? (digest.scheme === 'fhir-json-static/1' ? subjectOf(value) : null) };
  }

  async verify({ source, recordId, versionId, content, mediaType }: ContentToVerify): Promise<LedgerVerdict | null> {
    checkIdentity({ source, recordId, versionId: versionId ?? 'latest' });
    checkMediaType(mediaType);
    const known = await this.#sources.find(source);
    if (known === null) return null;
    return this.#ledger.verify(known, recordId, versionId, { content, mediaType });
  }

  async history(source: string, recordId: string, after: bigint, limit: number): Promise<readonly StoredVersion[]> {
    return this.#ledger.history(await this.#sources.get(source), recordId, after, limit);
  }

  async locate(source: string, recordId: string, versionId: string): Promise<LocatedVersion> {
    return this.#ledger.locate(await this.#sources.get(source), recordId, versionId);
  }
}

/** Read once, for the digest and for the patient in it. What cannot be read is refused by the digest, with its reason. */
function jsonOf(content: Uint8Array | null, mediaType: string): JsonValue | undefined {
  const type = normaliseMediaType(mediaType);
  return content !== null && isJsonMediaType(type) && !type.includes(';') ? parseJson(content) : undefined;
}

/** Refused before anything is looked up: a malformed type is the sender's mistake, not a difference of the content. */
function checkMediaType(mediaType: string): void {
  if (mediaType === '') {
    throw new DomainError(
      'media-type-missing',
      'the media type of the content is missing (Content-Type, or mediaType in a line)',
    );
  }
  normaliseMediaType(mediaType);
}

function checkIdentity(identity: { source: string; recordId: string; versionId: string }): void {
  try {
    assertIdentity(identity);
  } catch (error) {
    if (error instanceof VerifyError) throw new DomainError('identity-malformed', error.message, {}, { cause: error });
    throw error;
  }
}
