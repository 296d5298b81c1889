// A passkey in place of the six digits: made at the set-up, asked for at the sign-in, and refused in whatever way it does not fit.
// On the real pages, with an authenticator in software that signs what the standard says.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Authenticator, optionsOf, type Mistakes } from './support/authenticator.ts';
import { Browser, type Page } from './support/browser.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';
import { answerWithPasskey, enrolWithPasskey, signInWithPasskey } from './support/passkeys.ts';
import { authorization, exchangeCode, Person, signIn } from './support/person.ts';
import { Authority } from '../support/certificates.ts';
import { freePort } from '../../scripts/launch/ports.ts';

const SIGNED_IN = '/console/callback?code=';
let issuer: IssuerSite;
let ada: Person;
let laptop: Authenticator;
let adaId: string;

beforeAll(async () => {
  issuer = await openIssuerSite({}, 'localhost');
  ada = new Person('ada@larkmoor.example');
  laptop = new Authenticator(issuer.url);
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

/** The access log's words about second factors and signing in, the newest last. */
async function events(): Promise<readonly string[]> {
  const rows = await issuer.site.read<{ text: string }>(
    `SELECT concat_ws(' ', event::jsonb->>'action', event::jsonb->>'outcome', event::jsonb->'entity'->>'type') AS text FROM access_event
      WHERE event::jsonb->>'action' ~ '^(factor[.]|sign-in|account[.])' ORDER BY "time", seq`,
  );
  return rows.map(({ text }) => text);
}

async function passkeys(): Promise<readonly { id: string; name: string; sign_count: string }[]> {
  return issuer.site.read(`SELECT id, name, sign_count FROM passkey ORDER BY created_at`);
}

describe('the first administrator', () => {
  const fieldsOf = (): Record<string, string> => ({
    secret: readFileSync(issuer.setupFile, 'utf8').trim(),
    login: ada.login,
    name: ' Laptop\u0007 ',
  });

  test('is asked for a passkey of this address, with PIN or biometry, and of three algorithms', async () => {
    const page = await new Browser().open(`${issuer.url}/setup`);
    expect(optionsOf(page, 'create')).toMatchObject({
      rp: { id: 'localhost', name: 'MedAnchor' },
      challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      pubKeyCredParams: [
        { type: 'public-key', alg: -8 },
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    });
  });

  const REFUSED: [string, Mistakes][] = [
    ['made at another origin', { origin: 'http://localhost.evil.example' }],
    ['made for another relying party', { rpId: 'evil.example' }],
    ['with a challenge of its own', { challenge: 'A'.repeat(43) }],
    ['that answers another question', { type: 'webauthn.get' }],
    ['made within a frame of another site', { crossOrigin: true }],
    ['made without PIN or biometry', { userVerified: false }],
    ['made without anybody there', { userPresent: false }],
  ];
  test.each(REFUSED)('makes no account by a passkey %s', async (_what, mistakes) => {
    const page = await ada.browser.open(`${issuer.url}/setup`);
    const answer = await enrolWithPasskey(ada, page, new Authenticator(issuer.url), fieldsOf(), mistakes);
    expect([answer.status, answer.text.includes('The passkey was not taken')]).toEqual([400, true]);
    expect(await issuer.site.read(`SELECT FROM account UNION ALL SELECT FROM passkey`)).toHaveLength(0);
  });

  test('makes none by a passkey whose maker certifies it: that was not asked for', async () => {
    const maker = await (await Authority.create('a maker')).certifyAuthenticator();
    const page = await ada.browser.open(`${issuer.url}/setup`);
    const fresh = new Authenticator(issuer.url);
    expect((await enrolWithPasskey(ada, page, fresh, fieldsOf(), { attestation: maker })).status).toBe(400);
    expect(await issuer.site.read(`SELECT FROM account`)).toHaveLength(0);
  });

  test('makes none by an answer to another page, and none by neither passkey nor code', async () => {
    const page = await ada.browser.open(`${issuer.url}/setup`);
    const passkey = laptop.create(await ada.browser.open(`${issuer.url}/setup`));
    const fields = { ...fieldsOf(), password: ada.password, repeated: ada.password, code: '' };
    for (const sent of [passkey, '', '{}', 'no JSON', '{"id":1}'])
      expect((await ada.browser.submit(page, { ...fields, passkey: sent })).status).toBe(400);
    expect(await issuer.site.read(`SELECT FROM account`)).toHaveLength(0);
  });

  test('can have a passkey alone: there is no authenticator then', async () => {
    const page = await ada.browser.open(`${issuer.url}/setup`);
    const refused = await enrolWithPasskey(ada, page, laptop, { ...fieldsOf(), repeated: 'another password' });
    expect(refused.text).toContain('not the same');
    // The page with the fault asks for the same account anew, so that the device replaces what it has just made.
    expect(optionsOf(refused, 'create').user?.id).toBe(optionsOf(page, 'create').user?.id);
    const done = await enrolWithPasskey(ada, refused, laptop, fieldsOf(), { attestation: 'self' });
    expect([done.status, done.text.includes('The account is ready')]).toEqual([200, true]);
    expect(ada.recoveryCodes).toHaveLength(10);
    const [account] = await issuer.site.read<{ id: string }>(`SELECT id FROM account WHERE totp_secret IS NULL`);
    adaId = account!.id;
    expect(await passkeys()).toEqual([{ id: expect.any(String), name: 'Laptop', sign_count: expect.any(String) }]);
    expect(await events()).toEqual(['account.manage success account', 'factor.add success passkey']);
  });
});

describe('signing in', () => {
  /** Failures of one story must not close the account for the next. */
  beforeEach(async () => {
    await issuer.site.tamper(`UPDATE account SET failures = 0, locked_until = NULL`);
  });

  const signInAsAda = (mistakes: Mistakes = {}, authenticator = laptop): Promise<Page> =>
    signInWithPasskey(ada, authorization(issuer, { prompt: 'login' }), authenticator, mistakes);

  test('names no credential, so that it says of no login whether there is an account', async () => {
    const options = optionsOf(await new Browser().open(authorization(issuer).url), 'get');
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    expect(options.allowCredentials ?? []).toEqual([]);
  });

  test('password and passkey give a token that says how, and counts as step-up', async () => {
    const before = (await events()).length;
    const request = authorization(issuer);
    const callback = await signInWithPasskey(ada, request, laptop);
    const { body } = await exchangeCode(issuer, callback, request);
    const token = String(body['access_token']);
    expect(decodeJwt(token)).toMatchObject({ sub: adaId, amr: ['pwd', 'pop', 'user', 'mfa'] });
    expect((await events()).slice(before)).toEqual(['sign-in success account/passkey', 'factor.use success passkey']);
    const invited = await fetch(`${issuer.url}/v1/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ login: bea.login, roles: ['auditor'] }),
    });
    expect(invited.status).toBe(201);
    const { link } = (await invited.json()) as { link: string };
    // One that has no counter, as those that are kept on several devices.
    beasPhone = new Authenticator(issuer.url, 'EdDSA', false);
    expect((await enrolWithPasskey(bea, await bea.browser.open(link), beasPhone)).status).toBe(200);
  });

  const bea = new Person('bea@larkmoor.example');
  let beasPhone: Authenticator;

  const REFUSED: [string, Mistakes][] = [
    ['from another origin', { origin: 'https://localhost' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['with a challenge of its own', { challenge: 'A'.repeat(43) }],
    ['that answers another question', { type: 'webauthn.create' }],
    ['within a frame of another site', { crossOrigin: true }],
    ['without PIN or biometry', { userVerified: false }],
    ['without anybody there', { userPresent: false }],
    ['of another user', { userHandle: Buffer.alloc(16, 7).toString('base64url') }],
    ['with a signature of something else', { signature: Buffer.alloc(70, 3) }],
    ['that has become one that can be copied', { backupEligible: true }],
  ];
  test.each(REFUSED)('a passkey %s is refused', async (_what, mistakes) => {
    const before = (await events()).length;
    const refused = await signInAsAda(mistakes);
    expect([refused.status, refused.text.includes('do not go together')]).toEqual([400, true]);
    expect((await events()).slice(before)).toEqual(['sign-in failure account', 'factor.use failure passkey']);
    // It was that alone.
    expect((await signInAsAda()).url).toContain(SIGNED_IN);
  });

  test('the passkey of another account is refused, and so is one of nobody', async () => {
    expect((await signInAsAda({}, beasPhone)).status).toBe(400);
    expect((await signInAsAda({}, new Authenticator(issuer.url))).status).toBe(400);
    expect((await events()).slice(-2)).toEqual(['sign-in failure account', 'factor.use failure account']);
    expect((await signInWithPasskey(bea, authorization(issuer), beasPhone)).url).toContain(SIGNED_IN);
  });

  test('without the right password it is no use', async () => {
    const request = authorization(issuer, { prompt: 'login' });
    const refused = await signInWithPasskey(ada, request, laptop, {}, { password: 'four unlikely words elsewhere' });
    expect(refused.status).toBe(400);
    // Neither is the password with an empty code, or with a code of the authenticator that she does not have.
    for (const code of ['', '000000', '123456'])
      expect((await signIn(ada, authorization(issuer, { prompt: 'login' }), { code })).status).toBe(400);
  });

  test('an answer counts once, at its own sign-in, and not after its time', async () => {
    const request = authorization(issuer, { prompt: 'login' });
    const page = await ada.browser.open(request.url);
    const answer = laptop.get(page);
    expect((await answerWithPasskey(ada, page, answer, request.redirect)).url).toContain(SIGNED_IN);
    const next = await ada.browser.open(request.url);
    expect((await answerWithPasskey(ada, next, answer, request.redirect)).status).toBe(400);
    // A later counter does not help: the challenge is spent, or belongs to the other page.
    const { challenge } = optionsOf(page, 'get');
    const again = await ada.browser.open(request.url);
    expect((await answerWithPasskey(ada, again, laptop.get(again, { challenge }), request.redirect)).status).toBe(400);
    const [one, other] = [new Person(ada.login), new Person(ada.login)];
    const [mine, theirs] = await Promise.all([one, other].map(({ browser }) => browser.open(request.url)));
    expect((await answerWithPasskey(one, mine!, laptop.get(theirs!), request.redirect)).status).toBe(400);
    const late = await ada.browser.open(request.url);
    await issuer.site.tamper(`UPDATE passkey_challenge SET expires_at = now() - interval '1 second'`);
    expect((await answerWithPasskey(ada, late, laptop.get(late), request.redirect)).status).toBe(400);
  });

  test('of two who send one answer at once, one is let in', async () => {
    const request = authorization(issuer, { prompt: 'login' });
    const page = await bea.browser.open(request.url);
    const answer = beasPhone.get(page);
    const before = (await events()).length;
    const answers = await Promise.all([1, 2].map(() => answerWithPasskey(bea, page, answer, request.redirect)));
    expect(answers.filter(({ url }) => url.includes(SIGNED_IN))).toHaveLength(1);
    // Not only because one sign-in leads to one callback.
    const since = (await events()).slice(before);
    expect(since.filter((event) => event === 'factor.use success passkey')).toHaveLength(1);
    expect(since.filter((event) => event === 'factor.use failure passkey')).toHaveLength(1);
  });

  test('a challenge of one instance is answered at another', async () => {
    const port = await freePort();
    const second = await issuer.site.start({ PORT: String(port), PUBLIC_URL: issuer.url });
    try {
      const request = authorization(issuer, { prompt: 'login' });
      const page = await ada.browser.open(request.url);
      const there = { ...page, url: page.url.replace(issuer.url, `http://localhost:${port}`) };
      expect((await answerWithPasskey(ada, there, laptop.get(page), request.redirect)).url).toContain(SIGNED_IN);
    } finally {
      await second.stop();
    }
  });

  test('a copy of the key is found out by its counter', async () => {
    const copy = laptop.clone();
    expect((await signInAsAda({}, copy)).url).toContain(SIGNED_IN);
    const before = (await events()).length;
    // The counter of the original is now where the copy has been.
    expect((await signInAsAda()).status).toBe(400);
    expect((await signInAsAda({ signCount: 0 })).status).toBe(400);
    expect((await events()).slice(before)).toEqual([
      'sign-in failure account',
      'factor.clone failure passkey',
      'sign-in failure account',
      'factor.clone failure passkey',
    ]);
    // What anybody can write who knows the credential's id is no clone.
    expect((await signInAsAda({ signCount: 0, signature: Buffer.alloc(70, 3) })).status).toBe(400);
    expect((await events()).at(-1)).toBe('factor.use failure passkey');
    laptop.signCount = copy.signCount;
    expect((await signInAsAda()).url).toContain(SIGNED_IN);
  });

  test('failures close the account as those with codes do, also for the right passkey', async () => {
    // Elsewhere: failures in a browser that the account knows are counted apart.
    const stranger = new Person(ada.login);
    const there = (mistakes: Mistakes = {}): Promise<Page> =>
      signInWithPasskey(stranger, authorization(issuer), laptop, mistakes);
    for (let i = 0; i < 5; i += 1) expect((await there({ userVerified: false })).status).toBe(400);
    expect((await events()).at(-1)).toBe('account.lock success account');
    expect((await there()).status).toBe(400);
    await issuer.site.tamper(`UPDATE account SET locked_until = now() - interval '1 second'`);
    expect((await there()).url).toContain(SIGNED_IN);
    expect(await issuer.site.read(`SELECT FROM account WHERE failures <> 0`)).toHaveLength(0);
  });

  test('a recovery code lets in without the device', async () => {
    const callback = await signIn(new Person(ada.login), authorization(issuer), { code: ada.recoveryCodes[0]! });
    expect(callback.url).toContain(SIGNED_IN);
  });

  test('password and passkey let her choose both anew; the passkey of before counts no more', async () => {
    await signInAsAda();
    const account = await ada.browser.open(`${issuer.url}/account`);
    const renew = (passkey: string): Promise<Page> =>
      ada.browser.submit(account, { password: ada.password, passkey }, undefined, {}, '/account/renew');
    expect((await renew(laptop.get(account, { userVerified: false }))).status).toBe(400);
    const next = await ada.browser.open(`${issuer.url}/account`);
    const form = await renew(laptop.get(next));
    expect([form.status, new URL(form.url).pathname]).toEqual([200, '/invitation']);
    const tablet = new Authenticator(issuer.url);
    expect((await enrolWithPasskey(ada, form, tablet)).status).toBe(200);
    expect((await events()).slice(-3)).toEqual([
      'account.manage success account',
      'factor.remove success passkey',
      'factor.add success passkey',
    ]);
    expect((await signInAsAda()).status).toBe(400);
    expect((await signInAsAda({}, tablet)).url).toContain(SIGNED_IN);
  });
});

test('pages that ask for a passkey may run one script, from here, and no other', async () => {
  const pages = await Promise.all([
    new Browser().open(`${issuer.url}/setup`),
    new Browser().open(authorization(issuer).url),
  ]);
  for (const { text, headers } of pages) {
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).toContain(`<script type="module" src="${issuer.url}/passkeys.js"></script>`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`; script-src ${issuer.url}/passkeys.js; `);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toContain('unsafe');
    // Before the script has run nothing is shown that needs it.
    expect(text).toMatch(/<section data-passkey="[a-z]+"\s+data-options="[^"]+"\s+hidden/);
  }
  const script = await fetch(`${issuer.url}/passkeys.js`);
  expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(script.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await script.text()).toContain('navigator.credentials');
});
