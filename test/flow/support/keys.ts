// Acts on a source's keys over plain HTTP, as a record system without our client would do them: signed in as
// the usual caller of the service, unless a token is given.

import type { SigningKey } from '@medanchor/client';
import { utf8 } from '@medanchor/verifier';
import { authorization } from '../../support/sign-in.ts';

export interface KeyAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class KeyDesk {
  readonly #service: string;
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(service: string, source: string, token?: string) {
    this.#service = service;
    this.#url = `${service}/v1/sources/${source}/keys`;
    this.#token = token;
  }

  #signedIn(): Promise<Record<string, string>> | Record<string, string> {
    return this.#token === undefined ? authorization(this.#service) : { authorization: `Bearer ${this.#token}` };
  }

  async post(path: string, body: unknown, mediaType = 'application/json'): Promise<KeyAnswer> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': mediaType, ...(await this.#signedIn()) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async get(path = ''): Promise<KeyAnswer> {
    const response = await fetch(`${this.#url}${path}`, { headers: await this.#signedIn() });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** The octets to sign. */
  async statement(act: object): Promise<Uint8Array> {
    const { status, body } = await this.post('/prepare', act);
    if (status !== 200) throw new Error(`not prepared: ${JSON.stringify(body)}`);
    return utf8(String(body['statement']));
  }

  async register(key: SigningKey): Promise<KeyAnswer> {
    const statement = await this.statement({ action: 'register', jwk: key.publicJwk });
    return this.post('', { jwk: key.publicJwk, possession: await key.sign(statement) });
  }

  async rotate(from: SigningKey, to: SigningKey, more: object | null = null): Promise<KeyAnswer> {
    const statement = await this.statement({ action: 'rotate', jwk: to.publicJwk, replaces: from.keyId });
    const authority = more ?? { authority: await from.sign(statement) };
    return this.post(`/${from.keyId}/rotate`, {
      jwk: to.publicJwk,
      possession: await to.sign(statement),
      ...authority,
    });
  }

  async revoke(key: SigningKey, more: object | null = null): Promise<KeyAnswer> {
    const statement = await this.statement({ action: 'revoke', keyId: key.keyId });
    return this.post(`/${key.keyId}/revoke`, more ?? { authority: await key.sign(statement) });
  }
}
