// Somebody who knows the only administrator's login guesses at three in the morning. The account is closed to strangers; the browser in
// which the administrator has signed in before lets her in. What makes a browser known is neither made up, copied from
// another person, nor left over from before it was taken back. On the real pages.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, setUpAdministrator, signIn } from './support/person.ts';

const COOKIE = 'medanchor_device';
const SIGNED_IN = '/console/callback?code=';
const WRONG = { password: 'four unlikely words elsewhere', code: '000000' };
const NEW_PASSWORD = 'quince lantern obelisk';

let issuer: IssuerSite;
let ada: Person;
let adaToken: string;
const bea = new Person('bea@larkmoor.example');
let beaId: string;

/** Signing in as this person, in the browser of `at`, whoever is signed in there. */
async function enter(who: Person, at: Person = who, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
  return signIn(at, authorization(issuer, { prompt: 'login' }), {
    login: who.login,
    password: who.password,
    code: await codeOf(who),
    ...fields,
  });
}

/** The present one, taken though it was used: the stories are faster than telephones. */
async function codeOf(who: Person): Promise<string> {
  await issuer.site.tamper(`UPDATE account SET totp_step = 0`);
  return who.totp!.generate();
}

async function api(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; link: string; id: string }> {
  const response = await fetch(`${issuer.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${adaToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  const answer = (await response.json()) as { link?: string; account?: { accountId?: string } };
  return { status: response.status, link: answer.link ?? '', id: answer.account?.accountId ?? '' };
}

/** Takes an invitation up at its page, with the password that the person has. */
async function takeUp(who: Person, page: Page): Promise<void> {
  who.readKey(page);
  const typed = { password: who.password, repeated: who.password, code: who.totp!.generate() };
  const done = await who.browser.submit(page, typed);
  expect(done.status).toBe(200);
  who.keepRecoveryCodes(done);
}

/** Five wrong guesses of somebody who has never signed in. */
async function strangersGuess(login: string): Promise<Page> {
  const stranger = new Person(login);
  for (let i = 0; i < 5; i += 1) expect((await enter(ada, stranger, { login, ...WRONG })).status).toBe(400);
  return enter(ada, stranger, { login, ...WRONG });
}

async function close(login: string): Promise<void> {
  await issuer.site.tamper(
    `UPDATE account SET failures = 9, locked_until = now() + interval '1 hour' WHERE login = '${login}'`,
  );
}

const knownBrowsers = async (login: string): Promise<number> =>
  (
    await issuer.site.read(`SELECT FROM sign_in_device d JOIN account a ON a.id = d.account_id WHERE a.login = $1`, [
      login,
    ])
  ).length;

const lockEvents = async (): Promise<readonly string[]> =>
  (
    await issuer.site.read<{ type: string }>(
      `SELECT event::jsonb->'entity'->>'type' AS type FROM access_event WHERE event::jsonb->>'action' = 'account.lock' ORDER BY seq`,
    )
  ).map(({ type }) => type);

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(ada, request), request);
  adaToken = String(body['access_token']);
  const invited = await api('POST', '/v1/accounts', { login: bea.login, roles: ['auditor'] });
  beaId = invited.id;
  await takeUp(bea, await bea.browser.open(invited.link));
}, 60_000);

afterAll(() => issuer.close());

beforeEach(() => issuer.site.tamper(`UPDATE account SET failures = 0, locked_until = NULL`));

test('a stranger’s guesses close the account to strangers, and the known browser lets its owner in', async () => {
  const closed = await strangersGuess(ada.login);
  const elsewhere = await enter(ada, new Person(ada.login));
  // The words are the same for wrong and for closed.
  const words = ({ text }: Page): string | undefined => /role="alert"[^]*?<\/(?:div|ul|p|section)>/.exec(text)?.[0];
  expect([elsewhere.status, words(elsewhere)]).toEqual([400, words(closed)]);
  expect(words(elsewhere)).toContain('do not go together');
  expect((await enter(ada)).url).toContain(SIGNED_IN);
  // Nothing is given back to strangers by that.
  expect((await enter(ada, new Person(ada.login))).status).toBe(400);
  expect(await lockEvents()).toEqual(['account']);
});

test('the cookie is for no script, for half a year, for forms of our own pages; only a success sets it', async () => {
  const request = authorization(issuer, { prompt: 'login' });
  const page = await ada.browser.open(request.url);
  const typed = { login: ada.login, password: ada.password };
  const before = ada.browser.cookie(COOKIE);
  const refused = await ada.browser.submit(page, { ...typed, code: '000000' });
  expect([refused.headers.getSetCookie(), ada.browser.cookie(COOKIE)]).toEqual([[], before]);
  await ada.browser.submit(refused, { ...typed, code: await codeOf(ada) }, request.redirect);
  expect(ada.browser.cookie(COOKIE)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(ada.browser.cookie(COOKIE)).not.toBe(before);
  expect(ada.browser.datedCookies()).toContain(COOKIE);
});

test('wrong guesses in a known browser close it alone', async () => {
  const ward = new Person(ada.login);
  expect((await enter(ada, ward)).url).toContain(SIGNED_IN);
  const before = await lockEvents();
  for (let i = 0; i < 5; i += 1) expect((await enter(ada, ward, WRONG)).status).toBe(400);
  expect((await lockEvents()).slice(before.length)).toEqual(['account/device']);
  expect(await issuer.site.read(`SELECT FROM account WHERE failures > 0`)).toHaveLength(0);
  // It is a stranger now: with an account that is closed to those it is refused, and the other known browser is not.
  await close(ada.login);
  expect((await enter(ada, ward)).status).toBe(400);
  expect((await enter(ada)).url).toContain(SIGNED_IN);
});

describe('a cookie that is as none', () => {
  test.each([
    ['none', () => ''],
    ['one that was made up', () => 'A'.repeat(22)],
    ['another person’s', () => bea.browser.cookie(COOKIE)],
    ['twenty that are made up before the right one', (own: string) => `${'A'.repeat(22)}.`.repeat(20) + own],
  ])('%s', async (_what, value) => {
    const own = ada.browser.cookie(COOKIE);
    await close(ada.login);
    const thief = new Person(ada.login);
    thief.browser.plantCookie(COOKIE, value(own));
    expect((await enter(ada, thief)).status).toBe(400);
    // The right one is all that was missing.
    thief.browser.plantCookie(COOKIE, own);
    expect((await enter(ada, thief)).url).toContain(SIGNED_IN);
    ada.browser.plantCookie(COOKIE, thief.browser.cookie(COOKIE));
  });

  test('a copy from before the owner’s last sign-in there', async () => {
    const copy = ada.browser.cookie(COOKIE);
    await enter(ada);
    await close(ada.login);
    const thief = new Person(ada.login);
    thief.browser.plantCookie(COOKIE, copy);
    expect((await enter(ada, thief)).status).toBe(400);
  });

  test('one that is over its time', async () => {
    const ward = new Person(ada.login);
    await enter(ada, ward);
    await close(ada.login);
    await issuer.site.tamper(
      `UPDATE sign_in_device SET expires_at = now() - interval '1 second' WHERE expires_at = (SELECT max(expires_at) FROM sign_in_device)`,
    );
    expect((await enter(ada, ward)).status).toBe(400);
  });
});

describe('what makes every other browser a stranger', () => {
  let ward: Person;

  beforeEach(async () => {
    ward = new Person(bea.login);
    expect((await enter(bea, ward)).url).toContain(SIGNED_IN);
    expect((await enter(bea)).url).toContain(SIGNED_IN);
  });

  const isStranger = async (at: Person): Promise<boolean> => {
    await close(bea.login);
    return (await enter(bea, at)).status === 400;
  };

  test('nothing: both are known', async () => {
    expect([await isStranger(ward), await isStranger(bea)]).toEqual([false, false]);
  });

  test('ending all sessions: this one, too', async () => {
    const page = await bea.browser.open(`${issuer.url}/account`);
    expect(page.text).toContain('no browser counts as known any more');
    const proof = { session: 'all', password: bea.password, code: await codeOf(bea) };
    const out = await bea.browser.submit(page, proof, undefined, {}, '/account/sign-out');
    expect(out.text).toContain('signed out everywhere');
    expect(await knownBrowsers(bea.login)).toBe(0);
    expect([await isStranger(ward), await isStranger(bea)]).toEqual([true, true]);
  });

  test('another password and second factor, chosen by the owner', async () => {
    const page = await bea.browser.open(`${issuer.url}/account`);
    const proof = { password: bea.password, code: await codeOf(bea) };
    await takeUp(bea, await bea.browser.submit(page, proof, undefined, {}, '/account/renew'));
    expect([await isStranger(ward), await isStranger(bea)]).toEqual([true, false]);
  });

  test('another password by an administrator’s link, which a known browser takes though the account is closed', async () => {
    const { link } = await api('POST', `/v1/accounts/${beaId}/reset-password`);
    await close(bea.login);
    const typed = { password: NEW_PASSWORD, repeated: NEW_PASSWORD };
    const elsewhere = new Person(bea.login).browser;
    const refused = await elsewhere.submit(await elsewhere.open(link), { ...typed, code: await codeOf(bea) });
    expect(refused.status).toBe(400);
    const done = await bea.browser.submit(await bea.browser.open(link), { ...typed, code: await codeOf(bea) });
    expect([done.status, done.text.includes('The password is changed')]).toEqual([200, true]);
    bea.password = NEW_PASSWORD;
    expect([await isStranger(ward), await isStranger(bea)]).toEqual([true, false]);
  });

  test('other roles', async () => {
    expect((await api('PUT', `/v1/accounts/${beaId}/roles`, { roles: ['clinician'] })).status).toBe(200);
    expect([await isStranger(ward), await isStranger(bea)]).toEqual([true, true]);
  });

  test('a reset: whoever takes the account up anew is known there, however much is guessed meanwhile', async () => {
    const { link } = await api('POST', `/v1/accounts/${beaId}/reset`);
    expect(await knownBrowsers(bea.login)).toBe(0);
    const page = await bea.browser.open(link);
    await takeUp(bea, page);
    await strangersGuess(bea.login);
    expect((await enter(bea)).url).toContain(SIGNED_IN);
    expect(await isStranger(ward)).toBe(true);
  });

  test('closing the account', async () => {
    expect((await api('POST', `/v1/accounts/${beaId}/disable`)).status).toBe(201);
    expect(await knownBrowsers(bea.login)).toBe(0);
    expect((await enter(bea)).status).toBe(400);
  });
});

test('an unknown login is answered alike, whatever cookie comes with it', async () => {
  const nobody = new Person('nobody@larkmoor.example');
  nobody.browser.plantCookie(COOKIE, ada.browser.cookie(COOKIE));
  const answer = await enter(ada, nobody, { login: nobody.login });
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
  expect(nobody.browser.cookie(COOKIE)).toBe(ada.browser.cookie(COOKIE));
});
