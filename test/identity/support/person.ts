// Somebody with a telephone: enrols on the real pages, keeps the authenticator's key, and signs in at the console's client.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import { Browser, type Page } from './browser.ts';
import type { IssuerSite, TokenAnswer } from './issuer-site.ts';

export const PASSWORD = 'four unlikely words together';

export class Person {
  readonly browser = new Browser();
  readonly login: string;
  password = PASSWORD;
  totp: TOTP | undefined;
  recoveryCodes: readonly string[] = [];
  #lastStep = 0;
  #spare: string[] = [];

  constructor(login: string) {
    this.login = login;
  }

  /** The next code of the window that was not used yet; when all three are, a recovery code rather than waiting. */
  code(): string {
    if (this.totp === undefined) throw new Error('not enrolled');
    const now = Math.floor(Date.now() / 30_000);
    // The service takes the step before the present one, too. On a slow machine that may be over before the code arrives.
    const oldest = Math.floor((Date.now() + 15_000) / 30_000) - 1;
    this.#lastStep = Math.max(oldest, this.#lastStep + 1);
    if (this.#lastStep > now + 1) {
      this.#lastStep -= 1;
      return this.#spareCode();
    }
    return this.totp.generate({ timestamp: this.#lastStep * 30_000 });
  }

  #spareCode(): string {
    const code = this.#spare.pop();
    if (code === undefined) throw new Error('the recovery codes are used up');
    return code;
  }

  readKey(page: Page): void {
    const [, key = ''] = /Key: <code>([A-Z2-7 ]+)<\/code>/.exec(page.text) ?? [];
    this.totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) });
  }

  keepRecoveryCodes(page: Page): void {
    const codes = [...page.text.matchAll(/<li><code>([a-z2-7-]+)<\/code>/g)].map(([, code = '']) => code);
    // The first five are for stories about recovery codes.
    this.recoveryCodes = codes;
    this.#spare = codes.slice(5);
  }
}

export async function setUpAdministrator(issuer: IssuerSite, login = 'ada@larkmoor.example'): Promise<Person> {
  const person = new Person(login);
  const page = await person.browser.open(`${issuer.url}/setup`);
  person.readKey(page);
  const done = await person.browser.submit(page, {
    secret: readFileSync(issuer.setupFile, 'utf8').trim(),
    login,
    password: person.password,
    repeated: person.password,
    code: person.code(),
  });
  if (done.status !== 200) throw new Error(`set-up answered ${done.status}: ${done.text}`);
  person.keepRecoveryCodes(done);
  return person;
}

export interface Authorization {
  readonly url: string;
  readonly verifier: string;
  readonly redirect: string;
}

export function authorization(issuer: IssuerSite, more: Readonly<Record<string, string>> = {}): Authorization {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = `${issuer.url}/console/callback`;
  const query = new URLSearchParams({
    client_id: 'medanchor-console',
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid ledger/verify ledger/audit.read admin',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: `${issuer.url}/oidc/auth?${query.toString()}`, verifier, redirect };
}

/** Opens the sign-in page, fills it in, and gives the address that the console is called back at. */
export async function signIn(
  person: Person,
  { url, redirect }: Authorization,
  fields: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const page = await person.browser.open(url, redirect);
  if (page.text === '') return page;
  const typed = { login: person.login, password: person.password, ...fields };
  return person.browser.submit(page, { ...typed, code: fields['code'] ?? person.code() }, redirect);
}

export async function exchangeCode(
  issuer: IssuerSite,
  callback: Page,
  { verifier, redirect }: Authorization,
): Promise<TokenAnswer> {
  return postToken(issuer, {
    grant_type: 'authorization_code',
    client_id: 'medanchor-console',
    code: new URL(callback.url).searchParams.get('code') ?? '',
    redirect_uri: redirect,
    code_verifier: verifier,
  });
}

export async function refresh(issuer: IssuerSite, refreshToken: string): Promise<TokenAnswer> {
  return postToken(issuer, {
    grant_type: 'refresh_token',
    client_id: 'medanchor-console',
    refresh_token: refreshToken,
  });
}

async function postToken(issuer: IssuerSite, form: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(`${issuer.url}/oidc/token`, { method: 'POST', body: new URLSearchParams(form) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
