// An auditor for the weeks of an audit, a locum who begins next month, a vendor's machine: access begins and is over by itself, also
// for a token that lives longer, and an administrator changes when. Over HTTP, with the tokens of the issuer.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { call, json, type Reply } from '../api/support/http.ts';
import { eventually } from '../flow/support/site.ts';
import { tokenFor } from '../support/sign-in.ts';
import {
  assertion,
  clientCredentials,
  newKeyPair,
  openIssuerSite,
  requestToken,
  type IssuerSite,
  type KeyPair,
  type TokenAnswer,
} from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

const HOUR = 3_600_000;
/** Enough for a token to be fetched and used on a busy machine. */
const SOON = 5000;

let issuer: IssuerSite;
let ada: Person;
let adaToken: string;
let adaId: string;
/** An administrator who is nobody of these people. */
let machine: string;

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
  adaToken = (await tokensOf(ada)).access;
  adaId = String(decodeJwt(adaToken).sub);
  machine = await tokenFor({ ...issuer.site.settings(), PUBLIC_URL: issuer.url }, { roles: ['administrator'] });
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

async function api(token: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const octets = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return call(issuer.url, path, { method, token, headers, ...octets });
}

const said = ({ status, text }: Reply): unknown[] => {
  const { code, reasons } = JSON.parse(text) as { code?: unknown; reasons?: unknown };
  return [status, code, ...(reasons === undefined ? [] : [reasons])];
};

const alarms = (token: string): Promise<Reply> => api(token, 'GET', '/v1/alarms');

async function tokensOf(person: Person): Promise<{ access: string; refresh: string }> {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(person, request), request);
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
}

interface Invited {
  readonly person: Person;
  readonly id: string;
}

/** Invited by Ada, and enrolled. */
async function invite(login: string, roles: readonly string[], period: object): Promise<Invited> {
  const person = new Person(login);
  const answer = await api(adaToken, 'POST', '/v1/accounts', { login, roles, ...period });
  expect([answer.status, json(answer)]).toMatchObject([
    201,
    { account: { accessFrom: null, accessUntil: null, ...period } },
  ]);
  const { account, link } = json(answer) as { account: { accountId: string }; link: string };
  const page = await person.browser.open(link);
  person.readKey(page);
  const fields = { password: person.password, repeated: person.password, code: person.code() };
  const done = await person.browser.submit(page, fields);
  expect([done.status, done.text.includes('The account is ready')]).toEqual([200, true]);
  person.keepRecoveryCodes(done);
  return { person, id: account.accountId };
}

/** Puts the end of somebody's access near, as if they had come when it was: what is signed in stays so. */
async function endSoon(table: 'account' | 'client', id: string): Promise<Date> {
  const end = new Date(Math.ceil((Date.now() + SOON) / 1000) * 1000);
  expect(await issuer.site.tamper(`UPDATE ${table} SET access_until = $2 WHERE id = $1`, [id, end])).toBe(1);
  return end;
}

async function passed(end: Date): Promise<void> {
  await delay(Math.max(0, end.getTime() - Date.now()));
}

/** `action outcome type-of-entity`, of what is about this id, or was asked for by it. */
async function eventsAbout(id: string): Promise<readonly string[]> {
  const rows = await issuer.site.read<{ event: string }>(
    `SELECT event FROM access_event ORDER BY event::json->>'time', seq`,
  );
  return rows
    .map(({ event }) => JSON.parse(event) as Record<string, Record<string, unknown> | null>)
    .filter(({ caller, entity }) => caller?.['subject'] === id || entity?.['id'] === id)
    .map(({ action, outcome, entity, decision }) =>
      [action, outcome, entity?.['type'], ...((decision?.['reasons'] ?? []) as string[])].join(' '),
    );
}

describe('an auditor for a while', () => {
  let bea: Invited;
  let tokens: { access: string; refresh: string };

  test('is in until the end, which the token says too', async () => {
    const accessUntil = inMs(HOUR);
    bea = await invite('bea@larkmoor.example', ['auditor'], { accessUntil });
    tokens = await tokensOf(bea.person);
    expect(decodeJwt(tokens.access)['access_until']).toBe(Date.parse(accessUntil) / 1000);
    expect((await alarms(tokens.access)).status).toBe(200);
  });

  test('at the end the token stops though it lives, with the reason, and that is recorded', async () => {
    const end = await endSoon('account', bea.id);
    const { body } = await refresh(issuer, tokens.refresh);
    tokens = { access: String(body['access_token']), refresh: String(body['refresh_token']) };
    expect(said(await alarms(tokens.access))[0]).toBe(200);
    await passed(end);
    const refused = await alarms(tokens.access);
    expect(said(refused)).toEqual([403, 'access-denied', ['outside-access-period']]);
    expect(json(refused)['detail']).toBe(
      `alarm.read is not allowed: this caller has access until ${end.toISOString()} only`,
    );
    expect(Number(decodeJwt(tokens.access).exp) * 1000).toBeGreaterThan(Date.now());
    expect((await eventsAbout(bea.id)).at(-1)).toBe('alarm.read denied route outside-access-period');
  });

  test('after it there is no other token, and the session opens no page', async () => {
    expect((await refresh(issuer, tokens.refresh)).body['error']).toBe('invalid_grant');
    const page = await bea.person.browser.open(`${issuer.url}/account`);
    expect([page.status, page.text.includes('Not signed in')]).toEqual([401, true]);
  });

  test('who signs in again is told, by the right words only, and gets no code', async () => {
    const wrong = await signIn(bea.person, authorization(issuer), { password: 'not hers at all, never' });
    expect([wrong.status, wrong.text.includes('do not go together')]).toEqual([400, true]);
    const right = await signIn(bea.person, authorization(issuer));
    expect([right.status, right.text.includes('but your access is over')]).toEqual([403, true]);
    expect(right.url).not.toContain('code=');
    expect((await eventsAbout(bea.id)).at(-1)).toMatch(/^sign-in denied account\/(otp|recovery-code)$/);
  });

  test('without a prompt the console learns that somebody must sign in', async () => {
    const { url, redirect } = authorization(issuer, { prompt: 'none' });
    const back = await bea.person.browser.open(url, redirect);
    expect(new URL(back.url).searchParams.get('error')).toBe('login_required');
  });

  test('extended by an administrator, she is in again', async () => {
    const period = { accessFrom: inMs(-HOUR), accessUntil: inMs(HOUR) };
    const answer = await api(adaToken, 'PUT', `/v1/accounts/${bea.id}/access-period`, period);
    expect([answer.status, json(answer)]).toMatchObject([200, { login: bea.person.login, ...period }]);
    expect((await eventsAbout(bea.id)).at(-1)).toBe('account.manage success account/access-period allowed');
    tokens = await tokensOf(bea.person);
    expect((await alarms(tokens.access)).status).toBe(200);
    const { accounts } = json(await api(adaToken, 'GET', '/v1/accounts')) as { accounts: object[] };
    expect(accounts).toContainEqual(expect.objectContaining({ accountId: bea.id, ...period }));
  });

  test('an end that is put into the past ends what she has at once', async () => {
    const period = { accessFrom: null, accessUntil: inMs(-1000) };
    expect((await api(adaToken, 'PUT', `/v1/accounts/${bea.id}/access-period`, period)).status).toBe(200);
    await eventually(
      'her token is refused',
      () => alarms(tokens.access),
      ({ status }) => status === 401,
      3000,
    );
    expect((await refresh(issuer, tokens.refresh)).body['error']).toBe('invalid_grant');
  });
});

test('a locum enrols before access begins, and is told at the sign-in that it has not', async () => {
  const cy = await invite('cy@larkmoor.example', ['clinician'], { accessFrom: inMs(HOUR) });
  const page = await signIn(cy.person, authorization(issuer));
  expect([page.status, page.text.includes('has not begun yet')]).toEqual([403, true]);
  const period = { accessFrom: inMs(-1000), accessUntil: null };
  expect((await api(adaToken, 'PUT', `/v1/accounts/${cy.id}/access-period`, period)).status).toBe(200);
  expect(decodeJwt((await tokensOf(cy.person)).access)['access_from']).toBe(Date.parse(period.accessFrom) / 1000);
});

describe('administrators', () => {
  const limited = (): object => ({ accessFrom: null, accessUntil: inMs(HOUR) });

  test('nobody changes their own time', async () => {
    const answer = await api(adaToken, 'PUT', `/v1/accounts/${adaId}/access-period`, limited());
    expect(said(answer)).toEqual([403, 'own-work']);
  });

  test('one stays whose access has begun and has no end; one for a while does not count', async () => {
    const dee = await invite('dee@larkmoor.example', ['administrator'], { accessUntil: inMs(HOUR) });
    const periodOfAda = `/v1/accounts/${adaId}/access-period`;
    expect(said(await api(machine, 'PUT', periodOfAda, limited()))).toEqual([409, 'last-administrator']);
    const later = { accessFrom: inMs(HOUR), accessUntil: null };
    expect(said(await api(machine, 'PUT', periodOfAda, later))).toEqual([409, 'last-administrator']);
    expect(said(await api(machine, 'POST', `/v1/accounts/${adaId}/disable`))).toEqual([409, 'last-administrator']);
    // Dee herself may be limited further: Ada is there.
    expect((await api(machine, 'PUT', `/v1/accounts/${dee.id}/access-period`, limited())).status).toBe(200);
    const unlimited = { accessFrom: null, accessUntil: null };
    expect((await api(machine, 'PUT', `/v1/accounts/${dee.id}/access-period`, unlimited)).status).toBe(200);
    expect((await api(machine, 'PUT', periodOfAda, limited())).status).toBe(200);
    expect((await api(machine, 'PUT', periodOfAda, unlimited)).status).toBe(200);
    adaToken = (await tokensOf(ada)).access;
  });
});

describe('a machine for a while', () => {
  let key: KeyPair;
  let clientId: string;
  let token: string;

  const ask = async (by: KeyPair = key): Promise<TokenAnswer> =>
    requestToken(
      issuer.url,
      clientCredentials(await assertion(by, clientId, `${issuer.url}/oidc/token`), 'ledger/audit.read'),
    );

  /** One that counts: those of the second in which the period was changed do not. */
  const getToken = async (): Promise<void> => {
    await eventually(
      'a token counts',
      async () => {
        token = String((await ask()).body['access_token']);
        return alarms(token);
      },
      ({ status }) => status === 200,
      5000,
    );
  };

  test('gets tokens until the end', async () => {
    key = await newKeyPair('ES384');
    const accessUntil = inMs(HOUR);
    const wanted = { name: 'Vendor', roles: ['auditor'], jwks: { keys: [key.publicJwk] }, accessUntil };
    const answer = await api(adaToken, 'POST', '/v1/clients', wanted);
    expect([answer.status, json(answer)]).toMatchObject([201, { accessFrom: null, accessUntil }]);
    clientId = String(json(answer)['clientId']);
    const end = await endSoon('client', clientId);
    token = String((await ask()).body['access_token']);
    expect(decodeJwt(token)['access_until']).toBe(end.getTime() / 1000);
    expect((await alarms(token)).status).toBe(200);
    await passed(end);
  });

  test('then the one that it has stops, which is recorded, and its key gets no other', async () => {
    expect(said(await alarms(token))).toEqual([403, 'access-denied', ['outside-access-period']]);
    expect((await eventsAbout(clientId)).at(-1)).toBe('alarm.read denied route outside-access-period');
    const { status, body } = await ask();
    expect([status, body]).toEqual([
      400,
      { error: 'unauthorized_client', error_description: 'the access of this client is over' },
    ]);
    await eventually(
      'the refusal is recorded',
      () => eventsAbout(clientId),
      (events) => events.at(-1) === 'token.issue denied client',
      3000,
    );
    // Whoever has not its key learns nothing.
    const stranger = await newKeyPair('ES384', key.publicJwk.kid);
    expect((await ask(stranger)).body['error']).toBe('invalid_client');
  });

  test('extended, it gets tokens that count, and those of before have ended', async () => {
    const period = { accessFrom: null, accessUntil: inMs(HOUR) };
    const answer = await api(adaToken, 'PUT', `/v1/clients/${clientId}/access-period`, period);
    expect([answer.status, json(answer)]).toMatchObject([200, { clientId, ...period }]);
    expect((await eventsAbout(clientId)).at(-1)).toBe('client.manage success client/access-period allowed');
    await eventually(
      'the old token is refused',
      () => alarms(token),
      ({ status }) => status === 401,
      3000,
    );
    await getToken();
  });

  test('put off, what it has ends at once, and it is told that its access has not begun', async () => {
    const period = { accessFrom: inMs(HOUR), accessUntil: null };
    expect((await api(adaToken, 'PUT', `/v1/clients/${clientId}/access-period`, period)).status).toBe(200);
    await eventually(
      'its token is refused',
      () => alarms(token),
      ({ status }) => status === 401,
      3000,
    );
    expect((await ask()).body['error_description']).toBe('the access of this client has not begun');
  });

  test('a machine that administers does not extend its own access', async () => {
    const admin = await newKeyPair('ES384');
    const accessUntil = inMs(HOUR);
    const wanted = { name: 'Migration', roles: ['administrator'], jwks: { keys: [admin.publicJwk] }, accessUntil };
    const id = String(json(await api(adaToken, 'POST', '/v1/clients', wanted))['clientId']);
    const asked = clientCredentials(await assertion(admin, id, `${issuer.url}/oidc/token`), 'admin');
    const own = String((await requestToken(issuer.url, asked)).body['access_token']);
    const period = { accessFrom: null, accessUntil: null };
    const refused = await api(own, 'PUT', `/v1/clients/${id}/access-period`, period);
    expect([refused.status, json(refused)['code']]).toEqual([403, 'own-work']);
    expect(json(await api(adaToken, 'GET', `/v1/clients/${id}`))).toMatchObject({ accessUntil });
    // Nor is it that machines may not do this at all.
    expect((await api(own, 'PUT', `/v1/clients/${clientId}/access-period`, period)).status).toBe(200);
  });

  test('disabled, no period lets its tokens in again', async () => {
    const period = { accessFrom: null, accessUntil: null };
    const path = `/v1/clients/${clientId}`;
    expect((await api(adaToken, 'PUT', `${path}/access-period`, period)).status).toBe(200);
    await getToken();
    expect((await api(adaToken, 'POST', `${path}/disable`)).status).toBe(201);
    expect((await api(adaToken, 'PUT', `${path}/access-period`, period)).status).toBe(200);
    await eventually(
      'its token is refused',
      () => alarms(token),
      ({ status }) => status === 401,
      3000,
    );
    expect(await issuer.site.read(`SELECT kind, issued_until FROM token_revocation WHERE id = $1`, [clientId])).toEqual(
      [{ kind: 'client', issued_until: null }],
    );
    expect((await ask()).body['error']).toBe('invalid_client');
  });
});

describe('what is refused, and why', () => {
  const time = 'a time with its offset from UTC, as 2026-12-24T18:00:00Z';

  test.each<[name: string, body: object, detail: string]>([
    ['no time', { accessFrom: null, accessUntil: 'christmas' }, `accessUntil: ${time}`],
    ['a day', { accessFrom: '2026-12-24', accessUntil: null }, `accessFrom: ${time}`],
    ['the time of no place', { accessFrom: null, accessUntil: '2026-12-24T18:00:00' }, `accessUntil: ${time}`],
    ['a day that there is not', { accessFrom: null, accessUntil: '2027-02-29T18:00:00Z' }, `accessUntil: ${time}`],
    ['a number', { accessFrom: 1_764_490_000, accessUntil: null }, `accessFrom: ${time}`],
    [
      'an end before the beginning, by their offsets',
      { accessFrom: '2030-01-01T12:00:00Z', accessUntil: '2030-01-01T12:30:00+01:00' },
      'accessUntil: must be later than accessFrom',
    ],
    [
      'an end at the beginning',
      { accessFrom: '2030-01-01T12:00:00Z', accessUntil: '2030-01-01T13:00:00+01:00' },
      'accessUntil: must be later than accessFrom',
    ],
    ['an end that is not mentioned', { accessFrom: null }, `accessUntil: ${time}`],
    ['a word too many', { accessFrom: null, accessUntil: null, roles: [] }, 'roles'],
  ])('%s', async (_name, body, detail) => {
    for (const path of [`/v1/accounts/${adaId}/access-period`, `/v1/clients/${adaId}/access-period`]) {
      const answer = await api(machine, 'PUT', path, body);
      expect(said(answer)).toEqual([400, 'bad-request']);
      expect(json(answer)['detail']).toContain(detail);
    }
  });

  test('an invitation or a registration for a time that is over', async () => {
    const accessUntil = inMs(-1000);
    const account = { login: 'eve@larkmoor.example', roles: ['auditor'], accessUntil };
    const client = {
      name: 'Old',
      roles: ['auditor'],
      jwks: { keys: [(await newKeyPair('ES384')).publicJwk] },
      accessUntil,
    };
    for (const [path, body] of [
      ['/v1/accounts', account],
      ['/v1/clients', client],
    ] as const) {
      const answer = await api(machine, 'POST', path, body);
      expect([said(answer), json(answer)['detail']]).toEqual([[400, 'bad-request'], 'accessUntil: lies in the past']);
      const crossed = { ...body, accessFrom: inMs(HOUR), accessUntil: inMs(HOUR / 2) };
      expect(json(await api(machine, 'POST', path, crossed))['detail']).toContain('must be later than accessFrom');
    }
  });

  test('and the tables take no such period either', async () => {
    for (const table of ['account', 'client'])
      await expect(
        issuer.site.tamper(`UPDATE ${table} SET access_from = now(), access_until = now() - interval '1 second'`),
      ).rejects.toThrow(`${table}_access_period`);
  });
});
