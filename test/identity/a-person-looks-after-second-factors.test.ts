// At /account/factors a person, having proved anew who they are, adds, names and removes passkeys and the authenticator; the last
// factor stays. On the real pages; what the pages do not offer is tried at the database.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Sealer } from '../../api/src/identity/issuer/sealed.ts';
import { POOL, type Pool } from '../../api/src/platform/database/pool.ts';
import { Authenticator } from './support/authenticator.ts';
import type { Page } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { enrolWithPasskey, signInWithPasskey } from './support/passkeys.ts';
import { tokenFor } from '../support/sign-in.ts';
import { authorization, Person, setUpAdministrator, signIn } from './support/person.ts';

const SIGNED_IN = '/console/callback?code=';
const ADD = '/account/factors/passkeys';
let issuer: IssuerSite;
let ada: Person;
let adaId: string;
let laptop: Authenticator;

beforeAll(async () => {
  issuer = await openIssuerSite({}, 'localhost');
  // By the authenticator alone, on the same page: whoever has no passkey, or no scripts, sees no difference.
  ada = await setUpAdministrator(issuer);
  await signIn(ada, authorization(issuer));
  const [account] = await issuer.site.read<{ id: string }>(`SELECT id FROM account`);
  adaId = account!.id;
  laptop = new Authenticator(issuer.url);
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

async function factorEvents(): Promise<readonly string[]> {
  const rows = await issuer.site.read<{ text: string }>(
    `SELECT concat_ws(' ', event::jsonb->>'action', event::jsonb->>'outcome', event::jsonb->'entity'->>'type') AS text FROM access_event
      WHERE event::jsonb->>'action' ~ '^factor[.]' AND event::jsonb->>'action' <> 'factor.use' ORDER BY "time", seq`,
  );
  return rows.map(({ text }) => text);
}

async function names(): Promise<readonly string[]> {
  const rows = await issuer.site.read<{ name: string }>(
    `SELECT name FROM passkey WHERE account_id = $1 ORDER BY created_at`,
    [adaId],
  );
  return rows.map(({ name }) => name);
}

async function idOf(name: string): Promise<string> {
  const [row] = await issuer.site.read<{ id: string }>(`SELECT id FROM passkey WHERE name = $1`, [name]);
  return row!.id;
}

/** @returns the link of the invitation that is answered */
async function asAnotherAdministrator(path: string, body?: unknown): Promise<string> {
  const token = await tokenFor(issuer.site.environment({ PUBLIC_URL: issuer.url }), {
    subject: '00000000-0000-4000-8000-000000000001',
    clientId: 'medanchor-console',
    roles: ['administrator'],
    more: { sid: 'a-session', auth_time: Math.floor(Date.now() / 1000), amr: ['pwd', 'pop', 'user', 'mfa'] },
  });
  const response = await fetch(`${issuer.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { link: string }).link;
}

/** Proves who she is by code, or by the passkey that is given. */
async function proved(authenticator?: Authenticator): Promise<Page> {
  const page = await ada.browser.open(`${issuer.url}/account/factors`);
  const factor = authenticator === undefined ? { code: ada.code() } : { passkey: authenticator.get(page) };
  const manage = await ada.browser.submit(page, { password: ada.password, ...factor });
  expect([manage.status, manage.text.includes('<h2>Authenticator</h2>')]).toEqual([200, true]);
  return manage;
}

const act = (page: Page, action: string, fields: Record<string, string> = {}): Promise<Page> =>
  ada.browser.submit(page, fields, undefined, {}, action);

test('a session alone shows and changes nothing', async () => {
  const page = await ada.browser.open(`${issuer.url}/account/factors`);
  expect(page.text).not.toContain('<h2>');
  const refused = await ada.browser.submit(page, { password: 'not the password at all', code: ada.code() });
  expect([refused.status, refused.text.includes('That was not right')]).toEqual([400, true]);
  const sealer = issuer.service.app.get(Sealer);
  const [session] = await issuer.site.read<{ uid: string }>(`SELECT uid FROM oidc_model WHERE type = 'Session'`);
  const seal = (purpose: string, seconds: number): string =>
    sealer.seal(purpose, Buffer.from(adaId), new Date(Date.now() + seconds * 1000));
  const mine = `factors ${adaId} ${session!.uid}`;
  const form = { ...page, text: `<form action="/account/factors/authenticator/remove"><input name="proof"></form>` };
  for (const proof of ['', 'A'.repeat(80), seal(mine, -1), seal(`factors ${adaId} another-session`, 60)]) {
    const answer = await act(form, '/account/factors/authenticator/remove', { proof });
    expect([answer.status, answer.text.includes('Prove it once more')]).toEqual([400, true]);
  }
  // With a good one it is only the last factor that is in the way.
  const last = await act(form, '/account/factors/authenticator/remove', { proof: seal(mine, 60) });
  expect([last.status, last.text.includes('your only second factor')]).toEqual([400, true]);
  const stranger = await new Person('eve').browser.submit(form, { proof: seal(mine, 60) });
  expect(stranger.status).toBe(401);
  const foreign = await ada.browser.submit(form, { proof: seal(mine, 60) }, undefined, {
    'sec-fetch-site': 'cross-site',
  });
  expect(foreign.status).toBe(400);
});

test('she adds passkeys of each kind, by their names, and signs in with each', async () => {
  const phone = new Authenticator(issuer.url, 'EdDSA', false);
  const key = new Authenticator(issuer.url, 'RS256');
  let page = await proved();
  for (const [authenticator, name] of [
    [laptop, 'Laptop'],
    [phone, 'Phone <b>'],
    [key, ''],
  ] as const) {
    page = await act(page, ADD, { name, passkey: authenticator.create(page) });
    expect(page.status).toBe(200);
  }
  const today = new Date().toISOString().slice(0, 10);
  expect(await names()).toEqual(['Laptop', 'Phone <b>', `Passkey of ${today}`]);
  expect(page.text).toContain('value="Phone &#60;b&#62;"');
  expect(await factorEvents()).toEqual([
    'factor.add success authenticator',
    ...Array<string>(3).fill('factor.add success passkey'),
  ]);
  for (const authenticator of [laptop, phone, key, phone]) {
    const request = authorization(issuer, { prompt: 'login' });
    expect((await signInWithPasskey(ada, request, authenticator)).url).toContain(SIGNED_IN);
  }
  // And by the authenticator as before.
  expect((await signIn(ada, authorization(issuer, { prompt: 'login' }))).url).toContain(SIGNED_IN);
});

test('an answer counts for one passkey, and one passkey for one account', async () => {
  const page = await proved(laptop);
  const other = new Authenticator(issuer.url);
  const passkey = other.create(page);
  const first = await act(page, ADD, { name: 'Spare', passkey });
  expect(first.status).toBe(200);
  const again = await act(first, ADD, { name: 'Spare again', passkey });
  expect([again.status, again.text.includes('The passkey was not taken')]).toEqual([400, true]);
  const twice = await act(again, ADD, { name: 'Spare twice', passkey: other.create(again) });
  expect([twice.status, twice.text.includes('This passkey is in use already')]).toEqual([400, true]);
  const withoutPin = new Authenticator(issuer.url).create(twice, { userVerified: false });
  expect((await act(twice, ADD, { name: 'No PIN', passkey: withoutPin })).status).toBe(400);
  expect((await names()).filter((name) => name !== 'Spare')).toHaveLength(3);

  const bea = new Person('bea@larkmoor.example');
  const link = await asAnotherAdministrator('/v1/accounts', { login: bea.login, roles: ['auditor'] });
  const invitation = await bea.browser.open(link);
  expect((await enrolWithPasskey(bea, invitation, other.clone())).status).toBe(400);
  expect(await issuer.site.read(`SELECT FROM account WHERE enrolled_at IS NOT NULL`)).toHaveLength(1);
});

test('she renames one, and not one of somebody else', async () => {
  const page = await proved(laptop);
  const rename = '/account/factors/passkeys/rename';
  expect((await act(page, rename, { id: await idOf('Spare'), name: 'Key in the safe' })).status).toBe(200);
  expect(await names()).toContain('Key in the safe');
  const strange = await act(page, rename, { id: '00000000-0000-4000-8000-000000000000', name: 'Mine' });
  expect([strange.status, strange.text.includes('no such passkey')]).toEqual([400, true]);
  expect((await factorEvents()).at(-1)).toBe('factor.rename success passkey');
});

test('she removes the authenticator and all passkeys but the last; a removed one lets nobody in', async () => {
  const remove = '/account/factors/passkeys/remove';
  const page = await proved(laptop);
  const spare = await idOf('Key in the safe');
  expect((await act(page, '/account/factors/authenticator/remove')).status).toBe(200);
  // No code of it was used yet, as far as the account knows.
  await issuer.site.tamper(`UPDATE account SET totp_step = 0`);
  expect((await signIn(new Person(ada.login), authorization(issuer), { code: ada.totp!.generate() })).status).toBe(400);
  const others = await issuer.site.read<{ id: string }>(`SELECT id FROM passkey WHERE name NOT IN ('Laptop', $1)`, [
    'Key in the safe',
  ]);
  for (const { id } of others) expect((await act(page, remove, { id })).status).toBe(200);
  // Both of the last two at once: one stays.
  const answers = await Promise.all([spare, await idOf('Laptop')].map((id) => act(page, remove, { id })));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
  expect(await names()).toHaveLength(1);
  expect((await factorEvents()).slice(-4)).toEqual([
    'factor.remove success authenticator',
    ...Array<string>(3).fill('factor.remove success passkey'),
  ]);
  const pool = issuer.service.app.get<Pool>(POOL);
  await expect(pool.query(`DELETE FROM passkey`)).rejects.toThrow('would be left without a second factor');
});

test('a reset by an administrator takes the passkeys away', async () => {
  await asAnotherAdministrator(`/v1/accounts/${adaId}/reset`);
  expect(await names()).toEqual([]);
  expect((await factorEvents()).at(-1)).toBe('factor.remove success passkey');
});
