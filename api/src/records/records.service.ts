// What record systems ask for, in the ledger's words: digest here, the content goes no further.
import {
  assertIdentity,
  digestRecord,
  normaliseMediaType,
  VerifyError,
  type Activity,
  type JsonValue,
  type RecordDigest,
} from '@medanchor/verifier';
import { type SourcesService } from '../identity/index.ts';
import {
  type LedgerService,
  type LedgerVerdict,
  type LocatedVersion,
  type PreparedVersion,
  type Receipt,
  type SourceCommitment,
  type SourceRef,
  type StoredVersion,
} from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { onlyGood, settle } from '../platform/errors/settled.ts';

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
  /** The content as parseJson has read it, when somebody has already. */
  readonly value?: JsonValue;
  /** In place of the content: what the source has computed with its own key (digest mode). */
  readonly committed?: SourceCommitment | null;
  /** Detached JWS of the source; null or absent when it signed nothing. */
  readonly jws?: string | null;
  /** The client that sends it. */
  readonly submittedBy?: string | null;
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
  readonly #fieldsByDefault: boolean;

  constructor(sources: SourcesService, ledger: LedgerService, fieldsByDefault: boolean) {
    this.#sources = sources;
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
    const read = versions.map((version) => settle(() => ({ version, what: this.#read(version) })));
    return onlyGood(read, async (good) => {
      const sources = new Map<string, SourceRef>();
      for (const name of new Set(good.map(({ version }) => version.source)))
        sources.set(name, await this.#sources.ensure(name));
      return this.#ledger.append(
        good.map(({ version: { source, recordId, versionId, activity, jws, submittedBy }, what }) => ({
          source: sources.get(source) as SourceRef,
          recordId,
          versionId,
          activity,
          jws: jws ?? null,
          submittedBy: submittedBy ?? null,
          ...what,
        })),
      );
    });
  }

  /** What the source has to sign for this version. @throws {DomainError} as `submit`, and `mode-differs` */
  async prepare(version: VersionToSubmit): Promise<{ source: SourceRef; prepared: PreparedVersion }> {
    const { recordId, versionId, activity } = version;
    const digest = this.#digest(version);
    const source = await this.#sources.ensure(version.source);
    return { source, prepared: await this.#ledger.prepare({ source, recordId, versionId, activity, digest }) };
  }

  #read(version: VersionToSubmit): { digest: RecordDigest } | { committed: SourceCommitment } {
    const { source, recordId, versionId, committed } = version;
    if (committed === undefined || committed === null) return { digest: this.#digest(version) };
    checkIdentity({ source, recordId, versionId });
    return { committed };
  }

  #digest(version: VersionToSubmit): RecordDigest {
    const { source, recordId, versionId, activity, content, mediaType } = version;
    checkIdentity({ source, recordId, versionId });
    if (activity === 'delete' && content !== null && content.length > 0) {
      throw new DomainError('content-not-allowed', 'a deletion has no content');
    }
    if (activity !== 'delete' && (content === null || content.length === 0)) {
      throw new DomainError('content-missing', 'the content is the body of the request; only activity=delete has none');
    }
    if (activity === 'delete') return digestRecord(null, '', { source, recordId, versionId });
    checkMediaType(mediaType);
    return digestRecord(
      content,
      mediaType,
      { source, recordId, versionId },
      {
        fields: version.fields ?? this.#fieldsByDefault,
        ...(version.value === undefined ? {} : { value: version.value }),
      },
    );
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
