// Keys of sources: every act is an entry of the log, needs the key itself or a reason, and is refused with its fault named.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateSigningKey, type SigningKey } from '@medanchor/client';
import { utf8 } from '@medanchor/verifier';
import { KeyDesk } from '../flow/support/keys.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import type { Caller } from '../support/sign-in.ts';
import { rows } from './support/rows.ts';

let site: Site;
let service: RunningService;
let desk: KeyDesk;
let first: SigningKey;
let second: SigningKey;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  desk = new KeyDesk(service.url, 'ehr');
  [{ key: first }, { key: second }] = await Promise.all([generateSigningKey('EdDSA'), generateSigningKey('ES256')]);
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function entryAt(index: number): Promise<Record<string, unknown>> {
  const [row] = await site.read<{ octets: Buffer }>(
    'SELECT substring(entries FROM 3) AS octets FROM entry_batch WHERE first_index = $1 AND entry_count = 1',
    [index],
  );
  return JSON.parse(row?.octets.toString() ?? '{}') as Record<string, unknown>;
}

test('a source that nobody knows has no keys, and asking does not make it known', async () => {
  expect(await desk.get()).toMatchObject({ status: 404, body: { code: 'unknown-source' } });
  expect((await rows(site)).source).toBe(0);
});

test('registered: a key entry with its proof of possession, and the key as it can be read by anybody', async () => {
  const answer = await desk.register(first);
  expect(answer).toMatchObject({
    status: 201,
    body: {
      source: 'ehr',
      keyId: first.keyId,
      state: 'in-force',
      registeredIndex: '0',
      endedIndex: null,
      replacedBy: null,
    },
  });
  const entry = await entryAt(0);
  expect(entry).toMatchObject({ kind: 'key', action: 'register', keyId: first.keyId, jwk: first.publicJwk });
  expect(entry['source']).toBe(answer.body['sourceId']);
  expect(String(entry['possession'])).toMatch(/^[\w-]+\.\.[\w-]{86}$/);
  expect((await desk.get(`/${first.keyId}`)).body).toEqual(answer.body);
});

test('registered again: 409, and one entry', async () => {
  expect(await desk.register(first)).toMatchObject({ status: 409, body: { code: 'key-exists' } });
  expect((await rows(site)).entries).toBe(1);
});

test('rotated: the old key vouches for the new one, and is over', async () => {
  expect(await desk.rotate(first, second)).toMatchObject({
    status: 201,
    body: { keyId: second.keyId, state: 'in-force', registeredIndex: '1' },
  });
  expect((await desk.get()).body).toMatchObject({
    keys: [
      { keyId: first.keyId, state: 'replaced', endedIndex: '1', replacedBy: second.keyId },
      { keyId: second.keyId, state: 'in-force' },
    ],
  });
  expect(await desk.register(first)).toMatchObject({ status: 409, body: { code: 'key-revoked' } });
  expect(await desk.revoke(first)).toMatchObject({ status: 409, body: { code: 'key-revoked' } });
});

test('lost: revoked without the key, with a reason that stands in the log', async () => {
  expect(await desk.revoke(second, {})).toMatchObject({ status: 403, body: { code: 'key-authority-missing' } });
  expect(await desk.revoke(second, { reason: 'the card was lost' })).toMatchObject({
    status: 200,
    body: { keyId: second.keyId, state: 'revoked', endedIndex: '2', replacedBy: null },
  });
  const entry = await entryAt(2);
  expect([entry['action'], entry['reason'], entry['jwk'], entry['authority']]).toEqual([
    'revoke',
    'the card was lost',
    undefined,
    undefined,
  ]);
});

describe('refused, and nothing is written', () => {
  let key: SigningKey;
  let other: SigningKey;

  beforeAll(async () => {
    [{ key }, { key: other }] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    await desk.register(key);
  });

  const cases: readonly [
    string,
    number,
    string,
    string,
    () => Promise<{ status: number; body: Readonly<Record<string, unknown>> }>,
  ][] = [
    [
      'a possession that another key made',
      422,
      'key-malformed',
      'possession: kid is',
      async () => {
        const statement = await desk.statement({ action: 'register', jwk: other.publicJwk });
        return desk.post('', { jwk: other.publicJwk, possession: await key.sign(statement) });
      },
    ],
    [
      'a possession over another statement (that of another source)',
      422,
      'key-malformed',
      'possession: the signature does not verify',
      async () => {
        const statement = await new KeyDesk(service.url, 'lab').statement({ action: 'register', jwk: other.publicJwk });
        return desk.post('', { jwk: other.publicJwk, possession: await other.sign(statement) });
      },
    ],
    [
      'a rotation that the old key did not sign',
      422,
      'key-malformed',
      'authority: kid is',
      async () => desk.rotate(key, other, { authority: await other.sign(utf8('anything')) }),
    ],
    [
      'a rotation to the key itself',
      409,
      'key-exists',
      'is registered for this source since index 3',
      () => desk.rotate(key, key),
    ],
    [
      'a key that is not registered',
      404,
      'unknown-key',
      'no key with this id is registered for this source',
      () => desk.revoke(other, { reason: 'lost' }),
    ],
    [
      'a private key',
      400,
      'bad-request',
      'Unrecognized key: "d"',
      () => desk.post('', { jwk: { ...key.publicJwk, d: 'x'.repeat(43) }, possession: 'x' }),
    ],
    [
      'a key of another kind',
      400,
      'bad-request',
      'jwk.kty: ',
      () => desk.post('', { jwk: { kty: 'RSA', n: 'x', e: 'AQAB' }, possession: 'x' }),
    ],
    [
      'a coordinate that is no 32 octets',
      422,
      'key-malformed',
      'jwk: /x: got a text',
      () => desk.post('', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(42) + 'B' }, possession: 'x' }),
    ],
    [
      'a member twice',
      400,
      'bad-request',
      'the same member name twice',
      () => desk.post(`/${key.keyId}/revoke`, '{"reason":"a","reason":"b"}'),
    ],
    ['no body', 400, 'bad-request', 'the body must be a JSON object', () => desk.post('', '')],
    ['no JSON', 415, 'media-type-unsupported', 'application/json', () => desk.post('', '{}', 'text/plain')],
    [
      'a reason with control characters',
      400,
      'bad-request',
      'no control characters',
      () => desk.post(`/${key.keyId}/revoke`, { reason: 'a\nb' }),
    ],
    ['a key id that is none', 400, 'bad-request', 'RFC 7638', () => desk.get('/short')],
  ];

  test.each(cases)('%s', async (_, status, code, detail, act) => {
    const before = await rows(site);
    const answer = await act();
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(String(answer.body['detail'])).toContain(detail);
    const { source: __, ...after } = await rows(site);
    expect(before).toMatchObject(after);
  });
});

describe('who may', () => {
  const deskOf = async (caller: Caller, source = 'ward-a'): Promise<KeyDesk> =>
    new KeyDesk(service.url, source, await site.token(caller));
  const machine: Caller = {
    clientId: 'ward',
    roles: ['record-system'],
    scopes: ['ledger/version.write'],
    sources: ['ward-a'],
  };

  test('a record system, for the keys of its own sources, as long as it has them', async () => {
    const [{ key: own }, { key: next }] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const ward = await deskOf(machine);
    expect((await ward.register(own)).status).toBe(201);
    expect((await ward.rotate(own, next)).status).toBe(201);
    // Lost: what a reason can do, it can do for an administrator only.
    expect(await ward.revoke(next, { reason: 'lost' })).toMatchObject({
      status: 403,
      body: { code: 'key-authority-missing' },
    });
    const elsewhere = await (await deskOf(machine, 'ehr')).get();
    expect([elsewhere.status, elsewhere.body['reasons']]).toEqual([403, ['source-not-granted']]);
    const submitting = await deskOf({ roles: ['record-system', 'administrator'], scopes: ['ledger/version.write'] });
    expect((await submitting.revoke(next, { reason: 'lost' })).status).toBe(403);
    const administrator = await deskOf({ roles: ['administrator'], scopes: ['admin'] });
    expect((await administrator.revoke(next, { reason: 'lost' })).status).toBe(200);
  });

  test('a person with a second factor that is fresh, and not without', async () => {
    const { key } = await generateSigningKey();
    const person = { roles: ['administrator'], subject: 'ann', clientId: 'console' } as const;
    const seconds = Math.floor(Date.now() / 1000);
    const stale = await deskOf({ ...person, more: { auth_time: seconds - 301, amr: ['pwd', 'otp'] } });
    expect(await stale.post('/prepare', { action: 'register', jwk: key.publicJwk })).toMatchObject({
      status: 401,
      body: { code: 'step-up-required' },
    });
    const fresh = await deskOf({ ...person, more: { auth_time: seconds, amr: ['pwd', 'otp'] } });
    expect((await fresh.register(key)).status).toBe(201);
  });

  test('each act is in the access log, with the key; a refused one is a denial, and asking for a statement is nothing', async () => {
    const { key } = await generateSigningKey();
    const ward = await deskOf({ ...machine, clientId: 'logged' });
    const registered = await ward.register(key);
    await ward.revoke(key, { reason: 'lost' });
    await ward.revoke(key);
    const elsewhere = await deskOf({ ...machine, clientId: 'logged' }, 'ehr');
    await elsewhere.post(`/${key.keyId}/revoke`, { reason: 'lost' });
    const events = await site.read<{ action: string; outcome: string; id: string | null }>(
      `SELECT event::jsonb ->> 'action' AS action, event::jsonb ->> 'outcome' AS outcome, event::jsonb #>> '{entity,id}' AS id
       FROM access_event WHERE event::jsonb #>> '{caller,clientId}' = 'logged' ORDER BY seq`,
    );
    const id = `${String(registered.body['sourceId'])} ${key.keyId}`;
    expect(events).toEqual([
      { action: 'key.manage', outcome: 'success', id },
      { action: 'key.manage', outcome: 'success', id },
      { action: 'key.manage', outcome: 'denied', id: null },
    ]);
  });
});

test('of ten that revoke one key at once, one writes an entry', async () => {
  const { key } = await generateSigningKey();
  await desk.register(key);
  const before = (await rows(site)).entries;
  const answers = await Promise.all(Array.from({ length: 10 }, () => desk.revoke(key)));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    200,
    ...Array.from({ length: 9 }, () => 409),
  ]);
  expect((await rows(site)).entries).toBe(before + 1);
});
