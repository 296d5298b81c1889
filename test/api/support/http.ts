// Plain HTTP for the tests of the API: octets out, status, headers and text back. Adds nothing that a test did not ask
// for, a media type included; except that it is signed in as the usual caller of that service.

import { authorization } from '../../support/sign-in.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Default: that of the usual caller (test/support/sign-in.ts). null: none at all. */
  readonly token?: string | null;
}

export async function call(url: string, path: string, { method, headers, body, token }: Sent = {}): Promise<Reply> {
  const octets = typeof body === 'string' ? Buffer.from(body) : body;
  const response = await fetch(`${url}${path}`, {
    // As octets: fetch would give a text a media type of its own.
    ...(octets === undefined ? {} : { body: new Uint8Array(octets) }),
    method: method ?? (octets === undefined ? 'GET' : 'POST'),
    headers: { ...(await signedIn(url, token)), ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function signedIn(url: string, token: string | null | undefined): Promise<Record<string, string>> {
  if (token === undefined) return authorization(url);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

export function post(url: string, path: string, mediaType: string, body: string | Uint8Array): Promise<Reply> {
  return call(url, path, { headers: { 'content-type': mediaType }, body });
}

export function json(reply: Reply): Record<string, unknown> {
  return JSON.parse(reply.text) as Record<string, unknown>;
}

export function lines(reply: Reply): Record<string, unknown>[] {
  return reply.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The value of one sample in the Prometheus text format; 0 when the sample is not there. */
export async function metric(url: string, sample: string): Promise<number> {
  const { text } = await call(url, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? 0 : Number(line.slice(sample.length + 1));
}
