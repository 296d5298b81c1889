// A small client of the service's HTTP API, as a record system or an auditor would write one. It knows nothing of the
// service's code: what comes back is read with the schemas below, which name only what is used here.

import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 60_000;
const BUNDLE = 'application/vnd.medanchor.bundle+json';

const checkSchema = z.object({
  name: z.string(),
  result: z.enum(['passed', 'failed', 'skipped']),
  reason: z.string(),
  code: z.string().optional(),
});

const reportSchema = z.object({
  verdict: z.string().nullable(),
  flags: z.array(z.string()),
  status: z.string(),
  outcome: z.enum(['intact', 'altered', 'unproven']),
  reason: z.string(),
  checks: z.array(checkSchema),
});

const receiptSchema = z.object({ versionId: z.string(), index: z.string(), leafHash: z.string(), state: z.string() });

const anchorSchema = z.object({
  size: z.string(),
  root: z.string(),
  transaction: z.string(),
  state: z.string(),
  visible: z.boolean(),
  block: z.string().nullable(),
});

const logSchema = z.object({
  origin: z.string(),
  verifierKey: z.string(),
  logId: z.string(),
  chainId: z.string(),
  contract: z.string(),
  sizes: z.object({ sequenced: z.string(), anchored: z.string(), confirmed: z.string() }),
});

export type Report = z.output<typeof reportSchema>;
export type Receipt = z.output<typeof receiptSchema>;
export type AnchorRow = z.output<typeof anchorSchema>;
export type LogState = z.output<typeof logSchema>;

export interface VersionName {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string;
}

export interface VersionToSubmit extends VersionName {
  readonly activity: 'create' | 'update' | 'delete' | 'import';
  /** Absent for a deletion. */
  readonly content?: Uint8Array;
  readonly mediaType?: string;
}

export interface Waiting {
  readonly wait: 'anchored' | 'confirmed';
  readonly timeoutMs: number;
}

/** The service answered with a problem document (RFC 9457); anything else has no code. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string | null;

  constructor(request: string, status: number, body: string) {
    const problem = problemOf(body);
    super(`${request} answered ${String(status)}: ${problem?.detail ?? body.slice(0, 500)}`);
    this.status = status;
    this.code = problem?.code ?? null;
  }
}

const problemSchema = z.object({ code: z.string(), detail: z.string() });

function problemOf(body: string): z.output<typeof problemSchema> | null {
  try {
    return problemSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

/** Gives a valid access token each time. */
export type TokenSource = () => Promise<string>;

export class LedgerClient {
  readonly #url: string;
  readonly #token: TokenSource;

  constructor(url: string, token: TokenSource) {
    this.#url = url;
    this.#token = token;
  }

  async log(): Promise<LogState> {
    return logSchema.parse(await this.#json('GET', '/v1/log'));
  }

  async submit(version: VersionToSubmit, waiting?: Waiting): Promise<Receipt> {
    const query = new URLSearchParams({ versionId: version.versionId, activity: version.activity });
    if (waiting !== undefined) {
      query.set('wait', waiting.wait);
      query.set('timeoutMs', String(waiting.timeoutMs));
    }
    const path = `${recordPath(version)}/versions?${query.toString()}`;
    return receiptSchema.parse(await this.#json('POST', path, version.content, version.mediaType));
  }

  /** Version ids in the order of arrival; none when the record is unknown. */
  async versionIds(record: Omit<VersionName, 'versionId'>): Promise<readonly string[]> {
    try {
      const answer = await this.#json('GET', `${recordPath(record)}/versions?limit=1000`);
      return z
        .object({ versions: z.array(receiptSchema) })
        .parse(answer)
        .versions.map(({ versionId }) => versionId);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  async version(name: VersionName): Promise<Receipt> {
    return receiptSchema.parse(await this.#json('GET', versionPath(name)));
  }

  async verify(name: VersionName, content: Uint8Array, mediaType: string): Promise<Report> {
    return reportSchema.parse(await this.#json('POST', verifyPath(name, name.versionId), content, mediaType));
  }

  /** The proof bundle, as the text that an auditor would be handed. */
  async bundle(name: VersionName): Promise<string> {
    return this.#text('GET', `${versionPath(name)}/proof`);
  }

  async disclose(
    name: VersionName,
    content: Uint8Array,
    mediaType: string,
    pointers: readonly string[],
  ): Promise<string> {
    const query = new URLSearchParams(pointers.map((pointer) => ['disclose', pointer]));
    return this.#text('POST', `${versionPath(name)}/proof?${query.toString()}`, content, mediaType);
  }

  async checkProof(bundle: string): Promise<Report> {
    return reportSchema.parse(await this.#json('POST', '/v1/proofs/verify', Buffer.from(bundle), BUNDLE));
  }

  async anchors(): Promise<readonly AnchorRow[]> {
    return z.object({ anchors: z.array(anchorSchema) }).parse(await this.#json('GET', '/v1/anchors')).anchors;
  }

  /** Kinds of the integrity alarms, newest first. */
  async alarms(): Promise<readonly string[]> {
    const answer = await this.#json('GET', '/v1/alarms');
    return z
      .object({ alarms: z.array(z.object({ kind: z.string() })) })
      .parse(answer)
      .alarms.map(({ kind }) => kind);
  }

  /** Octets of a public file of the log: the checkpoint, a hash tile. */
  async tile(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#send('GET', `/${path}`)).arrayBuffer());
  }

  async #json(method: string, path: string, body?: Uint8Array, mediaType?: string): Promise<unknown> {
    return (await this.#send(method, path, body, mediaType)).json();
  }

  async #text(method: string, path: string, body?: Uint8Array, mediaType?: string): Promise<string> {
    return (await this.#send(method, path, body, mediaType)).text();
  }

  async #send(method: string, path: string, body?: Uint8Array, mediaType?: string): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
      headers: {
        authorization: `Bearer ${await this.#token()}`,
        ...(mediaType === undefined ? {} : { 'content-type': mediaType }),
      },
    });
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, await response.text());
    return response;
  }
}

export function verifyPath(record: Omit<VersionName, 'versionId'>, versionId?: string): string {
  return `${recordPath(record)}/verify${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`;
}

function recordPath({ source, recordId }: Omit<VersionName, 'versionId'>): string {
  return `/v1/records/${encodeURIComponent(source)}/${encodeURIComponent(recordId)}`;
}

function versionPath(name: VersionName): string {
  return `${recordPath(name)}/versions/${encodeURIComponent(name.versionId)}`;
}
