// A record system, as it speaks to the service: plain HTTP, nothing of the service's code.

import { authorization } from '../../support/sign-in.ts';

export interface Version {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string;
  readonly content: string;
  readonly mediaType: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface Receipt {
  readonly versionId: string;
  readonly seq: string;
  readonly index: string;
  readonly leafHash: string;
  readonly state: string;
  readonly code?: string;
  readonly [member: string]: unknown;
}

export interface CheckLine {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly required: boolean;
  readonly reason: string;
  readonly code?: string;
}

export interface Verdict {
  readonly verdict: string | null;
  readonly flags: readonly string[];
  readonly status: string;
  readonly outcome: string;
  readonly checks: readonly CheckLine[];
  readonly latest: { versionId: string; seq: string } | null;
  readonly matches: { versionId: string; seq: string; verdict: string } | null;
  readonly code?: string;
}

export interface BatchAnswer {
  readonly line: number;
  readonly status: number;
  readonly receipt?: Receipt;
  readonly problem?: { readonly code: string; readonly detail: string };
}

export interface LogView {
  readonly origin: string;
  readonly verifierKey: string;
  readonly logId: string;
  readonly chainId: string;
  readonly contract: string;
  readonly chain: { readonly state: string; readonly detail: string };
  readonly sizes: Readonly<Record<'sequenced' | 'integrated' | 'checkpointed' | 'anchored' | 'confirmed', string>>;
  readonly epochs: readonly { readonly epoch: number; readonly contract: string; readonly reason: string }[];
}

export interface AnchorView {
  readonly epoch: number;
  readonly size: string;
  readonly transaction: string;
  readonly state: string;
  readonly visible: boolean;
  readonly block: string | null;
}

type Name = Pick<Version, 'source' | 'recordId'>;

export class RecordSystem {
  readonly #url: string;
  readonly #token: string | undefined;

  /** Signed in as the usual caller of the service at this address (test/support/sign-in.ts), unless a token is given. */
  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  async #headers(more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
    const own = this.#token === undefined ? await authorization(this.#url) : { authorization: `Bearer ${this.#token}` };
    return { ...own, ...more };
  }

  /** With `wait`, answers when the version has that state. */
  async submit(version: Version, wait?: string): Promise<Answer<Receipt>> {
    const query = new URLSearchParams({ versionId: version.versionId });
    if (wait !== undefined) {
      query.set('wait', wait);
      query.set('timeoutMs', '20000');
    }
    return this.#post(`${recordPath(version)}/versions?${query.toString()}`, version.mediaType, version.content);
  }

  async submitMany(versions: readonly Version[]): Promise<readonly BatchAnswer[]> {
    const lines = versions.map(({ content, ...name }) =>
      JSON.stringify({ ...name, contentBase64: Buffer.from(content).toString('base64') }),
    );
    return this.#postLines('/v1/versions', 'application/x-ndjson', lines);
  }

  /** Resources as a Bulk Data export prints them. */
  async submitResources(
    source: string,
    versionId: string,
    resources: readonly string[],
  ): Promise<readonly BatchAnswer[]> {
    const query = new URLSearchParams({ source, versionId });
    return this.#postLines(`/v1/versions?${query.toString()}`, 'application/fhir+ndjson', resources);
  }

  async verify(version: Omit<Version, 'versionId'> & { versionId?: string }): Promise<Answer<Verdict>> {
    const query = version.versionId === undefined ? '' : `?versionId=${encodeURIComponent(version.versionId)}`;
    return this.#post(`${recordPath(version)}/verify${query}`, version.mediaType, version.content);
  }

  async verifyMany(versions: readonly Version[]): Promise<readonly (BatchAnswer & Verdict)[]> {
    const lines = versions.map(({ content, ...name }) =>
      JSON.stringify({ ...name, contentBase64: Buffer.from(content).toString('base64') }),
    );
    return this.#postLines('/v1/verify', 'application/x-ndjson', lines);
  }

  async history(name: Name): Promise<Answer<{ versions: readonly Receipt[] }>> {
    return this.#get(`${recordPath(name)}/versions`);
  }

  /** The proof bundle as text, as an auditor would keep it. */
  async bundle(version: Omit<Version, 'content' | 'mediaType'>): Promise<string> {
    const { status, text } = await this.text(`${versionPath(version)}/proof`);
    if (status !== 200) throw new Error(`no bundle: ${status} ${text}`);
    return text;
  }

  async proofProblem(version: Omit<Version, 'content' | 'mediaType'>): Promise<Answer<{ code: string }>> {
    return this.#get(`${versionPath(version)}/proof`);
  }

  async disclose(version: Version, pointers: readonly string[]): Promise<string> {
    const query = new URLSearchParams(pointers.map((pointer) => ['disclose', pointer]));
    const response = await fetch(`${this.#url}${versionPath(version)}/proof?${query.toString()}`, {
      method: 'POST',
      headers: await this.#headers({ 'content-type': version.mediaType }),
      body: version.content,
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`nothing disclosed: ${response.status} ${text}`);
    return text;
  }

  async checkProof(bundle: string): Promise<Answer<Verdict>> {
    return this.#post('/v1/proofs/verify', 'application/vnd.medanchor.bundle+json', bundle);
  }

  async log(): Promise<LogView> {
    return (await this.#get<LogView>('/v1/log')).body;
  }

  async anchors(): Promise<readonly AnchorView[]> {
    return (await this.#get<{ anchors: readonly AnchorView[] }>('/v1/anchors')).body.anchors;
  }

  /** Newest first. */
  async alarms(): Promise<readonly { kind: string; detail: string }[]> {
    return (await this.#get<{ alarms: readonly { kind: string; detail: string }[] }>('/v1/alarms')).body.alarms;
  }

  async health(): Promise<
    Answer<{ status: string; parts: Readonly<Record<string, { status: string; code?: string }>> }>
  > {
    return this.#get('/health/ready');
  }

  async text(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.#url}${path}`, { headers: await this.#headers() });
    return { status: response.status, text: await response.text() };
  }

  async octets(path: string): Promise<{ status: number; bytes: Buffer }> {
    const response = await fetch(`${this.#url}${path}`, { headers: await this.#headers() });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  async #get<T>(path: string): Promise<Answer<T>> {
    const { status, text } = await this.text(path);
    return { status, body: JSON.parse(text) as T };
  }

  async #post<T>(path: string, mediaType: string, body: string): Promise<Answer<T>> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: await this.#headers({ 'content-type': mediaType }),
      body,
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async #postLines<T>(path: string, mediaType: string, lines: readonly string[]): Promise<readonly T[]> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: await this.#headers({ 'content-type': mediaType }),
      body: lines.map((line) => `${line}\n`).join(''),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} was refused: ${response.status} ${text}`);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  }
}

function recordPath({ source, recordId }: Name): string {
  return `/v1/records/${source}/${encodeURIComponent(recordId)}`;
}

function versionPath({ versionId, ...name }: Omit<Version, 'content' | 'mediaType'>): string {
  return `${recordPath(name)}/versions/${encodeURIComponent(versionId)}`;
}
