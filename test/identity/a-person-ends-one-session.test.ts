// Somebody finds a sign-in at /account that is not theirs, or that they forgot: it ends alone, after they have proved once more who
// they are; what the other sign-ins have stays.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { eventually } from '../flow/support/site.ts';
import { Authenticator } from './support/authenticator.ts';
import type { Page } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { enrolWithPasskey, signInWithPasskey } from './support/passkeys.ts';
import { authorization, exchangeCode, Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

const ACTION = '/account/sign-out';
let issuer: IssuerSite;
let ada: Person;
/** The same person at another browser, with what it got there. */
let ward: { person: Person; sid: string; access: string; refresh: string };

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
  await signIn(ada, authorization(issuer));
  const person = new Person(ada.login);
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(person, request, { code: ada.recoveryCodes[0]! }), request);
  const access = String(body['access_token']);
  ward = { person, access, refresh: String(body['refresh_token']), sid: String(decodeJwt(access)['sid']) };
}, 60_000);

afterAll(() => issuer.close());

const account = (): Promise<Page> => ada.browser.open(`${issuer.url}/account`);
const sessionsOn = ({ text }: Page): readonly string[] =>
  [...text.matchAll(/name="session" value="([^"]+)"/g)].map(([, id = '']) => id).filter((id) => id !== 'all');

test('both are listed', async () => {
  const listed = sessionsOn(await account());
  expect(listed).toHaveLength(2);
  expect(listed).toContain(ward.sid);
});

test('a session alone ends none, and neither does half a proof', async () => {
  for (const proof of [
    { password: '', code: '' },
    { password: 'not the password', code: ada.code() },
    { password: ada.password, code: '000000' },
  ]) {
    const answer = await ada.browser.submit(await account(), { session: ward.sid, ...proof }, undefined, {}, ACTION);
    expect([answer.status, answer.text.includes('That was not right')]).toEqual([400, true]);
  }
  const bare = await fetch(`${issuer.url}${ACTION}`, {
    method: 'POST',
    body: new URLSearchParams({ session: ward.sid, password: ada.password, code: '000000' }),
  });
  expect(bare.status).toBe(401);
  expect(sessionsOn(await account())).toHaveLength(2);
});

test('nobody else’s can be ended there', async () => {
  const [foreign] = await issuer.site.read<{ uid: string }>(
    `INSERT INTO oidc_model (type, id, payload, uid, account_id, expires_at)
     VALUES ('Session', sha256('x'), '{}', 'somebody-elses', gen_random_uuid()::text, now() + interval '1 hour') RETURNING uid`,
  );
  const proof = { password: ada.password, code: ada.recoveryCodes[1]! };
  await ada.browser.submit(await account(), { session: foreign!.uid, ...proof }, undefined, {}, ACTION);
  expect(await issuer.site.read(`SELECT FROM oidc_model WHERE uid = 'somebody-elses'`)).toHaveLength(1);
  expect(sessionsOn(await account())).toHaveLength(2);
});

test('with both factors the one ends, its tokens too, and the other goes on', async () => {
  const proof = { password: ada.password, code: ada.recoveryCodes[2]! };
  const page = await ada.browser.submit(await account(), { session: ward.sid, ...proof }, undefined, {}, ACTION);
  expect([page.status, sessionsOn(page).length]).toEqual([200, 1]);
  expect((await refresh(issuer, ward.refresh)).body['error']).toBe('invalid_grant');
  expect((await ward.person.browser.open(`${issuer.url}/account`)).status).toBe(401);
  await eventually(
    'its access token is refused',
    () => fetch(`${issuer.url}/v1/sessions`, { headers: { authorization: `Bearer ${ward.access}` } }),
    ({ status }) => status === 401,
    3000,
  );
  expect((await account()).status).toBe(200);
  const [event] = await issuer.site.read<{ n: number }>(
    `SELECT count(*)::int AS n FROM access_event WHERE row_to_json(access_event)::text LIKE '%sign-out%'`,
  );
  expect(event!.n).toBe(1);
});

test('the one of this browser ends as well', async () => {
  const [own = ''] = sessionsOn(await account());
  const proof = { password: ada.password, code: ada.recoveryCodes[3]! };
  const out = await ada.browser.submit(await account(), { session: own, ...proof }, undefined, {}, ACTION);
  expect([out.status, out.text.includes('signed out here')]).toEqual([200, true]);
  expect((await account()).status).toBe(401);
});

test('a passkey proves it as well', async () => {
  const other = await openIssuerSite({}, 'localhost');
  try {
    const bea = new Person('bea@larkmoor.example');
    const laptop = new Authenticator(other.url);
    const secret = readFileSync(other.setupFile, 'utf8').trim();
    const setup = await bea.browser.open(`${other.url}/setup`);
    await enrolWithPasskey(bea, setup, laptop, { secret, login: bea.login, name: 'Laptop' });
    await signInWithPasskey(bea, authorization(other), laptop);
    const page = await bea.browser.open(`${other.url}/account`);
    const typed = { session: 'all', password: bea.password, code: '' };
    const bare = await bea.browser.submit(page, typed, undefined, {}, ACTION);
    expect(bare.status).toBe(400);
    const proved = { ...typed, passkey: laptop.get(bare) };
    const out = await bea.browser.submit(bare, proved, undefined, {}, ACTION);
    expect([out.status, out.text.includes('signed out everywhere')]).toEqual([200, true]);
  } finally {
    await other.close();
  }
}, 60_000);
