// Issuers outside of the service, as a hospital has one: keys by discovery, claims under other names, and what happens when
// the issuer does not answer. The issuer here is a real HTTP server with a real key set.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { call, json, type Reply } from '../api/support/http.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

let site: Site;
let server: Server;
let issuer: string;
let rsa: { publicKey: CryptoKey; privateKey: CryptoKey };
let metadata: object;
let published: JWK[];
let asked: string[] = [];
let service: RunningService | undefined;

beforeAll(async () => {
  site = await Site.open();
  rsa = await generateKeyPair('RS256', { extractable: true });
  published = [{ ...(await exportJWK(rsa.publicKey)), kid: 'rsa-1', use: 'sig', alg: 'RS256' }];
  server = createServer((incoming, answer) => {
    asked.push(incoming.url ?? '');
    const body = incoming.url === '/realm/jwks' ? { keys: published } : metadata;
    answer.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  metadata = { issuer, jwks_uri: `${issuer}/jwks` };
}, 60_000);

afterEach(async () => {
  await service?.stop();
  service = undefined;
  asked = [];
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await site.close();
});

async function trusting(settings: object, more: Record<string, string> = {}): Promise<RunningService> {
  service = await site.start({ AUTH_ISSUERS: JSON.stringify([{ issuer, ...settings }]), ...more });
  return service;
}

async function sign(claims: object = {}, header: object = {}, key: CryptoKey = rsa.privateKey): Promise<string> {
  return new SignJWT({
    sub: 'somebody',
    client_id: 'portal',
    jti: 'j',
    tenant: 'default',
    roles: ['auditor'],
    scope: 'ledger/audit.read',
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'rsa-1', ...header })
    .setIssuer(issuer)
    .setAudience('audience' in claims ? String(claims.audience) : 'http://localhost:3000')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key);
}

const alarms = ({ url }: RunningService, token: string): Promise<Reply> => call(url, '/v1/alarms', { token });
const codeOf = async (reply: Promise<Reply>): Promise<unknown> => {
  const { status, text } = await reply;
  return status === 200 ? 200 : [status, (JSON.parse(text) as { code: string }).code];
};

test('its keys are found by discovery, fetched once, and the embedded issuer still counts', async () => {
  const running = await trusting({});
  expect(await codeOf(alarms(running, await sign()))).toBe(200);
  expect(await codeOf(alarms(running, await sign({ jti: 'k' })))).toBe(200);
  expect(asked).toEqual(['/realm/.well-known/openid-configuration', '/realm/jwks']);
  expect(await codeOf(alarms(running, await site.token()))).toBe(200);
  expect(json(await call(running.url, '/.well-known/oauth-protected-resource'))).toMatchObject({
    resource: 'http://localhost:3000',
    authorization_servers: ['http://localhost:3000/oidc', issuer],
  });
});

test('the embedded issuer switched off: only the other counts', async () => {
  const running = await trusting({ jwksUri: `${issuer}/jwks` }, { EMBEDDED_ISSUER: 'off', ISSUER_KEY_FILE: '' });
  expect(await codeOf(alarms(running, await sign()))).toBe(200);
  expect(await codeOf(alarms(running, await site.token()))).toEqual([401, 'token-invalid']);
  expect(asked).toEqual(['/realm/jwks']);
});

test('as Keycloak writes its tokens: other names, another typ, one tenant for all', async () => {
  const running = await trusting({
    tokenType: 'JWT',
    audience: 'medanchor',
    rolesClaim: 'realm_access.roles',
    tenant: 'default',
  });
  const claims = {
    client_id: undefined,
    azp: 'portal',
    tenant: 'elsewhere',
    roles: [],
    realm_access: { roles: ['auditor'] },
  };
  expect(await codeOf(alarms(running, await sign({ ...claims, audience: 'medanchor' }, { typ: 'JWT' })))).toBe(200);
  // Its ID tokens are for the portal.
  expect(await codeOf(alarms(running, await sign({ ...claims, audience: 'portal' }, { typ: 'JWT' })))).toEqual([
    401,
    'token-invalid',
  ]);
  expect(await codeOf(alarms(running, await sign({ ...claims, audience: 'medanchor' })))).toEqual([
    401,
    'token-invalid',
  ]);
});

test('its people must have proved more than a password, its machines not', async () => {
  const running = await trusting({ requiredAmr: ['mfa'], requiredAcr: ['gold'] });
  expect(await codeOf(alarms(running, await sign({ amr: ['pwd', 'mfa'], acr: 'gold' })))).toBe(200);
  expect(await codeOf(alarms(running, await sign({ sub: 'portal' })))).toBe(200);
  for (const claims of [{}, { amr: ['pwd'] }, { amr: ['pwd'], acr: 'gold' }, { amr: ['mfa'], acr: 'silver' }]) {
    // Asked again: what was refused is not remembered as good.
    const token = await sign(claims);
    expect(await codeOf(alarms(running, token))).toEqual([401, 'step-up-required']);
    const again = await alarms(running, token);
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_user_authentication", error_description="the issuer must ask .*", acr_values="gold", /,
    );
  }
  // The embedded issuer asks everybody for a second factor itself.
  expect(await codeOf(alarms(running, await site.token()))).toBe(200);
});

test('its claims can limit access too, to the instant; what is no time is no token', async () => {
  const running = await trusting({});
  const now = Math.floor(Date.now() / 1000);
  expect(await codeOf(alarms(running, await sign({ access_from: now - 60, access_until: now + 60 })))).toBe(200);
  const over = await alarms(running, await sign({ access_until: now - 60 }));
  const ended = new Date((now - 60) * 1000).toISOString();
  expect([over.status, json(over)]).toMatchObject([
    403,
    {
      code: 'access-denied',
      reasons: ['outside-access-period'],
      detail: `alarm.read is not allowed: this caller has access until ${ended} only`,
    },
  ]);
  expect(await codeOf(alarms(running, await sign({ access_from: now + 60 })))).toEqual([403, 'access-denied']);
  expect(await codeOf(alarms(running, await sign({ access_until: String(now + 60) })))).toEqual([401, 'token-invalid']);
});

describe('keys', () => {
  test('a key that nobody has published', async () => {
    const running = await trusting({});
    const { privateKey } = await generateKeyPair('RS256');
    expect(await codeOf(alarms(running, await sign({}, { kid: 'rsa-2' }, privateKey)))).toEqual([401, 'token-invalid']);
    expect(await codeOf(alarms(running, await sign({}, {}, privateKey)))).toEqual([401, 'token-invalid']);
  });

  test('the key of another issuer of ours does not count for this one', async () => {
    const running = await trusting({});
    const [header = '', , signature = ''] = (await site.token()).split('.');
    const [, body = ''] = (await sign()).split('.');
    expect(await codeOf(alarms(running, `${header}.${body}.${signature}`))).toEqual([401, 'token-invalid']);
  });
});

describe('nobody can say now: 503, never 401', () => {
  test('the issuer does not answer', async () => {
    const running = await trusting({ jwksUri: 'http://127.0.0.1:9/jwks' });
    const reply = await alarms(running, await sign());
    expect([reply.status, json(reply)['code'], reply.headers.get('retry-after')]).toEqual([503, 'unavailable', '5']);
    expect(reply.headers.get('www-authenticate')).toBeNull();
    expect(reply.text).not.toContain('127.0.0.1:9');
    // Others are not concerned.
    expect(await codeOf(alarms(running, await site.token()))).toBe(200);
  });

  test('its discovery document is that of another, or no document; when it is mended, all is well', async () => {
    const running = await trusting({});
    const token = await sign();
    const good = metadata;
    try {
      for (const wrong of [{ issuer: 'https://other.example', jwks_uri: `${issuer}/jwks` }, { issuer }, []]) {
        metadata = wrong;
        expect(await codeOf(alarms(running, token))).toEqual([503, 'unavailable']);
      }
    } finally {
      metadata = good;
    }
    expect(await codeOf(alarms(running, token))).toBe(200);
  });
});
