// SMART Backend Services: a registered machine signs an assertion with its own key and gets an access token of the agreed
// shape; whatever is wrong with the assertion, it gets none, and does not learn what others could use.

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '../api/support/http.ts';
import { eventually } from '../flow/support/site.ts';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { ClientsService } from '../../api/src/identity/clients/clients.service.ts';
import { findTenant } from '../../api/src/identity/clients/tenants.ts';
import { POOL, type Pool } from '../../api/src/platform/database/pool.ts';
import {
  assertion,
  clientCredentials,
  newKeyPair,
  openIssuerSite,
  requestToken,
  type IssuerSite,
  type KeyPair,
} from './support/issuer-site.ts';

let issuer: IssuerSite;
let es384: KeyPair;
let rs384: KeyPair;
let clientId: string;
let endpoint: string;

beforeAll(async () => {
  issuer = await openIssuerSite({ CLIENT_JWKS_HOSTS: 'any' });
  endpoint = `${issuer.url}/oidc/token`;
  [es384, rs384] = await Promise.all([newKeyPair('ES384'), newKeyPair('RS384')]);
  clientId = await issuer.register({
    name: 'Ward system',
    roles: ['record-system'],
    sources: ['ward-a'],
    jwks: { keys: [es384.publicJwk, rs384.publicJwk] },
  });
}, 60_000);

afterAll(async () => {
  await issuer.close();
});

test('the SMART configuration and the discovery document say the same, and what is there', async () => {
  const smart = (await (await fetch(`${issuer.url}/.well-known/smart-configuration`)).json()) as Record<
    string,
    unknown
  >;
  const discovery = (await (await fetch(`${issuer.url}/oidc/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >;
  for (const name of [
    'issuer',
    'jwks_uri',
    'token_endpoint',
    'authorization_endpoint',
    'introspection_endpoint',
    'revocation_endpoint',
  ])
    expect([name, smart[name]]).toEqual([name, discovery[name]]);
  expect(smart['issuer']).toBe(`${issuer.url}/oidc`);
  expect(smart['token_endpoint_auth_signing_alg_values_supported']).toEqual(expect.arrayContaining(['RS384', 'ES384']));
  expect(discovery['code_challenge_methods_supported']).toEqual(['S256']);
  expect(discovery['response_types_supported']).toEqual(['code']);
});

test.each(['ES384', 'RS384'])('%s: the token is the one that the API expects', async (algorithm) => {
  const key = algorithm === 'ES384' ? es384 : rs384;
  const answer = await requestToken(
    issuer.url,
    clientCredentials(await assertion(key, clientId, endpoint), 'ledger/version.write ledger/verify'),
  );
  expect([answer.status, answer.body['token_type'], answer.body['expires_in'], answer.body['scope']]).toEqual([
    200,
    'Bearer',
    300,
    'ledger/version.write ledger/verify',
  ]);
  expect(answer.headers.get('cache-control')).toContain('no-store');
  expect(answer.body).not.toHaveProperty('refresh_token');
  const token = String(answer.body['access_token']);
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer.url}/oidc/jwks`)), {
    issuer: `${issuer.url}/oidc`,
    audience: issuer.url,
    typ: 'at+jwt',
    algorithms: ['ES256'],
  });
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(payload).toEqual({
    iss: `${issuer.url}/oidc`,
    aud: issuer.url,
    sub: clientId,
    client_id: clientId,
    scope: 'ledger/version.write ledger/verify',
    tenant: 'default',
    roles: ['record-system'],
    sources: ['ward-a'],
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: Number(payload.iat) + 300,
  });
});

test('the audience of an assertion may be the issuer', async () => {
  const answer = await requestToken(
    issuer.url,
    clientCredentials(await assertion(es384, clientId, `${issuer.url}/oidc`)),
  );
  expect(answer.status).toBe(200);
});

describe('no token for', () => {
  const REFUSED = { error: 'invalid_client', error_description: 'client authentication failed' };
  const now = (): number => Math.floor(Date.now() / 1000);

  async function refuse(form: Record<string, string>): Promise<void> {
    const { status, body } = await requestToken(issuer.url, form);
    expect([status, body]).toEqual([401, REFUSED]);
  }

  test('an assertion that was used before', async () => {
    const form = clientCredentials(await assertion(es384, clientId, endpoint));
    expect((await requestToken(issuer.url, form)).status).toBe(200);
    await refuse(form);
  });

  test('all but one of eight that use the same assertion at once', async () => {
    const form = clientCredentials(await assertion(es384, clientId, endpoint));
    const answers = await Promise.all(Array.from({ length: 8 }, () => requestToken(issuer.url, form)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  test.each([
    ['an assertion that is over its time', { exp: now() - 60 }],
    ['an assertion without a time', { exp: undefined }],
    ['an assertion for more than five minutes', { exp: now() + 900 }],
    ['an assertion for another audience', { aud: 'https://elsewhere.example/token' }],
    ['an assertion without a jti', { jti: undefined }],
    ['an assertion in another’s name', { iss: '00000000-0000-4000-8000-000000000000' }],
  ])('%s', async (_what, claims) => {
    await refuse(clientCredentials(await assertion(es384, clientId, endpoint, claims)));
  });

  test('an assertion signed by another key', async () => {
    const stranger = await newKeyPair('ES384', es384.publicJwk.kid);
    await refuse(clientCredentials(await assertion(stranger, clientId, endpoint)));
  });

  test('a client that nobody registered', async () => {
    await refuse(clientCredentials(await assertion(es384, '00000000-0000-4000-8000-000000000000', endpoint)));
    await refuse(clientCredentials(await assertion(es384, "x' OR true --", endpoint)));
  });

  test('an assertion without a signature (alg none)', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: clientId, sub: clientId, aud: endpoint, jti: 'a', exp: now() + 200 };
    await refuse(clientCredentials(`${part({ alg: 'none' })}.${part(claims)}.`));
  });

  test('an assertion signed with the public key as a shared secret (HS256)', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: clientId, sub: clientId, aud: endpoint, jti: 'b', exp: now() + 200 };
    const signed = `${part({ alg: 'HS256', kid: rs384.publicJwk.kid })}.${part(claims)}`;
    const signature = createHmac('sha256', JSON.stringify(rs384.publicJwk)).update(signed).digest('base64url');
    await refuse(clientCredentials(`${signed}.${signature}`));
  });

  test('RS256, which SMART does not allow', async () => {
    const key = await newKeyPair('RS256', 'key-RS384');
    await refuse(clientCredentials(await assertion(key, clientId, endpoint)));
  });

  test('a client that was disabled', async () => {
    const id = await issuer.register({ name: 'Old system', roles: ['auditor'], jwks: { keys: [es384.publicJwk] } });
    expect((await requestToken(issuer.url, clientCredentials(await assertion(es384, id, endpoint)))).status).toBe(200);
    const tenant = await findTenant(issuer.service.app.get<Pool>(POOL), 'default');
    const { body } = await requestToken(
      issuer.url,
      clientCredentials(await assertion(es384, id, endpoint), 'ledger/audit.read'),
    );
    const token = String(body['access_token']);
    expect((await call(issuer.url, '/v1/alarms', { token })).status).toBe(200);
    await issuer.service.app.get(ClientsService).disable(tenant!, id, null);
    await refuse(clientCredentials(await assertion(es384, id, endpoint)));
    // And the token that it has is worth nothing either.
    await eventually(
      'the end of the client is known',
      async () => (await call(issuer.url, '/v1/alarms', { token })).status,
      (status) => status === 401,
      5000,
    );
  });

  test('the keys that were replaced', async () => {
    const id = await issuer.register({ name: 'Lab', roles: ['record-system'], jwks: { keys: [es384.publicJwk] } });
    const tenant = await findTenant(issuer.service.app.get<Pool>(POOL), 'default');
    const keys = { jwks: { keys: [rs384.publicJwk] } } as never;
    await issuer.service.app.get(ClientsService).replaceKeys(tenant!, id, keys, null);
    await refuse(clientCredentials(await assertion(es384, id, endpoint)));
    expect((await requestToken(issuer.url, clientCredentials(await assertion(rs384, id, endpoint)))).status).toBe(200);
  });
});

describe('a scope', () => {
  test.each([['admin'], ['ledger/verify admin'], ['ledger/everything']])(
    '%s is refused to a record system',
    async (scope) => {
      const { status, body } = await requestToken(
        issuer.url,
        clientCredentials(await assertion(es384, clientId, endpoint), scope),
      );
      expect([status, body['error']]).toEqual([400, 'invalid_scope']);
    },
  );

  test('must be named', async () => {
    const { scope: _, ...form } = clientCredentials(await assertion(es384, clientId, endpoint));
    const { status, body } = await requestToken(issuer.url, form);
    expect([status, body['error']]).toEqual([400, 'invalid_scope']);
  });
});

test('no other resource has tokens of this issuer', async () => {
  const form = {
    ...clientCredentials(await assertion(es384, clientId, endpoint)),
    resource: 'https://elsewhere.example',
  };
  const { status, body } = await requestToken(issuer.url, form);
  expect([status, body['error']]).toEqual([400, 'invalid_target']);
});

describe('keys at an address of the client’s own', () => {
  let server: Server;
  let address: string;
  let answer: () => object;

  beforeAll(async () => {
    answer = () => ({ keys: [es384.publicJwk] });
    server = createServer((request, response) => {
      if (request.url === '/moved') {
        response.writeHead(302, { location: '/jwks' }).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer()));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
  });

  test('are fetched', async () => {
    const id = await issuer.register({ name: 'Remote', roles: ['auditor'], jwksUri: `${address}/jwks` });
    expect((await requestToken(issuer.url, clientCredentials(await assertion(es384, id, endpoint)))).status).toBe(200);
  });

  test('are not looked for where a redirect leads', async () => {
    const id = await issuer.register({ name: 'Moved', roles: ['auditor'], jwksUri: `${address}/moved` });
    expect((await requestToken(issuer.url, clientCredentials(await assertion(es384, id, endpoint)))).status).toBe(401);
  });
});

describe('a registration is refused', () => {
  const jwk = (): object => es384.publicJwk;

  test.each([
    ['with a private key', () => ({ jwks: { keys: [{ ...jwk(), d: 'AAAA' }] } }), /d/],
    ['with a short RSA key', () => ({ jwks: { keys: [shortRsa()] } }), /2048 bits/],
    ['with a shared secret', () => ({ jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'a' }] } }), /public signing key/],
    ['with two keys of one kid', () => ({ jwks: { keys: [jwk(), jwk()] } }), /kid of its own/],
    ['without keys', () => ({}), /either jwks or jwksUri/],
    ['with keys in two places', () => ({ jwks: { keys: [jwk()] }, jwksUri: 'https://a.example/jwks' }), /either/],
    ['with keys that come in clear', () => ({ jwksUri: 'http://ehr.example/jwks' }), /https/],
    [
      'with a scope that its roles do not have',
      () => ({ jwks: { keys: [jwk()] }, scopes: ['admin'] }),
      /one of its roles/,
    ],
  ])('%s', async (_what, members, fault) => {
    await expect(issuer.register({ name: 'X', roles: ['record-system'], ...members() })).rejects.toThrow(fault);
  });

  function shortRsa(): object {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    return { ...publicKey.export({ format: 'jwk' }), kid: 'short' };
  }
});
