// Somebody has forgotten a password: an administrator's link and the second factor together set another one. Neither does alone, and
// the link opens no page that asks for less. Who has lost both is let in anew by another route.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Page } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

const NEW_PASSWORD = 'quince lantern obelisk';
let issuer: IssuerSite;
let ada: Person;
let adaToken: string;
let beaId: string;
let beaRefresh: string;
const bea = new Person('bea@larkmoor.example');

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly link: string; readonly account: { readonly accountId: string } };
}

async function post(path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${issuer.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adaToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function tokensOf(person: Person): Promise<{ access: string; refresh: string }> {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(person, request), request);
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
}

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
  adaToken = (await tokensOf(ada)).access;
  const { body } = await post('/v1/accounts', { login: bea.login, roles: ['auditor'] });
  beaId = body.account.accountId;
  // There is nothing to ask for yet.
  expect(await post(`/v1/accounts/${beaId}/reset-password`)).toMatchObject({
    status: 409,
    body: { code: 'not-enrolled' },
  });
  const page = await bea.browser.open(body.link);
  bea.readKey(page);
  const typed = { password: bea.password, repeated: bea.password, code: bea.code() };
  bea.keepRecoveryCodes(await bea.browser.submit(page, typed));
  beaRefresh = (await tokensOf(bea)).refresh;
}, 60_000);

afterAll(() => issuer.close());

test('nobody asks for their own, or for somebody else’s', async () => {
  const own = await post(`/v1/accounts/${String(decodeJwt(adaToken).sub)}/reset-password`);
  expect([own.status, own.body.code]).toEqual([403, 'own-work']);
  const stranger = await post(`/v1/accounts/00000000-0000-4000-8000-000000000000/reset-password`);
  expect([stranger.status, stranger.body.code]).toEqual([404, 'unknown-account']);
});

test('the link is for its own page alone, and an invitation’s for its own', async () => {
  const { status, body } = await post(`/v1/accounts/${beaId}/reset-password`);
  expect([status, body.link]).toEqual([
    201,
    expect.stringMatching(new RegExp(`^${issuer.url}/password-reset\\?secret=[A-Za-z0-9_-]{43}$`)),
  ]);
  const secret = new URL(body.link).searchParams.get('secret') ?? '';
  expect((await new Person('x').browser.open(`${issuer.url}/invitation?secret=${secret}`)).status).toBe(404);
  expect((await new Person('x').browser.open(body.link)).status).toBe(200);
  const invited = await post('/v1/accounts', { login: 'cy@larkmoor.example', roles: ['auditor'] });
  const other = new URL(invited.body.link).searchParams.get('secret') ?? '';
  expect((await new Person('x').browser.open(`${issuer.url}/password-reset?secret=${other}`)).status).toBe(404);
});

const open = async (): Promise<Page> =>
  bea.browser.open((await post(`/v1/accounts/${beaId}/reset-password`)).body.link);

test.each([
  ['no second factor', { code: '' }, /code or the passkey is not right/],
  ['a wrong one', { code: '000000' }, /code or the passkey is not right/],
  ['a recovery code of nobody', { code: 'aaaa-bbbb-cccc-dddd' }, /code or the passkey is not right/],
  ['a common password', { password: 'password123456', repeated: 'password123456' }, /tried first/],
  ['two passwords', { repeated: 'quince lantern' }, /not the same/],
])('%s changes nothing', async (_what, fields, fault) => {
  const page = await open();
  const typed = { password: NEW_PASSWORD, repeated: NEW_PASSWORD, code: '', ...fields };
  const answer = await bea.browser.submit(page, typed);
  expect([answer.status, fault.test(answer.text)]).toEqual([400, true]);
});

test('both together do: the old password and the sessions end, the second factor stays, the link is spent', async () => {
  const page = await open();
  const done = await bea.browser.submit(page, {
    password: NEW_PASSWORD,
    repeated: NEW_PASSWORD,
    code: bea.recoveryCodes[0]!,
  });
  expect([done.status, done.text.includes('The password is changed')]).toEqual([200, true]);
  expect((await refresh(issuer, beaRefresh)).body['error']).toBe('invalid_grant');
  expect((await bea.browser.open(page.url)).status).toBe(404);
  const old = await signIn(new Person(bea.login), authorization(issuer), {
    password: bea.password,
    code: bea.recoveryCodes[1]!,
  });
  expect(old.status).toBe(400);
  bea.password = NEW_PASSWORD;
  expect((await signIn(bea, authorization(issuer))).url).toContain('/console/callback?code=');
  const events = await issuer.site.read<{ entity: { type: string }; address: string }>(
    `SELECT event::jsonb->'entity' AS entity, event::jsonb->>'address' AS address FROM access_event
      WHERE event::jsonb->>'action' = 'account.manage' AND event::jsonb->'entity'->>'id' = $1 ORDER BY seq DESC LIMIT 2`,
    [beaId],
  );
  expect(events.map(({ entity, address }) => [entity.type, address])).toEqual([
    ['account/password', '127.0.0.1'],
    ['account/password-reset', '127.0.0.1'],
  ]);
});

test('codes are not guessed at the link: the fifth wrong one closes the account, for the right one too', async () => {
  const page = await open();
  const typed = { password: NEW_PASSWORD, repeated: NEW_PASSWORD };
  // In a browser that the account does not know: in others failures are counted apart.
  const { browser } = new Person(bea.login);
  for (let turn = 0; turn < 5; turn += 1) await browser.submit(page, { ...typed, code: '000000' });
  const right = await browser.submit(page, { ...typed, code: bea.recoveryCodes[2]! });
  expect([right.status, right.text.includes('code or the passkey is not right')]).toEqual([400, true]);
  const [row] = await issuer.site.read<{ locked: boolean }>(
    `SELECT locked_until > now() AS locked FROM account WHERE id = $1`,
    [beaId],
  );
  expect(row).toEqual({ locked: true });
});

test('who has lost both is let in by the other route', async () => {
  const { status, body } = await post(`/v1/accounts/${beaId}/reset`);
  expect([status, new URL(body.link).pathname]).toEqual([201, '/invitation']);
});
