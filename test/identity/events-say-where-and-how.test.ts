// Events of the access log about signing in, tokens and enrolment name the address of who asked, behind a proxy too, and with which
// factor somebody signed in.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../flow/support/site.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { authorization, exchangeCode, type Person, setUpAdministrator, signIn } from './support/person.ts';

let issuer: IssuerSite;
let ada: Person;

beforeAll(async () => {
  issuer = await openIssuerSite({ TRUSTED_PROXIES: '127.0.0.1' });
  ada = await setUpAdministrator(issuer);
}, 60_000);

afterAll(() => issuer.close());

interface Event {
  readonly type: string | null;
  readonly address: string | null;
  readonly outcome: string;
}

const events = (action: string): Promise<Event[]> =>
  issuer.site.read<Event>(
    `SELECT event::jsonb->'entity'->>'type' AS type, event::jsonb->>'address' AS address, event::jsonb->>'outcome' AS outcome
       FROM access_event WHERE event::jsonb->>'action' = $1 AND event::jsonb->>'requestId' IS NOT NULL ORDER BY "time", seq`,
    [action],
  );

test('enrolment', async () => {
  expect(await events('account.manage')).toEqual([{ type: 'account', address: '127.0.0.1', outcome: 'success' }]);
});

test('signing in: with a code of the authenticator, with a recovery code', async () => {
  await signIn(ada, authorization(issuer));
  await signIn(ada, authorization(issuer, { prompt: 'login' }), { code: ada.recoveryCodes[0]! });
  expect(await events('sign-in')).toEqual([
    { type: 'account/otp', address: '127.0.0.1', outcome: 'success' },
    { type: 'account/recovery-code', address: '127.0.0.1', outcome: 'success' },
  ]);
});

test('a token that is issued, one that is refused, and signing out', async () => {
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await ada.browser.open(request.url, request.redirect), request);
  expect(body['access_token']).toBeDefined();
  const refused = await fetch(`${issuer.url}/oidc/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'medanchor-console', refresh_token: 'none' }),
    headers: { 'x-forwarded-for': '203.0.113.9' },
  });
  expect(refused.status).toBe(400);
  expect(
    await eventually(
      'both are recorded',
      () => events('token.issue'),
      (found) => found.length === 2,
    ),
  ).toEqual([
    { type: 'token', address: '127.0.0.1', outcome: 'success' },
    { type: 'client', address: '203.0.113.9', outcome: 'denied' },
  ]);
  const question = await ada.browser.open(`${issuer.url}/oidc/session/end`);
  await ada.browser.submit(question, { logout: 'yes' }, undefined, { 'x-forwarded-for': '203.0.113.7' });
  expect(
    await eventually(
      'signing out is recorded',
      () => events('sign-out'),
      (found) => found.length === 1,
    ),
  ).toEqual([{ type: 'account', address: '203.0.113.7', outcome: 'success' }]);
});
