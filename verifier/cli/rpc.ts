// A JSON-RPC client by fetch, in the shape of EIP-1193. The endpoint is hostile: answers are bounded in size and time, and
// redirects are not followed (the auditor named a host; no answer may name another).
import type { Eip1193Provider } from '../src/index.ts';

const MAX_ANSWER = 4 * 1024 * 1024;

export class RpcClient implements Eip1193Provider {
  readonly #url: string;
  readonly #deadline: AbortSignal;
  #id = 0;

  /** @param timeoutMs for all requests together: a slow endpoint must not add up. */
  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#deadline = AbortSignal.timeout(timeoutMs);
  }

  async request({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    const response = await this.#post(JSON.stringify({ jsonrpc: '2.0', id, method, params: params ?? [] }));
    const text = await readBounded(response);
    const answer = parseAnswer(text, response.status);
    if (answer['id'] !== id) throw new Error('the endpoint answered another request');
    const { error } = answer;
    if (error !== undefined && error !== null) throw new Error(`the endpoint refused: ${messageOf(error)}`);
    if (!('result' in answer)) throw new Error('the answer has no result');
    return answer['result'];
  }

  async #post(body: string): Promise<Response> {
    try {
      return await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: this.#deadline,
      });
    } catch (error) {
      if (this.#deadline.aborted) throw new Error('no answer in time', { cause: error });
      const cause = (error as { cause?: { code?: unknown } }).cause?.code;
      throw new Error(`no connection${typeof cause === 'string' ? ` (${cause})` : ''}`, { cause: error });
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MAX_ANSWER) throw new Error(`the answer is larger than ${MAX_ANSWER} octets`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseAnswer(text: string, status: number): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new Error(`the answer is not JSON (HTTP ${status})`, { cause: error });
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new Error(`the answer is not a JSON-RPC object (HTTP ${status})`);
  }
  return answer as Record<string, unknown>;
}

function messageOf(error: unknown): string {
  const message = (error as { message?: unknown }).message;
  return typeof message === 'string' ? message.slice(0, 200) : 'without a message';
}
