// Whoever goes away without signing out is signed out; whoever works is not. Real time, with a short setting.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, type Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

const IDLE_MS = 4000;
let issuer: IssuerSite;
let ada: Person;

beforeAll(async () => {
  issuer = await openIssuerSite({ SESSION_IDLE_TIMEOUT_MS: String(IDLE_MS) });
  ada = await setUpAdministrator(issuer);
}, 60_000);

afterAll(() => issuer.close());

async function tokens(): Promise<string> {
  const request = authorization(issuer);
  const { status, body } = await exchangeCode(issuer, await signIn(ada, request), request);
  expect(status).toBe(200);
  return String(body['refresh_token']);
}

const isSignedIn = async (): Promise<boolean> => {
  const { redirect, url } = authorization(issuer);
  return (await ada.browser.open(url, redirect)).text === '';
};

test('unused, the refresh token and the session in the browser end', async () => {
  const refreshToken = await tokens();
  await sleep(IDLE_MS + 1000);
  expect((await refresh(issuer, refreshToken)).body['error']).toBe('invalid_grant');
  expect((await ada.browser.open(`${issuer.url}/account`)).status).toBe(401);
  expect(await isSignedIn()).toBe(false);
});

test('refreshed in time, both last beyond it, and no longer than eight hours', async () => {
  let refreshToken = await tokens();
  for (let turn = 0; turn < 3; turn += 1) {
    await sleep(IDLE_MS / 2);
    const { status, body } = await refresh(issuer, refreshToken);
    expect(status).toBe(200);
    refreshToken = String(body['refresh_token']);
  }
  // The browser itself was not used for six seconds: its session lives by the refreshing.
  expect((await ada.browser.open(`${issuer.url}/account`)).status).toBe(200);
  expect(await isSignedIn()).toBe(true);

  // Eight hours after the sign-in all of it is over, used or not.
  await issuer.site.read(
    `UPDATE oidc_model SET payload = jsonb_set(payload, '{loginTs}', to_jsonb(extract(epoch FROM now())::bigint - 28798))
      WHERE type = 'Session' AND account_id IS NOT NULL`,
  );
  const { status, body } = await refresh(issuer, refreshToken);
  expect(status).toBe(200);
  await sleep(2500);
  expect((await refresh(issuer, String(body['refresh_token']))).body['error']).toBe('invalid_grant');
  expect((await ada.browser.open(`${issuer.url}/account`)).status).toBe(401);
}, 60_000);

test('the cookie has no date of its own: it ends with the browser', async () => {
  await tokens();
  expect(ada.browser.cookieNames()).toContain('medanchor_session');
  expect(ada.browser.datedCookies()).not.toContain('medanchor_session');
});
