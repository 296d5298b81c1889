// A JSON-RPC client by fetch, in the shape of EIP-1193. The endpoint is hostile: answers are bounded in size and time, must be
// answers to the question that was asked, and redirects are not followed (the auditor named a host; no answer may name
// another). What a result means is not decided here; the library reads it strictly.

import type { Eip1193Provider } from '../src/index.ts';

export const MAX_ANSWER = 4 * 1024 * 1024;

export class RpcClient implements Eip1193Provider {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #seconds: number;
  readonly #deadline: AbortSignal;
  #id = 0;

  /** @param timeoutMs for all requests together: a slow endpoint must not add up. */
  constructor(url: URL, timeoutMs: number) {
    const { target, authorization } = withoutPassword(url);
    this.#url = target;
    this.#headers = { 'content-type': 'application/json', ...authorization };
    this.#seconds = timeoutMs / 1000;
    this.#deadline = AbortSignal.timeout(timeoutMs);
  }

  /** Rejects with a short message that never holds the URL. */
  async request({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    const { text, status } = await this.#post(JSON.stringify({ jsonrpc: '2.0', id, method, params: params ?? [] }));
    const answer = parseAnswer(text, status);
    const { error } = answer;
    if (error !== undefined && error !== null) throw new Error(`the endpoint refused: ${messageOf(error)}`);
    if (answer['id'] !== id) throw new Error('the endpoint answered another request');
    if (!Object.hasOwn(answer, 'result')) throw new Error('the answer has no result');
    return answer['result'];
  }

  async #post(body: string): Promise<{ text: string; status: number }> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body,
        redirect: 'manual',
        signal: this.#deadline,
      });
      const { status } = response;
      if (status >= 300 && status < 400) {
        await response.body?.cancel();
        throw new EndpointError(`the endpoint redirects to another address, which is not followed (HTTP ${status})`);
      }
      return { text: await readBounded(response), status };
    } catch (error) {
      if (error instanceof EndpointError) throw error;
      if (this.#deadline.aborted) throw new Error(`no complete answer within ${this.#seconds} s`, { cause: error });
      throw new Error(`no connection${codeOf(error)}`, { cause: error });
    }
  }
}

class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/** fetch takes no URL with a password in it; it belongs into a header. */
function withoutPassword(url: URL): { target: string; authorization: Record<string, string> } {
  if (url.username === '' && url.password === '') return { target: url.href, authorization: {} };
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const target = new URL(url);
  target.username = '';
  target.password = '';
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return { target: target.href, authorization: { authorization } };
}

/** Counts what comes out of the decompression, so a small answer cannot unfold into a huge one. */
async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MAX_ANSWER) throw new EndpointError(`the answer is larger than ${MAX_ANSWER} octets`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Some endpoints send JSON-RPC errors with a status of 4xx or 5xx, so the text is read whatever the status. */
function parseAnswer(text: string, status: number): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    const got = /^\s*</.test(text) ? 'a web page' : 'not JSON';
    throw new Error(`the answer is ${got} (HTTP ${status}): is this the address of a JSON-RPC endpoint?`, {
      cause: error,
    });
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new Error(`the answer is not a JSON-RPC object (HTTP ${status})`);
  }
  return answer as Record<string, unknown>;
}

function messageOf(error: unknown): string {
  const message = (error as { message?: unknown }).message;
  return typeof message === 'string' ? message.slice(0, 120) : 'without a message';
}

/** The system's code of the innermost cause. Never a message of fetch: those can quote the URL. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = (error ?? {}) as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (cause !== undefined) return codeOf(cause);
  // All addresses of one name were tried; the first says enough.
  if (code === undefined && errors !== undefined && errors.length > 0) return codeOf(errors[0]);
  return typeof code === 'string' ? ` (${code})` : '';
}
