// Who has passkeys only shows one of them at the page of a password's reset, made for that very link.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { tokenFor } from '../support/sign-in.ts';
import { Authenticator } from './support/authenticator.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { enrolWithPasskey, signInWithPasskey } from './support/passkeys.ts';
import { authorization, exchangeCode, Person } from './support/person.ts';

const NEW_PASSWORD = 'quince lantern obelisk';
const ada = new Person('ada@larkmoor.example');
let issuer: IssuerSite;
let laptop: Authenticator;
let adaId: string;

beforeAll(async () => {
  issuer = await openIssuerSite({}, 'localhost');
  laptop = new Authenticator(issuer.url);
  const page = await ada.browser.open(`${issuer.url}/setup`);
  const secret = readFileSync(issuer.setupFile, 'utf8').trim();
  expect((await enrolWithPasskey(ada, page, laptop, { secret, login: ada.login, name: 'Laptop' })).status).toBe(200);
  const request = authorization(issuer);
  const { body } = await exchangeCode(issuer, await signInWithPasskey(ada, request, laptop), request);
  adaId = String(decodeJwt(String(body['access_token'])).sub);
}, 60_000);

afterAll(() => issuer.close());

async function link(): Promise<string> {
  const operator = await tokenFor({ ...issuer.site.settings(), PUBLIC_URL: issuer.url }, { roles: ['administrator'] });
  const response = await fetch(`${issuer.url}/v1/accounts/${adaId}/reset-password`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}` },
  });
  return ((await response.json()) as { link: string }).link;
}

test('a passkey that was shown for an older link, or another device’s, changes nothing', async () => {
  const old = await ada.browser.open(await link());
  const page = await ada.browser.open(await link());
  const typed = { password: NEW_PASSWORD, repeated: NEW_PASSWORD, code: '' };
  const stranger = new Authenticator(issuer.url);
  await enrolWithPasskey(new Person('x'), await new Person('x').browser.open(`${issuer.url}/setup`), stranger);
  for (const passkey of [laptop.get(old), stranger.get(page)]) {
    const answer = await ada.browser.submit(page, { ...typed, passkey });
    expect([answer.status, answer.text.includes('passkey is not right')]).toEqual([400, true]);
  }
});

test('the right one does, and is still the second factor', async () => {
  const page = await ada.browser.open(await link());
  const typed = { password: NEW_PASSWORD, repeated: NEW_PASSWORD, code: '' };
  const done = await ada.browser.submit(page, { ...typed, passkey: laptop.get(page) });
  expect([done.status, done.text.includes('The password is changed')]).toEqual([200, true]);
  ada.password = NEW_PASSWORD;
  expect((await signInWithPasskey(ada, authorization(issuer), laptop)).url).toContain('/console/callback?code=');
});
