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
  type LedgerService,
  type LedgerVerdict,
  type LocatedVersion,
  type PreparedVersion,
  type Receipt,
  type SourceCommitment,
  type SourceRef,
  type VersionToAppend,
  type StoredVersion,
} from '../ledger/index.ts';
import { type TenantRef } from '../platform/auth/principal.ts';
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
  /** In place of the content: what the source has computed with its own key (digest mode). */
  readonly committed?: SourceCommitment | null;
  /** Detached JWS of the source; null or absent when it signed nothing. */
  readonly jws?: string | null;
  /** The client that sends it. */
  readonly submittedBy?: string | null;
}

interface WhomItIsAbout {
  /** Reference of the patient, in clear; null when nobody says. */
  readonly patient: string | null;
}

export interface ContentToVerify {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string | null;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

export interface RecordName {
  readonly source: string;
  readonly recordId: string;
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
  async submit(tenant: TenantRef, version: VersionToSubmit): Promise<Receipt> {
    const [outcome] = await this.submitAll(tenant, [version]);
    if (Error.isError(outcome)) throw outcome;
    return outcome as Receipt;
  }

  /**
   * Submits together, in this order. A version that cannot be recorded fails alone. A source that the tenant does not have
   * comes into being.
   *
   * @param versions 1 to `largestGroup` of the ledger
   * @throws {DomainError} `overloaded`, `unavailable`: then it concerns all of them
   */
  async submitAll(tenant: TenantRef, versions: readonly VersionToSubmit[]): Promise<readonly (Receipt | Error)[]> {
    const read = versions.map((version) => settle(() => ({ version, what: this.#read(version) })));
    return onlyGood(read, async (good) => {
      const sources = new Map<string, SourceRef>();
      for (const name of new Set(good.map(({ version }) => version.source)))
        sources.set(name, await this.#sources.ensure(tenant, name));
      const named: VersionToAppend[] = [];
      for (const { version, what } of good) {
        const { recordId, versionId, activity, jws, submittedBy } = version;
        const source = sources.get(version.source) as SourceRef;
        const { patient, ...committedOrDigest } = what;
        const subjectRef = patient === null ? null : await this.#subjects.refOf(source, patient);
        named.push({
          source,
          recordId,
          versionId,
          activity,
          jws: jws ?? null,
          submittedBy: submittedBy ?? null,
          subjectRef,
          ...committedOrDigest,
        });
      }
      return this.#ledger.append(named);
    });
  }

  /** What the source has to sign for this version. @throws {DomainError} as `submit`, and `mode-differs` */
  async prepare(
    tenant: TenantRef,
    version: VersionToSubmit,
  ): Promise<{ source: SourceRef; prepared: PreparedVersion }> {
    const { recordId, versionId, activity } = version;
    const { digest } = this.#digest(version);
    const source = await this.#sources.ensure(tenant, version.source);
    return { source, prepared: await this.#ledger.prepare({ source, recordId, versionId, activity, digest }) };
  }

  #read(version: VersionToSubmit): ({ digest: RecordDigest } | { committed: SourceCommitment }) & WhomItIsAbout {
    const { source, recordId, versionId, committed } = version;
    if (committed === undefined || committed === null) return this.#digest(version);
    checkIdentity({ source, recordId, versionId });
    return { committed, patient: version.subject ?? null };
  }

  /** The digests of a version, and whom it is about. The content goes no further. */
  #digest(version: VersionToSubmit): { readonly digest: RecordDigest } & WhomItIsAbout {
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

  /** null when nothing is recorded under this name, in this tenant. */
  async verify(
    tenant: TenantRef,
    { source, recordId, versionId, content, mediaType }: ContentToVerify,
  ): Promise<LedgerVerdict | null> {
    checkIdentity({ source, recordId, versionId: versionId ?? 'latest' });
    checkMediaType(mediaType);
    const known = await this.#sources.find(tenant, source);
    if (known === null) return null;
    return this.#ledger.verify(known, recordId, versionId, { content, mediaType });
  }

  async history(
    tenant: TenantRef,
    { source, recordId }: RecordName,
    after: bigint,
    limit: number,
  ): Promise<readonly StoredVersion[]> {
    return this.#ledger.history(await this.#sources.get(tenant, source), recordId, after, limit);
  }

  async locate(
    tenant: TenantRef,
    { source, recordId, versionId }: RecordName & { readonly versionId: string },
  ): Promise<LocatedVersion> {
    return this.#ledger.locate(await this.#sources.get(tenant, source), recordId, versionId);
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
