// Access tokens that somebody made, found, changed or kept: each is refused with 401 and a challenge (RFC 6750), and the
// answer says which rule it broke. The same key and the same claims give a good one first, so that nothing else is wrong.

import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, type JWTHeaderParameters } from 'jose';
import { readIssuerKey, type IssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { call, json, type Reply } from '../api/support/http.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

const ISSUER = 'http://localhost:3000/oidc';
const ROUTE = '/v1/alarms';

let site: Site;
let service: RunningService;
let key: IssuerKey;
let now: number;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  key = await readIssuerKey(site.settings()['ISSUER_KEY_FILE'] ?? '');
  now = Math.floor(Date.now() / 1000);
}, 60_000);

afterAll(() => site.close());

const GOOD = (): Record<string, unknown> => ({
  iss: ISSUER,
  aud: 'http://localhost:3000',
  sub: 'somebody',
  client_id: 'somebody',
  jti: 'one',
  iat: now,
  exp: now + 300,
  scope: 'ledger/audit.read',
  tenant: 'default',
  roles: ['auditor'],
});

async function sign(
  claims: Record<string, unknown> = {},
  header: Partial<JWTHeaderParameters> = {},
  by = key.privateKey,
): Promise<string> {
  const all = Object.fromEntries(Object.entries({ ...GOOD(), ...claims }).filter(([, value]) => value !== undefined));
  return new SignJWT(all).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header }).sign(by);
}

const ask = (token: string): Promise<Reply> => call(service.url, ROUTE, { token });

function expectRefusal(reply: Reply, why: string): void {
  expect([reply.status, json(reply)['code'], json(reply)['detail']]).toEqual([401, 'token-invalid', why]);
  expect(reply.headers.get('www-authenticate')).toBe(
    `Bearer error="invalid_token", error_description="${why}", resource_metadata="http://localhost:3000/.well-known/oauth-protected-resource"`,
  );
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('the good one is accepted, again and again', async () => {
  const token = await sign();
  expect([(await ask(token)).status, (await ask(token)).status]).toEqual([200, 200]);
});

describe('claims', () => {
  test.each<[name: string, claims: () => Record<string, unknown>, why: string]>([
    ['expired', () => ({ iat: now - 400, exp: now - 100 }), 'it has expired'],
    ['not yet valid', () => ({ nbf: now + 60 }), 'its claim or header nbf is not what it must be'],
    ['issued in the future', () => ({ iat: now + 60 }), 'its claim or header iat is not what it must be'],
    ['older than five minutes, whatever its exp says', () => ({ iat: now - 310, exp: now + 3600 }), 'it has expired'],
    [
      'for another audience',
      () => ({ aud: 'https://other.example' }),
      'its claim or header aud is not what it must be',
    ],
    [
      'of an issuer that is not ours',
      () => ({ iss: 'https://other.example' }),
      'its issuer is not one that this service accepts',
    ],
    [
      'of an issuer with a slash more',
      () => ({ iss: `${ISSUER}/` }),
      'its issuer is not one that this service accepts',
    ],
    ['without exp', () => ({ exp: undefined }), 'its claim or header exp is not what it must be'],
    ['without iat', () => ({ iat: undefined }), 'its claim or header iat is not what it must be'],
    ['without sub', () => ({ sub: undefined }), 'its claim or header sub is not what it must be'],
    ['without aud', () => ({ aud: undefined }), 'its claim or header aud is not what it must be'],
    ['without jti', () => ({ jti: undefined }), 'claims missing or malformed: jti'],
    ['without client_id', () => ({ client_id: undefined }), 'claims missing or malformed: client_id'],
    ['without tenant', () => ({ tenant: undefined }), 'claims missing or malformed: tenant'],
    ['with roles that are no list', () => ({ roles: 'auditor' }), 'claims missing or malformed: roles'],
    ['with sources that are no list', () => ({ sources: 'ehr' }), 'claims missing or malformed: sources'],
    [
      'bound to a certificate, on a line without one',
      () => ({ cnf: { 'x5t#S256': 'A'.repeat(43) } }),
      'it is bound to a client certificate that this connection does not have',
    ],
    ['bound in a way that is not known', () => ({ cnf: { jkt: 'A'.repeat(43) } }), 'claims missing or malformed: cnf'],
  ])('%s', async (_name, claims, why) => {
    expectRefusal(await ask(await sign(claims())), `the access token is not accepted: ${why}`);
  });
});

describe('signature and header', () => {
  test('an ID token of the same issuer, for the same audience', async () => {
    const why = 'the access token is not accepted: its claim or header typ is not what it must be';
    expectRefusal(await ask(await sign({}, { typ: 'JWT' })), why);
  });

  test('alg: none, with and without the old signature', async () => {
    const body = part(GOOD());
    const why = 'the access token is not accepted: it is signed with an algorithm that is not accepted';
    for (const alg of ['none', 'None', 'NONE'])
      for (const signature of ['AAAA', (await sign()).split('.')[2] ?? ''])
        expectRefusal(await ask(`${part({ alg, typ: 'at+jwt', kid: key.kid })}.${body}.${signature}`), why);
    // An empty signature is not even a bearer token of ours.
    const empty = await ask(`${part({ alg: 'none', typ: 'at+jwt' })}.${body}.`);
    expect([empty.status, json(empty)['code']]).toEqual([401, 'token-invalid']);
  });

  test('HS256 with the public key for a secret (key confusion)', async () => {
    const publicKey = createPublicKey(key.privateKey);
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(key.publicJwk),
    ];
    for (const alg of ['HS256', 'HS512'])
      for (const secret of secrets) {
        const signed = `${part({ alg, typ: 'at+jwt', kid: key.kid })}.${part(GOOD())}`;
        const mac = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret)
          .update(signed)
          .digest('base64url');
        const why = 'the access token is not accepted: it is signed with an algorithm that is not accepted';
        expectRefusal(await ask(`${signed}.${mac}`), why);
      }
  });

  test('a good algorithm that is not that of the issuer', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const why = 'the access token is not accepted: it is signed with an algorithm that is not accepted';
    expectRefusal(await ask(await sign({}, { alg: 'ES384' }, privateKey)), why);
  });

  test('the key of somebody else, under our name for ours', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expectRefusal(
      await ask(await sign({}, {}, privateKey)),
      'the access token is not accepted: its signature is wrong',
    );
  });

  test('a key that it brings itself', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' }) as never;
    expectRefusal(
      await ask(await sign({}, { jwk }, privateKey)),
      'the access token is not accepted: its signature is wrong',
    );
  });

  test.each([
    ['unknown', 'some-other-key'],
    ['missing', undefined],
  ])('a kid that is %s', async (_name, kid) => {
    const header = kid === undefined ? { alg: 'ES256', typ: 'at+jwt' } : { alg: 'ES256', typ: 'at+jwt', kid };
    const token = await new SignJWT(GOOD()).setProtectedHeader(header).sign(key.privateKey);
    expectRefusal(await ask(token), 'the access token is not accepted: it names no key of its issuer');
  });

  test('one role more in the claims, one bit less in the signature', async () => {
    const [header = '', , signature = ''] = (await sign()).split('.');
    const more = part({ ...GOOD(), roles: ['auditor', 'administrator'] });
    const why = 'the access token is not accepted: its signature is wrong';
    expectRefusal(await ask(`${header}.${more}.${signature}`), why);
    const flipped = Buffer.from(signature, 'base64url');
    flipped[7] = (flipped[7] ?? 0) ^ 1;
    expectRefusal(await ask(`${header}.${part(GOOD())}.${flipped.toString('base64url')}`), why);
  });

  test.each([
    ['crit', { crit: ['b64'], b64: true }],
    ['an unknown extension', { crit: ['x'], x: 1 }],
  ])('a header with %s', async (_name, header) => {
    const body = `${part({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header })}.${part(GOOD())}.AAAA`;
    expect((await ask(body)).status).toBe(401);
  });
});

describe('what is no token', () => {
  test.each(['a', 'a.b.c', '....', 'e30.e30.e30', `${'A'.repeat(9000)}.e30.e30`])('%.20s', async (token) => {
    const reply = await ask(token);
    expect([reply.status, json(reply)['code']]).toEqual([401, 'token-invalid']);
    expect(reply.text).not.toContain('AAAAAAAA');
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'token'])('Authorization: %s', async (authorization) => {
    const reply = await call(service.url, ROUTE, { token: null, headers: { authorization } });
    expect([reply.status, json(reply)['code']]).toEqual([401, 'token-invalid']);
  });

  test('a token in the address is not looked at', async () => {
    const reply = await call(service.url, `${ROUTE}?access_token=${await sign()}`, { token: null });
    expect([reply.status, json(reply)['code']]).toEqual([401, 'token-missing']);
  });
});

test('a good token of a tenant that nobody has made opens nothing', async () => {
  const reply = await ask(await sign({ tenant: 'nowhere' }));
  expect([reply.status, json(reply)['code'], json(reply)['reasons']]).toEqual([
    403,
    'access-denied',
    ['unknown-tenant'],
  ]);
});

test('a scope that is missing is named in the challenge', async () => {
  const reply = await ask(await sign({ scope: 'ledger/verify' }));
  expect([reply.status, json(reply)['reasons']]).toEqual([403, ['scope-lacks-action']]);
  expect(reply.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_scope", scope="ledger/audit.read admin", resource_metadata="http://localhost:3000/.well-known/oauth-protected-resource"',
  );
});

test('a public route does not care', async () => {
  expect((await call(service.url, '/v1/log', { token: 'a.b.c' })).status).toBe(200);
});
