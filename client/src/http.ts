// One request to the ledger, repeated while that can help. Every route that this client calls is safe to repeat: the same
// version again gives its first receipt, so a lost answer costs nothing but time.

import { LedgerRefusal, LedgerUnreachable } from './errors.ts';

export interface HttpOptions {
  /** Where the service is, without a path: `https://ledger.example`. */
  readonly url: string;
  /** The access token of the next request; null for none. Called each time, so that it can be renewed. */
  readonly token?: (() => Promise<string | null>) | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Attempts in all, first one included. Default 5. */
  readonly attempts?: number | undefined;
  /** For each attempt. Default 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Too much in flight, unavailable, or a gateway that found nobody: the next attempt may find it otherwise. */
const PASSING = new Set([429, 502, 503, 504]);

export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** @throws {LedgerRefusal} with the problem that it answered; @throws {LedgerUnreachable} after the last attempt */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const attempts = this.#options.attempts ?? ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(request);
      if (!(outcome instanceof Error)) {
        if (outcome.status < 400) return { status: outcome.status, text: await outcome.text() };
        const refusal = new LedgerRefusal(outcome.status, problemIn(await outcome.text()));
        if (!PASSING.has(outcome.status) || attempt >= attempts) throw refusal;
        await pause(retryAfterMs(outcome.headers.get('retry-after')) ?? backOff(attempt));
      } else {
        if (attempt >= attempts)
          throw new LedgerUnreachable(`no answer from the ledger in ${attempt} attempts`, { cause: outcome });
        await pause(backOff(attempt));
      }
    }
  }

  async #attempt({ method, path, headers, body }: HttpRequest): Promise<Response | Error> {
    const { url, token, timeoutMs } = this.#options;
    const bearer = token === undefined ? null : await token();
    try {
      return await (this.#options.fetch ?? fetch)(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers: { ...headers, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS),
      });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** `Retry-After` (RFC 9110 section 10.2.3) in seconds; a date is not looked at. Null when it says nothing. */
export function retryAfterMs(value: string | null): number | null {
  return value !== null && /^[0-9]{1,5}$/.test(value) ? Math.min(Number(value) * 1000, LONGEST_PAUSE_MS) : null;
}

function backOff(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function problemIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
