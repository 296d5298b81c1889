// A code or a refresh token that comes a second time was stolen by one of the two who sent it: nothing of that sign-in counts
// any more, on every instance, the access token included (RFC 6749 section 4.1.2).

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, type RunningService } from '../flow/support/site.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, type Person, refresh, setUpAdministrator, signIn } from './support/person.ts';

let issuer: IssuerSite;
let other: RunningService;
let ada: Person;

beforeAll(async () => {
  issuer = await openIssuerSite();
  other = await issuer.site.start({ PUBLIC_URL: issuer.url });
  ada = await setUpAdministrator(issuer);
}, 60_000);

afterAll(() => issuer.close());

const answersOf = (accessToken: string): Promise<number[]> =>
  Promise.all(
    [issuer.url, other.url].map(
      async (url) =>
        (await fetch(`${url}/v1/sessions`, { headers: { authorization: `Bearer ${accessToken}` } })).status,
    ),
  );

async function ended(accessToken: string, refreshToken: string): Promise<void> {
  await eventually(
    'both instances refuse the access token',
    () => answersOf(accessToken),
    (statuses) => statuses.every((status) => status === 401),
    3000,
  );
  expect((await refresh(issuer, refreshToken)).body['error']).toBe('invalid_grant');
  const { url, redirect } = authorization(issuer);
  expect((await ada.browser.open(url, redirect)).text).toContain('<h1>Sign in</h1>');
}

test('a code, one after the other', async () => {
  const request = authorization(issuer);
  const callback = await signIn(ada, request);
  const { body } = await exchangeCode(issuer, callback, request);
  const accessToken = String(body['access_token']);
  expect(await answersOf(accessToken)).not.toContain(401);
  expect((await exchangeCode(issuer, callback, request)).body['error']).toBe('invalid_grant');
  // Written before the answer left.
  expect(await issuer.site.read(`SELECT kind FROM token_revocation`)).toEqual([{ kind: 'session' }]);
  await ended(accessToken, String(body['refresh_token']));
});

test('a code, both at once', async () => {
  const request = authorization(issuer);
  const callback = await signIn(ada, request);
  const both = await Promise.all([exchangeCode(issuer, callback, request), exchangeCode(issuer, callback, request)]);
  const won = both.find(({ status }) => status === 200);
  expect(both.filter(({ body }) => body['error'] === 'invalid_grant').length).toBeGreaterThan(0);
  if (won !== undefined) await ended(String(won.body['access_token']), String(won.body['refresh_token']));
});

test('a refresh token', async () => {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(ada, request), request);
  const renewed = await refresh(issuer, String(body['refresh_token']));
  const accessToken = String(renewed.body['access_token']);
  expect(await answersOf(accessToken)).not.toContain(401);
  expect((await refresh(issuer, String(body['refresh_token']))).body['error']).toBe('invalid_grant');
  await ended(accessToken, String(renewed.body['refresh_token']));
});

test('to stay signed in at the page of signing out ends the console’s grant, and no session', async () => {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signIn(ada, request), request);
  const query = new URLSearchParams({ id_token_hint: String(body['id_token']) });
  const question = await ada.browser.open(`${issuer.url}/oidc/session/end?${query.toString()}`);
  await ada.browser.submit(question, {});
  const next = authorization(issuer);
  const answer = await exchangeCode(issuer, await ada.browser.open(next.url, next.redirect), next);
  expect(answer.status).toBe(200);
  expect(await answersOf(String(answer.body['access_token']))).not.toContain(401);
});
