// The client of a record system: submits versions in either mode, signs when it has a key, verifies, and fetches proofs.

import { parseBundle, toHex, utf8, type Activity, type Bundle, type RecordIdentity } from '@medanchor/verifier';
import {
  COMMITMENT_MEDIA_TYPE,
  commitVersion,
  preparedStatement,
  statementFor,
  type PreparedVersion,
} from './commit.ts';
import { RecordKeyMissing } from './errors.ts';
import { Http, type HttpAnswer, type HttpOptions } from './http.ts';
import { type RecordKeyStore } from './key-store.ts';
import { openBundle } from './open-bundle.ts';
import { type SigningKey } from './signing-key.ts';

export interface ClientOptions extends HttpOptions {
  /** Name of the source that this client submits for. */
  readonly source: string;
  /** Signs every submission when given. Register it first: {@link MedAnchorClient.registerKey}. */
  readonly signingKey?: SigningKey;
  /** For digest mode. */
  readonly recordKeys?: RecordKeyStore;
}

export interface Version {
  readonly recordId: string;
  readonly versionId: string;
  /** null for a delete. */
  readonly content: Uint8Array | null;
  readonly mediaType: string;
  /** Needed when the submission is signed; `delete` when there is no content. */
  readonly activity?: Activity;
  /** Whether single fields can be disclosed later. Default: as the ledger is configured; in digest mode yes. */
  readonly fields?: boolean;
  /**
   * Reference of the patient (`Patient/123`), by which the ledger finds the record when that patient asks for erasure; it keeps
   * a pseudonym of it only. In content mode it reads it from a FHIR resource by itself; in digest mode it knows only what is said here.
   */
  readonly subject?: string;
}

export type State = 'sequenced' | 'integrated' | 'checkpointed' | 'anchored' | 'confirmed';

/** Answer only when the version has come so far, or after the time (default 10 s) is over. */
export interface Waiting {
  readonly wait: State;
  readonly timeoutMs?: number;
}

/** As the ledger answers; see its OpenAPI page for all members. */
export interface Receipt {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string;
  readonly seq: string;
  readonly index: string;
  readonly leafHash: string;
  readonly state: string;
  readonly attestation: { readonly by: string; readonly keyId?: string; readonly client?: string | null };
  readonly [member: string]: unknown;
}

export interface Verdict {
  readonly verdict: string | null;
  readonly outcome: 'intact' | 'altered' | 'unproven';
  readonly flags: readonly string[];
  readonly status: string;
  readonly reason: string;
  readonly checks: readonly {
    readonly name: string;
    readonly result: string;
    readonly reason: string;
    readonly code?: string;
  }[];
  readonly [member: string]: unknown;
}

type Named = Pick<Version, 'recordId' | 'versionId'>;

export class MedAnchorClient {
  readonly #options: ClientOptions;
  readonly #http: Http;
  #sourceId: string | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#http = new Http(options);
  }

  /**
   * Registers the client's signing key for its source. Safe to repeat.
   *
   * @throws {LedgerRefusal} `key-revoked` when the key was ended: then it can never be used again
   */
  async registerKey(): Promise<void> {
    const key = this.#signingKey();
    const prepared = await this.#sendJson<{ statement: string }>(`${this.#keysPath()}/prepare`, {
      action: 'register',
      jwk: key.publicJwk,
    });
    const possession = await key.sign(utf8(prepared.statement));
    try {
      await this.#sendJson(this.#keysPath(), { jwk: key.publicJwk, possession });
    } catch (error) {
      // The first answer may have been lost.
      if ((error as { code?: unknown }).code !== 'key-exists') throw error;
    }
  }

  /** Content mode: the ledger digests the content and forgets it. Signed when the client has a key. */
  async submit(version: Version, waiting?: Waiting): Promise<Receipt> {
    const jws = this.#options.signingKey === undefined ? null : await this.#signContent(version);
    const query = new URLSearchParams({
      versionId: version.versionId,
      ...optional(version),
      ...patientOf(version),
    });
    return this.#submit(version, withWait(query, waiting), version.content, version.mediaType, jws);
  }

  /**
   * Digest mode: no content and no name of a record leaves this process. The ledger knows the record by its pseudonym.
   *
   * @throws {TypeError} without a key store
   */
  async submitDigest(version: Version, waiting?: Waiting): Promise<Receipt> {
    const { versionId, content } = version;
    const identity = this.#identity(version);
    const recordKey = await this.#keyStore().putIfAbsent(version.recordId, crypto.getRandomValues(new Uint8Array(32)));
    const committed = commitVersion({ ...version, identity }, recordKey);
    const activity = version.activity ?? (content === null ? 'delete' : undefined);
    const { signingKey } = this.#options;
    const jws =
      signingKey === undefined
        ? null
        : await signingKey.sign(statementFor(committed, required(activity), await this.#source()));
    const query = new URLSearchParams({
      versionId,
      ...(activity === undefined ? {} : { activity }),
      ...patientOf(version),
    });
    const name = { recordId: toHex(committed.recordRef), versionId };
    return this.#submit(name, withWait(query, waiting), utf8(committed.body), COMMITMENT_MEDIA_TYPE, jws);
  }

  /** What the ledger says of a content (content mode). Without `versionId` it is compared with the latest version. */
  async verify(
    version: Pick<Version, 'recordId' | 'mediaType'> & { content: Uint8Array; versionId?: string },
  ): Promise<Verdict> {
    const query = version.versionId === undefined ? '' : `?${new URLSearchParams({ versionId: version.versionId })}`;
    const { text } = await this.#http.send({
      method: 'POST',
      path: `${this.#recordPath(version.recordId)}/verify${query}`,
      headers: { 'content-type': version.mediaType },
      body: version.content,
    });
    return JSON.parse(text) as Verdict;
  }

  /** The proof bundle. Of a version in digest mode: completed with the salts that only the source can make. */
  async bundle(version: Named, mode: 'content' | 'digest' = 'content'): Promise<Bundle> {
    if (mode === 'content') return this.#bundle(version.recordId, version.versionId);
    const identity = this.#identity(version);
    const recordKey = await this.#keyStore().get(version.recordId);
    if (recordKey === null) throw new RecordKeyMissing('the key store has no key for this record');
    const { recordRef } = commitVersion({ identity, content: null, mediaType: '' }, recordKey);
    return openBundle(await this.#bundle(toHex(recordRef), version.versionId), recordKey, identity);
  }

  async #bundle(recordId: string, versionId: string): Promise<Bundle> {
    const path = `${this.#recordPath(recordId)}/versions/${encodeURIComponent(versionId)}/proof`;
    return parseBundle((await this.#http.send({ method: 'GET', path })).text);
  }

  async #signContent(version: Version): Promise<string> {
    const activity = required(version.activity ?? (version.content === null ? 'delete' : undefined));
    const query = new URLSearchParams({ versionId: version.versionId, ...optional(version) });
    const { text } = await this.#post(
      `${this.#recordPath(version.recordId)}/versions/prepare?${query}`,
      version.content,
      version.mediaType,
    );
    const prepared = JSON.parse(text) as PreparedVersion;
    return this.#signingKey().sign(
      preparedStatement({ ...version, identity: this.#identity(version) }, activity, prepared),
    );
  }

  async #submit(
    { recordId }: Named,
    query: URLSearchParams,
    body: Uint8Array | null,
    mediaType: string,
    jws: string | null,
  ): Promise<Receipt> {
    const signature: Record<string, string> = jws === null ? {} : { 'x-medanchor-signature': jws };
    const { text } = await this.#post(`${this.#recordPath(recordId)}/versions?${query}`, body, mediaType, signature);
    return JSON.parse(text) as Receipt;
  }

  #post(
    path: string,
    body: Uint8Array | null,
    mediaType: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    return this.#http.send({
      method: 'POST',
      path,
      headers: body === null ? headers : { ...headers, 'content-type': mediaType },
      ...(body === null ? {} : { body }),
    });
  }

  /** The opaque id of the source, which statements name. */
  async #source(): Promise<string> {
    if (this.#sourceId !== null) return this.#sourceId;
    const { text } = await this.#http.send({ method: 'GET', path: this.#keysPath() });
    this.#sourceId = (JSON.parse(text) as { sourceId: string }).sourceId;
    return this.#sourceId;
  }

  async #sendJson<T>(path: string, body: object): Promise<T> {
    const { text } = await this.#post(path, utf8(JSON.stringify(body)), 'application/json');
    return JSON.parse(text) as T;
  }

  #identity({ recordId, versionId }: Named): RecordIdentity {
    return { source: this.#options.source, recordId, versionId };
  }

  #keysPath(): string {
    return `/v1/sources/${encodeURIComponent(this.#options.source)}/keys`;
  }

  #recordPath(recordId: string): string {
    return `/v1/records/${encodeURIComponent(this.#options.source)}/${encodeURIComponent(recordId)}`;
  }

  #signingKey(): SigningKey {
    if (this.#options.signingKey === undefined) throw new TypeError('this client has no signingKey');
    return this.#options.signingKey;
  }

  #keyStore(): RecordKeyStore {
    if (this.#options.recordKeys === undefined) throw new TypeError('digest mode needs recordKeys: a RecordKeyStore');
    return this.#options.recordKeys;
  }
}

function withWait(query: URLSearchParams, waiting: Waiting | undefined): URLSearchParams {
  if (waiting === undefined) return query;
  query.set('wait', waiting.wait);
  if (waiting.timeoutMs !== undefined) query.set('timeoutMs', String(waiting.timeoutMs));
  return query;
}

function optional({ activity, content, fields }: Version): Record<string, string> {
  const named = activity ?? (content === null ? 'delete' : undefined);
  return {
    ...(named === undefined ? {} : { activity: named }),
    ...(fields === undefined ? {} : { fields: fields ? 'on' : 'off' }),
  };
}

function patientOf({ subject }: Version): Record<string, string> {
  return subject === undefined ? {} : { subject };
}

function required(activity: Activity | undefined): Activity {
  if (activity === undefined) throw new TypeError('activity is part of what is signed: name it');
  return activity;
}
