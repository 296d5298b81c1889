// From an installation without accounts to a person with a token: the first administrator is set up once, signs in with
// password and second factor on plain pages, and every short cut is closed.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { SessionsService } from '../../api/src/identity/issuer/sessions.service.ts';
import { TokenRevocations } from '../../api/src/platform/auth/token-revocations.port.ts';
import { eventually } from '../flow/support/site.ts';
import { Browser, formOf } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, refresh, signIn } from './support/person.ts';

const NOWHERE = { address: null, requestId: null };
let issuer: IssuerSite;
let ada: Person;
let secret: string;
let firstCode: string;

beforeAll(async () => {
  issuer = await openIssuerSite();
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

describe('the first start', () => {
  test('leaves a set-up secret that only its owner can read, and nothing of it in the database', async () => {
    secret = readFileSync(issuer.setupFile, 'utf8').trim();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statSync(issuer.setupFile).mode & 0o777).toBe(0o600);
    const rows = await issuer.site.read(`SELECT row_to_json(e)::text AS row FROM enrolment e`);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  const WRONG: [string, Record<string, string>, RegExp][] = [
    ['another secret', { secret: 'A'.repeat(43) }, /not valid/],
    [
      'a short password',
      { password: 'elevenchars', repeated: 'elevenchars' },
      /at least 12 characters; this one has 11/,
    ],
    ['a common password', { password: 'password123456', repeated: 'password123456' }, /tried first/],
    [
      'a password with the login in it',
      { password: 'ada@is-ada-mason', login: 'ada-mason', repeated: 'ada@is-ada-mason' },
      /the login/,
    ],
    ['two passwords', { repeated: 'four unlikely words elsewhere' }, /not the same/],
    ['a wrong code', { code: '000000' }, /code of the authenticator is not right/],
    ['a login with spaces', { login: 'ada mason' }, /without spaces/],
  ];
  test.each(WRONG)('makes no account with %s', async (_what, fields, fault) => {
    const person = new Person('ada@larkmoor.example');
    const page = await person.browser.open(`${issuer.url}/setup`);
    person.readKey(page);
    const answer = await person.browser.submit(page, {
      secret,
      login: person.login,
      password: person.password,
      repeated: person.password,
      code: person.code(),
      ...fields,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(fault);
    expect(answer.text).not.toContain(person.password);
    expect(await issuer.site.read(`SELECT FROM account`)).toHaveLength(0);
  });

  test('of two who set up at once, one is the administrator', async () => {
    const people = ['ada@larkmoor.example', 'eve@larkmoor.example'].map((login) => new Person(login));
    const pages = await Promise.all(people.map(({ browser }) => browser.open(`${issuer.url}/setup`)));
    const answers = await Promise.all(
      people.map((person, i) => {
        person.readKey(pages[i]!);
        firstCode = person.code();
        return person.browser.submit(pages[i]!, {
          secret,
          login: person.login,
          password: person.password,
          repeated: person.password,
          code: firstCode,
        });
      }),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
    const winner = answers.findIndex(({ status }) => status === 200);
    ada = people[winner]!;
    ada.keepRecoveryCodes(answers[winner]!);
    expect(ada.recoveryCodes).toHaveLength(10);
    // 26 characters of five bits each.
    for (const code of ada.recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){6}[a-z2-7]{2}$/);
    expect(await issuer.site.read(`SELECT login, roles FROM account`)).toEqual([
      { login: ada.login, roles: ['administrator'] },
    ]);
  });

  test('works once: the secret is spent and its file is gone', async () => {
    expect(existsSync(issuer.setupFile)).toBe(false);
    const late = new Person('late@larkmoor.example');
    const page = await late.browser.open(`${issuer.url}/setup`);
    late.readKey(page);
    const answer = await late.browser.submit(page, {
      secret,
      login: late.login,
      password: late.password,
      repeated: late.password,
      code: late.code(),
    });
    expect([answer.status, /not valid/.test(answer.text)]).toEqual([400, true]);
  });

  test('keeps neither password nor second factor nor recovery codes in clear', async () => {
    const [account] = await issuer.site.read<{ row: string; password_hash: string }>(
      `SELECT row_to_json(a)::text AS row, password_hash FROM account a`,
    );
    const codes = await issuer.site.read(`SELECT row_to_json(r)::text AS row FROM recovery_code r`);
    expect(account!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const hex = Buffer.from(ada.totp!.secret.bytes).toString('hex');
    for (const hidden of [ada.password, hex, ada.totp!.secret.base32]) expect(account!.row).not.toContain(hidden);
    expect(codes).toHaveLength(10);
    expect(JSON.stringify(codes)).not.toContain(ada.recoveryCodes[0]!);
  });
});

describe('signing in', () => {
  let refreshToken: string;
  let sessionId: string;

  /** What is used twice ends the sign-in (a-code-is-used-twice.test.ts). */
  async function signInAgain(recoveryCode: number): Promise<void> {
    const code = ada.recoveryCodes[recoveryCode] ?? '';
    expect((await signIn(ada, authorization(issuer), { code })).url).toContain('/console/callback?code=');
  }

  test('password and second factor give a token that says so', async () => {
    const request = authorization(issuer);
    const callback = await signIn(ada, request);
    expect(Object.fromEntries(new URL(callback.url).searchParams)).toMatchObject({
      state: 'the-state',
      iss: `${issuer.url}/oidc`,
    });
    const { status, body } = await exchangeCode(issuer, callback, request);
    expect([status, body['expires_in']]).toEqual([200, 300]);
    const claims = decodeJwt(String(body['access_token']));
    const [account] = await issuer.site.read<{ id: string }>(`SELECT id FROM account`);
    expect(claims).toEqual({
      iss: `${issuer.url}/oidc`,
      aud: issuer.url,
      sub: account!.id,
      client_id: 'medanchor-console',
      scope: 'ledger/verify ledger/audit.read admin',
      tenant: 'default',
      roles: ['administrator'],
      auth_time: expect.any(Number),
      amr: ['pwd', 'otp', 'mfa'],
      sid: expect.any(String),
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(claims.iat) + 300,
    });
    expect(JSON.stringify(claims) + String(body['id_token'])).not.toContain(ada.login);
    expect(decodeJwt(String(body['id_token']))).toMatchObject({
      sub: account!.id,
      nonce: 'the-nonce',
      amr: ['pwd', 'otp', 'mfa'],
    });
    refreshToken = String(body['refresh_token']);
    sessionId = String(claims['sid']);
  });

  test('nothing that opens anything is in the database in clear', async () => {
    const rows = await issuer.site.read(`SELECT row_to_json(m)::text AS row FROM oidc_model m`);
    expect(rows.length).toBeGreaterThan(2);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
  });

  test('a session that lasts needs no second sign-in, unless a fresh one is asked for', async () => {
    const request = authorization(issuer);
    const callback = await ada.browser.open(request.url, request.redirect);
    expect(new URL(callback.url).searchParams.has('code')).toBe(true);
    for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
      const page = await ada.browser.open(authorization(issuer, more).url, request.redirect);
      expect(page.text).toContain('<h1>Sign in</h1>');
      expect(page.text).toContain('fresh proof');
    }
  });

  test('a refresh token works once; used again, the whole sign-in ends', async () => {
    const request = authorization(issuer);
    const { body } = await exchangeCode(issuer, await ada.browser.open(request.url, request.redirect), request);
    const first = String(body['refresh_token']);
    const renewed = await refresh(issuer, first);
    expect(renewed.status).toBe(200);
    expect(decodeJwt(String(renewed.body['access_token']))).toMatchObject({ roles: ['administrator'], sid: sessionId });
    expect((await refresh(issuer, first)).body['error']).toBe('invalid_grant');
    expect((await refresh(issuer, String(renewed.body['refresh_token']))).body['error']).toBe('invalid_grant');
    await signInAgain(3);
  });

  test('a code of the authenticator is taken once', async () => {
    const eve = new Person(ada.login);
    const page = await eve.browser.open(authorization(issuer).url);
    const answer = await eve.browser.submit(page, { login: ada.login, password: ada.password, code: firstCode });
    expect([answer.status, /do not go together/.test(answer.text)]).toEqual([400, true]);
  });

  test('a recovery code lets in once', async () => {
    const [code = ''] = ada.recoveryCodes;
    const elsewhere = new Browser();
    const request = authorization(issuer);
    const again = async (): Promise<string> => {
      const page = await elsewhere.open(authorization(issuer, { prompt: 'login' }).url);
      const fields = { login: ada.login, password: ada.password, code: code.toUpperCase() };
      return (await elsewhere.submit(page, fields, request.redirect)).url;
    };
    expect(await again()).toContain('/console/callback?code=');
    expect(await again()).toContain('/sign-in/');
  });

  test('without PKCE, with plain PKCE, or to another address there is no code', async () => {
    for (const more of [
      { code_challenge: '', code_challenge_method: '' },
      { code_challenge_method: 'plain' },
      { redirect_uri: 'https://evil.example/callback' },
      { response_type: 'token' },
      { client_id: 'nobody' },
    ]) {
      const { url, redirect } = authorization(issuer, more);
      const page = await ada.browser.open(url, redirect);
      expect(page.url).not.toContain('code=');
      if (page.text !== '') expect([400, page.text.includes('This did not work')]).toEqual([page.status, true]);
    }
  });

  test('a code needs its verifier, and is taken once', async () => {
    const request = authorization(issuer);
    const callback = await ada.browser.open(request.url, request.redirect);
    const wrong = await exchangeCode(issuer, callback, { ...request, verifier: 'A'.repeat(43) });
    expect([wrong.status, wrong.body['error']]).toEqual([400, 'invalid_grant']);
    const other = authorization(issuer);
    const fresh = await ada.browser.open(other.url, other.redirect);
    const both = await Promise.all([exchangeCode(issuer, fresh, other), exchangeCode(issuer, fresh, other)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
    await signInAgain(4);
  });

  test('a sign-in page is no use in another browser', async () => {
    const page = await ada.browser.open(authorization(issuer, { prompt: 'login' }).url);
    const stranger = new Browser();
    expect((await stranger.open(page.url)).text).toContain('This sign-in is over');
    const sent = await stranger.submit(page, { login: ada.login, password: ada.password, code: '123456' });
    expect([sent.status, sent.text.includes('This sign-in is over')]).toEqual([400, true]);
  });

  test('a form that another site sends is refused', async () => {
    const page = await ada.browser.open(authorization(issuer, { prompt: 'login' }).url);
    const fields = { login: ada.login, password: ada.password, code: '123456' };
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      const answer = await ada.browser.submit(page, fields, undefined, headers);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        400,
        expect.objectContaining({ code: 'form-refused' }),
      ]);
    }
  });

  test('a session that is revoked ends its refresh tokens and its access tokens', async () => {
    const bea = new Person(ada.login);
    const request = authorization(issuer);
    const page = await bea.browser.open(request.url);
    const fields = { login: ada.login, password: ada.password, code: ada.recoveryCodes[1]! };
    const callback = await bea.browser.submit(page, fields, request.redirect);
    const { body } = await exchangeCode(issuer, callback, request);
    const { sid, jti } = decodeJwt(String(body['access_token'])) as { sid: string; jti: string };
    const [account] = await issuer.site.read<{ id: string; tenant_id: string }>(`SELECT id, tenant_id FROM account`);
    const sessions = issuer.service.app.get(SessionsService);
    const revocations = issuer.service.app.get(TokenRevocations);
    const tenant = { id: account!.tenant_id, name: 'default' };
    expect((await sessions.list(tenant.id, account!.id)).map(({ id }) => id)).toContain(sid);
    const token = { tokenId: jti, sessionId: sid, clientId: 'medanchor-console', issuedAt: new Date() };
    expect(revocations.isRevoked(token)).toBe(false);
    await expect(
      sessions.end({ id: '00000000-0000-4000-8000-000000000000', name: 'x' }, sid, NOWHERE),
    ).rejects.toMatchObject({
      code: 'unknown-session',
    });
    await sessions.end(tenant, sid, NOWHERE);
    expect((await refresh(issuer, String(body['refresh_token']))).body['error']).toBe('invalid_grant');
    expect((await sessions.list(tenant.id, account!.id)).map(({ id }) => id)).not.toContain(sid);
    await eventually(
      'the revocation is known',
      async () => revocations.isRevoked(token),
      (known) => known,
      3000,
    );
    expect((await bea.browser.open(authorization(issuer).url)).text).toContain('<h1>Sign in</h1>');
  });

  test('signing out at the issuer ends the session, its tokens, and goes back to the console', async () => {
    const cy = new Person(ada.login);
    const request = authorization(issuer);
    const page = await cy.browser.open(request.url);
    const fields = { login: ada.login, password: ada.password, code: ada.recoveryCodes[2]! };
    const { body } = await exchangeCode(issuer, await cy.browser.submit(page, fields, request.redirect), request);
    const { sid, jti } = decodeJwt(String(body['access_token'])) as { sid: string; jti: string };
    const query = new URLSearchParams({
      id_token_hint: String(body['id_token']),
      post_logout_redirect_uri: `${issuer.url}/console/`,
    });
    const question = await cy.browser.open(`${issuer.url}/oidc/session/end?${query.toString()}`);
    expect(question.text).toContain('<h1>Sign out?</h1>');
    const out = await cy.browser.submit(question, { logout: 'yes' }, `${issuer.url}/console/`);
    expect(out.url).toBe(`${issuer.url}/console/`);
    expect((await refresh(issuer, String(body['refresh_token']))).body['error']).toBe('invalid_grant');
    const revocations = issuer.service.app.get(TokenRevocations);
    const token = { tokenId: jti, sessionId: sid, clientId: 'medanchor-console', issuedAt: new Date() };
    await eventually(
      'the revocation is known',
      async () => revocations.isRevoked(token),
      (known) => known,
      3000,
    );
    expect((await cy.browser.open(authorization(issuer).url)).text).toContain('<h1>Sign in</h1>');
  });

  test('the account page shows one’s sessions and ends them all', async () => {
    expect((await new Browser().open(`${issuer.url}/account`)).status).toBe(401);
    const page = await ada.browser.open(`${issuer.url}/account`);
    expect([page.status, page.text.includes('this browser')]).toEqual([200, true]);
    const out = await ada.browser.submit(page, { session: 'all', password: ada.password, code: ada.code() });
    expect([out.status, out.text.includes('signed out everywhere')]).toEqual([200, true]);
    expect((await ada.browser.open(`${issuer.url}/account`)).status).toBe(401);
    expect(
      await issuer.site.read(
        `SELECT FROM oidc_model WHERE type IN ('Session', 'RefreshToken', 'Grant') AND account_id IS NOT NULL`,
      ),
    ).toHaveLength(0);
  });
});

test('no page has a script, and none may run one', async () => {
  const browser = new Browser();
  const pages = await Promise.all([
    browser.open(`${issuer.url}/setup`),
    browser.open(authorization(issuer).url),
    new Browser().open(`${issuer.url}/invitation?secret=none`),
    new Browser().open(`${issuer.url}/account`),
    new Browser().open(authorization(issuer, { client_id: 'nobody' }).url),
    new Browser().open(`${issuer.url}/oidc/session/end/success`),
    new Browser().open(`${issuer.url}/oidc/session/end`),
  ]);
  for (const { url, text, headers } of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    expect([url, text.startsWith('<!doctype html>'), /<script|javascript:|\son[a-z]+=/i.test(text)]).toEqual([
      url,
      true,
      false,
    ]);
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; form-action 'self'/);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
    expect([headers.get('cache-control')?.includes('no-store'), headers.get('x-frame-options')]).toEqual([
      true,
      'DENY',
    ]);
  }
  const labelled = formOf(pages[1]).fields;
  for (const name of Object.keys(labelled)) expect(pages[1].text).toContain(`<label for="${name}">`);
});
