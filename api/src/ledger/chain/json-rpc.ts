// A JSON-RPC 2.0 client in the shape of EIP-1193: one request per call. The endpoint is somebody else's machine and may
// answer slowly, wrongly or without end: the time limit covers the whole exchange, the answer's size is bounded, and an
// answer to another request is refused. No message quotes the endpoint's address, which may carry a key.
import { type Eip1193Provider } from '@medanchor/verifier';

/** A block with its transactions' hashes, the largest that is ever asked for, is far below. */
const MAX_ANSWER_OCTETS = 2 * 1024 * 1024;

/** The endpoint understood the request and refused it. */
export class JsonRpcRefusal extends Error {
  override readonly name = 'JsonRpcRefusal';
  /** `error.data` as it came: hostile input. */
  readonly data: unknown;

  constructor(message: string, data: unknown) {
    super(message);
    this.data = data;
  }
}

/** There would be more to say than is read: ask for less. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

export class JsonRpcClient implements Eip1193Provider {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  #id = 0;

  constructor(url: string, timeoutMs: number) {
    const { username, password } = new URL(url);
    const plain = new URL(url);
    plain.username = '';
    plain.password = '';
    this.#url = plain.href;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers = {
      'content-type': 'application/json',
      // fetch refuses an address that carries them.
      ...(credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    };
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws {JsonRpcRefusal} when the endpoint answers with an error
   * @throws {Error} when it does not answer in time, or not like a JSON-RPC endpoint
   */
  async request({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    const answer = parse(method, await this.#post(method, { jsonrpc: '2.0', id, method, params: params ?? [] }));
    // An endpoint that could not read the request answers it without an id.
    if (answer['id'] !== id && !(answer['id'] === null && 'error' in answer))
      throw new Error(`the answer to ${method} belongs to another request`);
    const { error } = answer;
    if (error !== undefined && error !== null) {
      const { message, data } = error as { message?: unknown; data?: unknown };
      throw new JsonRpcRefusal(typeof message === 'string' ? message.slice(0, 300) : 'no reason given', data);
    }
    if (!('result' in answer)) throw new Error(`the answer to ${method} has neither a result nor an error`);
    return answer['result'];
  }

  async #post(method: string, body: object): Promise<string> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return await readBounded(response);
    } catch (error) {
      throw new Error(`no answer to ${method}: ${whyNot(error, this.#timeoutMs)}`, { cause: error });
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  // Leaving the loop by an error cancels the rest of the answer.
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    octets += part.length;
    if (octets > MAX_ANSWER_OCTETS) throw new AnswerTooLargeError(`more than ${MAX_ANSWER_OCTETS} octets`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(method: string, text: string): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`the answer to ${method} is not JSON`);
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    throw new Error(`the answer to ${method} is not a JSON-RPC response`);
  return answer as Readonly<Record<string, unknown>>;
}

/** fetch hides the reason in the cause; its code says it without naming a host. */
function whyNot(error: unknown, timeoutMs: number): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return `nothing complete within ${timeoutMs} ms`;
  if (error instanceof AnswerTooLargeError) return error.message;
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'the connection failed';
}
