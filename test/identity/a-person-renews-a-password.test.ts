// The owner of an account chooses another password and sets up another second factor; a session alone is not enough for it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

const NEW_PASSWORD = 'an entirely other sentence';
let issuer: IssuerSite;
let ada: Person;

beforeAll(async () => {
  issuer = await openIssuerSite();
  ada = await setUpAdministrator(issuer);
}, 60_000);

afterAll(() => issuer.close());

test('whoever sits down at an open browser cannot', async () => {
  await signIn(ada, authorization(issuer));
  const page = await ada.browser.open(`${issuer.url}/account`);
  const typed = { password: 'not the password at all', code: ada.code() };
  const refused = await ada.browser.submit(page, typed, undefined, {}, '/account/renew');
  expect([refused.status, refused.text.includes('That was not right')]).toEqual([400, true]);
  expect(await issuer.site.read('SELECT FROM enrolment WHERE account_id IS NOT NULL')).toHaveLength(0);
});

test('nobody can without a session, or from another site', async () => {
  const page = await ada.browser.open(`${issuer.url}/account`);
  const typed = { password: ada.password, code: '123456' };
  const stranger = await new Person('eve').browser.submit(page, typed, undefined, {}, '/account/renew');
  expect(stranger.status).toBe(401);
  const foreign = await ada.browser.submit(
    page,
    typed,
    undefined,
    { 'sec-fetch-site': 'cross-site' },
    '/account/renew',
  );
  expect(foreign.status).toBe(400);
});

test('the owner can; then the old password, the old codes and the open sessions count no more', async () => {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(ada, request), request);
  const page = await ada.browser.open(`${issuer.url}/account`);
  const typed = { password: ada.password, code: ada.code() };
  const form = await ada.browser.submit(page, typed, undefined, {}, '/account/renew');
  expect([form.status, new URL(form.url).pathname]).toEqual([200, '/invitation']);
  // The old ones count until the new ones are there.
  expect(await issuer.site.read('SELECT FROM account WHERE enrolled_at IS NOT NULL')).toHaveLength(1);

  const renewed = new Person(ada.login);
  renewed.readKey(form);
  const fields = { password: NEW_PASSWORD, repeated: NEW_PASSWORD, code: renewed.code() };
  const done = await ada.browser.submit(form, fields);
  expect(done.status).toBe(200);
  renewed.password = NEW_PASSWORD;
  renewed.keepRecoveryCodes(done);

  expect((await refresh(issuer, String(body['refresh_token']))).body['error']).toBe('invalid_grant');
  const oldCode = { code: ada.recoveryCodes[0] ?? '' };
  expect(
    (await signIn(new Person(ada.login), authorization(issuer), { ...oldCode, password: ada.password })).status,
  ).toBe(400);
  const callback = await signIn(renewed, authorization(issuer));
  expect(callback.url).toContain('/console/callback?code=');
  // The link is spent.
  expect((await renewed.browser.open(form.url)).status).toBe(404);
});
