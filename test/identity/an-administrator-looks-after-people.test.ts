// An administrator, signed in as people are, invites somebody, changes what she may do, ends her sessions and lets her in
// anew; nobody does this to themselves, and nothing of it reaches another tenant. Over HTTP, with the tokens of the issuer.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { eventually } from '../flow/support/site.ts';
import { Browser } from './support/browser.ts';
import { newKeyPair, openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, refresh, setUpAdministrator, signIn } from './support/person.ts';
import { tokenFor } from '../support/sign-in.ts';

let issuer: IssuerSite;
let ada: Person;
let adaToken: string;
let adaId: string;
const bea = new Person('bea@larkmoor.example');
let beaId: string;
let invitation: string;

/** What the stories look at; that it is there is what they test. */
interface Body {
  readonly [member: string]: unknown;
  readonly account: { readonly accountId: string };
  readonly link: string;
  readonly accounts: readonly Record<string, unknown>[];
}

interface Answer {
  readonly status: number;
  readonly body: Body;
}

async function api(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${issuer.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text === '' ? '{}' : text) as Body };
}

async function tokensOf(person: Person): Promise<{ access: string; refresh: string }> {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(person, request), request);
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
}

/** Takes an invitation up, on its page. */
async function enrol(person: Person, link: string): Promise<void> {
  const page = await person.browser.open(link);
  expect(page.text).toContain(`<strong>${person.login}</strong>`);
  person.readKey(page);
  const fields = { password: person.password, repeated: person.password, code: person.code() };
  const done = await person.browser.submit(page, fields);
  expect([done.status, done.text.includes('The account is ready')]).toEqual([200, true]);
  person.keepRecoveryCodes(done);
}

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
  adaToken = (await tokensOf(ada)).access;
  adaId = String(decodeJwt(adaToken).sub);
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

test('an invitation opens once, and the newer one only', async () => {
  const first = await api(adaToken, 'POST', '/v1/accounts', { login: ' Bea@Larkmoor.example', roles: ['auditor'] });
  expect([first.status, first.body.account]).toEqual([
    201,
    {
      accountId: expect.any(String),
      login: bea.login,
      roles: ['auditor'],
      state: 'invited',
      accessFrom: null,
      accessUntil: null,
      createdAt: expect.any(String),
    },
  ]);
  beaId = first.body.account.accountId;
  const second = await api(adaToken, 'POST', `/v1/accounts/${beaId}/reset`);
  invitation = second.body.link;
  expect(invitation).toMatch(new RegExp(`^${issuer.url}/invitation\\?secret=[A-Za-z0-9_-]{43}$`));
  expect((await new Browser().open(first.body.link)).status).toBe(404);
  expect((await new Browser().open(invitation)).status).toBe(200);
  await enrol(bea, invitation);
  expect((await new Browser().open(invitation)).status).toBe(404);
  const { body } = await api(adaToken, 'GET', '/v1/accounts');
  expect(body.accounts.map(({ login, state }) => [login, state])).toEqual([
    [ada.login, 'active'],
    [bea.login, 'active'],
  ]);
});

test.each([
  ['a login that is taken', { login: 'BEA@larkmoor.example', roles: ['auditor'] }, 409, 'login-taken'],
  ['a role of machines', { login: 'cy@larkmoor.example', roles: ['record-system'] }, 400, 'bad-request'],
  ['no role', { login: 'cy@larkmoor.example', roles: [] }, 400, 'bad-request'],
  ['a word too many', { login: 'cy@larkmoor.example', roles: ['auditor'], password: 'x' }, 400, 'bad-request'],
])('nobody is invited with %s', async (_what, wanted, status, code) => {
  const answer = await api(adaToken, 'POST', '/v1/accounts', wanted);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

describe('with an account of her own', () => {
  test('she has what her roles give, and not more', async () => {
    const { access } = await tokensOf(bea);
    expect(decodeJwt(access)).toMatchObject({
      sub: beaId,
      roles: ['auditor'],
      scope: 'ledger/verify ledger/audit.read',
    });
    expect((await api(access, 'GET', '/v1/alarms')).status).toBe(200);
    expect((await api(access, 'GET', '/v1/accounts')).status).toBe(403);
  });

  test('other roles are hers from the next token on, and the old tokens end at once', async () => {
    const before = await tokensOf(bea);
    expect(
      (await api(adaToken, 'PUT', `/v1/accounts/${beaId}/roles`, { roles: ['privacy-officer'] })).body.roles,
    ).toEqual(['privacy-officer']);
    await eventually(
      'the old token is refused',
      () => api(before.access, 'GET', '/v1/alarms'),
      ({ status }) => status === 401,
      3000,
    );
    expect((await refresh(issuer, before.refresh)).body['error']).toBe('invalid_grant');
    expect(decodeJwt((await tokensOf(bea)).access)).toMatchObject({ roles: ['privacy-officer'] });
  });

  test('her session is in the list, and is ended from there', async () => {
    const { access } = await tokensOf(bea);
    const sid = decodeJwt(access)['sid'];
    const { body } = await api(adaToken, 'GET', `/v1/sessions?accountId=${beaId}`);
    expect(body.sessions).toContainEqual({
      sessionId: sid,
      accountId: beaId,
      signedInAt: expect.any(String),
      factors: ['pwd', 'otp', 'mfa'],
      expiresAt: expect.any(String),
    });
    expect((await api(adaToken, 'DELETE', `/v1/sessions/${String(sid)}`)).status).toBe(204);
    await eventually(
      'her token is refused',
      () => api(access, 'GET', '/v1/alarms'),
      ({ status }) => status === 401,
      3000,
    );
    const again = await api(adaToken, 'DELETE', `/v1/sessions/${String(sid)}`);
    expect([again.status, again.body.code]).toEqual([404, 'unknown-session']);
  });

  test('a closed account has no token, no session and no way in', async () => {
    const before = await tokensOf(bea);
    expect((await api(adaToken, 'POST', `/v1/accounts/${beaId}/disable`)).body.state).toBe('disabled');
    expect((await refresh(issuer, before.refresh)).body['error']).toBe('invalid_grant');
    const page = await signIn(bea, authorization(issuer), { code: bea.recoveryCodes[0]! });
    expect([page.status, page.text.includes('do not go together')]).toEqual([400, true]);
  });
});

describe('four eyes', () => {
  test.each([
    ['PUT', 'roles', { roles: ['auditor'] }],
    ['POST', 'disable', undefined],
    ['POST', 'reset', undefined],
  ])('%s %s on one’s own account is refused', async (method, what, body) => {
    const answer = await api(adaToken, method, `/v1/accounts/${adaId}/${what}`, body);
    expect([answer.status, answer.body.code]).toEqual([403, 'own-work']);
  });

  test('the last administrator cannot be closed by a machine either', async () => {
    const { key: settings } = { key: issuer.site.settings() };
    const machine = await tokenFor({ ...settings, PUBLIC_URL: issuer.url }, { roles: ['administrator'] });
    const answer = await api(machine, 'POST', `/v1/accounts/${adaId}/disable`);
    expect([answer.status, answer.body.code]).toEqual([409, 'last-administrator']);
  });

  test('a sign-in that is not fresh is not enough', async () => {
    const settings = { ...issuer.site.settings(), PUBLIC_URL: issuer.url };
    const stale = await tokenFor(settings, {
      subject: adaId,
      clientId: 'medanchor-console',
      roles: ['administrator'],
      more: { sid: 'a-session', auth_time: Math.floor(Date.now() / 1000) - 7200, amr: ['pwd', 'otp', 'mfa'] },
    });
    const answer = await api(stale, 'POST', '/v1/accounts', { login: 'dee@larkmoor.example', roles: ['auditor'] });
    expect([answer.status, answer.body.code]).toEqual([401, 'step-up-required']);
  });
});

describe('another tenant', () => {
  test('sees nothing of these accounts, sessions and clients, and cannot touch them', async () => {
    const settings = { ...issuer.site.settings(), PUBLIC_URL: issuer.url };
    const operator = await tokenFor(settings, { roles: ['administrator'] });
    expect((await api(operator, 'POST', '/v1/tenants', { name: 'fernside' })).status).toBe(201);
    const clientId = await issuer.register({
      name: 'Ward system',
      roles: ['record-system'],
      jwks: { keys: [(await newKeyPair('ES384')).publicJwk] },
    });
    const stranger = await tokenFor(settings, { tenant: 'fernside', roles: ['administrator'] });
    expect((await api(stranger, 'GET', '/v1/accounts')).body).toEqual({ accounts: [] });
    expect((await api(stranger, 'GET', '/v1/sessions')).body).toEqual({ sessions: [] });
    expect((await api(stranger, 'GET', '/v1/clients')).body).toEqual({ clients: [] });
    const sid = String(decodeJwt(adaToken)['sid']);
    const keys = { jwks: { keys: [(await newKeyPair('ES384')).publicJwk] } };
    const period = { accessFrom: null, accessUntil: '2030-01-01T00:00:00Z' };
    for (const [method, path, code, body] of [
      ['POST', `/v1/accounts/${adaId}/disable`, 'unknown-account', undefined],
      ['POST', `/v1/accounts/${adaId}/reset`, 'unknown-account', undefined],
      ['PUT', `/v1/accounts/${adaId}/roles`, 'unknown-account', { roles: ['auditor'] }],
      ['PUT', `/v1/accounts/${adaId}/access-period`, 'unknown-account', period],
      ['PUT', `/v1/clients/${clientId}/access-period`, 'unknown-client', period],
      ['DELETE', `/v1/sessions/${sid}`, 'unknown-session', undefined],
      ['GET', `/v1/clients/${clientId}`, 'unknown-client', undefined],
      ['PUT', `/v1/clients/${clientId}/keys`, 'unknown-client', keys],
      ['POST', `/v1/clients/${clientId}/disable`, 'unknown-client', undefined],
    ] as const) {
      const answer = await api(stranger, method, path, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, code]);
    }
    expect((await api(operator, 'GET', `/v1/clients/${clientId}`)).body.disabledAt).toBeNull();
  });
});
