// HTTP client of Vault: one time limit per attempt, repeated on 5xx and 429 only, bounded answers, and no message that could
// carry a secret. What it asks for is safe to repeat (encrypting twice only makes another ciphertext).
// https://developer.hashicorp.com/vault/api-docs: a 503 means sealed or in maintenance, 403 a token without the right.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DomainError } from '../../errors/domain-error.ts';
import { tokenOfAppRole, tokenOfFile, type AppRole, type VaultToken } from './vault-token.ts';

export interface VaultOptions {
  readonly address: string;
  readonly namespace: string | null;
  readonly timeoutMs: number;
  readonly credential: { readonly tokenFile: string } | AppRole;
  /** Called after every request that was answered or given up. */
  readonly onResult?: (result: 'ok' | 'refused' | 'failed') => void;
}

export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

const ATTEMPTS = 3;
const PAUSE_MS = 100;
const MAX_ANSWER_OCTETS = 8 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;

const loginSchema = z.looseObject({
  auth: z.looseObject({ client_token: z.string().min(1), lease_duration: z.number().min(0) }),
});
const errorsSchema = z.looseObject({ errors: z.array(z.string()) });

export class VaultClient {
  readonly #options: VaultOptions;
  readonly #token: VaultToken;

  /** @throws {SecretFileError} when the token or the secret id cannot be read */
  constructor(options: VaultOptions, now: () => number) {
    this.#options = options;
    const { credential } = options;
    this.#token =
      'tokenFile' in credential
        ? tokenOfFile(credential.tokenFile)
        : tokenOfAppRole(credential, (body) => this.#logIn(body), now);
  }

  /**
   * @param path below /v1, its parts encoded
   * @returns the answer when its status is below 300, 400 or 404: what these mean, the caller knows
   * @throws {DomainError} `unavailable` when there is no such answer
   */
  async post(path: string, body: object): Promise<VaultAnswer> {
    const answer = await this.#send(path, body, await this.#token.current());
    if (answer.status !== 403) return this.#expected(answer);
    // It may have run out or been replaced: once more, with a fresh one.
    this.#token.refused();
    return this.#expected(await this.#send(path, body, await this.#token.current()));
  }

  #expected(answer: VaultAnswer): VaultAnswer {
    const { status, body } = answer;
    if (status < 300 || status === 400 || status === 404) {
      this.#options.onResult?.('ok');
      return answer;
    }
    this.#options.onResult?.('refused');
    if (status === 403)
      throw unavailable('the key service refuses this service: its token is no longer valid or lacks the right', body);
    throw unavailable(`the key service answers with status ${status}`, body);
  }

  async #logIn(body: object): Promise<{ token: string; leaseSeconds: number }> {
    const answer = await this.#send('auth/approle/login', body, null);
    const parsed = loginSchema.safeParse(answer.body);
    if (answer.status >= 300 || !parsed.success) {
      this.#options.onResult?.('refused');
      throw unavailable(`the key service refuses the AppRole login with status ${answer.status}`, answer.body);
    }
    return { token: parsed.data.auth.client_token, leaseSeconds: parsed.data.auth.lease_duration };
  }

  async #send(path: string, body: object, token: string | null): Promise<VaultAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#once(path, body, token);
      if (answer.status !== 429 && answer.status < 500) return answer;
      if (attempt >= ATTEMPTS) {
        this.#options.onResult?.('failed');
        throw unavailable(
          answer.status === 503
            ? 'the key service is sealed or in maintenance'
            : `the key service answers with status ${answer.status}`,
          answer.body,
        );
      }
      await delay(PAUSE_MS * 4 ** (attempt - 1));
    }
  }

  async #once(path: string, body: object, token: string | null): Promise<VaultAnswer> {
    const { address, namespace, timeoutMs } = this.#options;
    try {
      const response = await fetch(`${address.replace(/\/$/, '')}/v1/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-vault-request': 'true',
          ...(token === null ? {} : { 'x-vault-token': token }),
          ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
        },
        body: JSON.stringify(body),
        // The token is for this address alone.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await readBounded(response);
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    } catch (error) {
      this.#options.onResult?.('failed');
      throw unavailable(`the key service cannot be reached (${whyNot(error, timeoutMs)})`, null);
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    octets += part.length;
    if (octets > MAX_ANSWER_OCTETS) throw new Error('answer too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function unavailable(what: string, body: unknown): DomainError {
  const said = errorsOf(body);
  return new DomainError(
    'unavailable',
    `${what}; it is safe to ask again`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
    said === null ? {} : { cause: new Error(said) },
  );
}

/** Vault's own words, for the log; withheld when anything in them could be a key, a token or an echo of what was sent. */
export function errorsOf(body: unknown): string | null {
  const parsed = errorsSchema.safeParse(body);
  if (!parsed.success || parsed.data.errors.length === 0) return null;
  const text = parsed.data.errors.join('; ').slice(0, 300);
  return /[A-Za-z0-9+/_=.-]{24,}/.test(text) ? 'the key service gave a reason that is not shown' : text;
}

/** By kind only: messages name hosts. */
function whyNot(error: unknown, timeoutMs: number): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return `no complete answer within ${timeoutMs} ms`;
  if (name === 'SyntaxError') return 'its answer is not JSON';
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'the connection failed';
}
