// A client that is registered so gets tokens that are bound to the TLS certificate of the connection that fetched them
// (RFC 8705): another certificate cannot use them, and without one there is none. The service itself speaks TLS.

import { X509Certificate, createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { freePort } from '../../scripts/launch/ports.ts';
import { Authority, type Certified } from '../support/certificates.ts';
import {
  assertion,
  clientCredentials,
  newKeyPair,
  openIssuerSite,
  type IssuerSite,
  type KeyPair,
} from './support/issuer-site.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-bound-'));
let issuer: IssuerSite;
let ours: Authority;
let one: Certified;
let two: Certified;
let url: string;
let key: KeyPair;
let bound: string;
let free: string;

beforeAll(async () => {
  ours = await Authority.create('hospital');
  [one, two] = [await ours.issue({ names: ['one'] }), await ours.issue({ names: ['two'] })];
  const server = await ours.issue({ ips: ['127.0.0.1'] });
  const file = (name: string, content: string): string => {
    writeFileSync(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const port = await freePort();
  url = `https://127.0.0.1:${port}`;
  issuer = await openIssuerSite({
    PORT: String(port),
    PUBLIC_URL: url,
    TLS_CERT_FILE: file('server.pem', server.cert),
    TLS_KEY_FILE: file('server.key', server.key),
    TLS_CLIENT_CA_FILE: file('clients.pem', ours.cert),
  });
  key = await newKeyPair('ES384');
  const jwks = { keys: [key.publicJwk] };
  bound = await issuer.register({ name: 'Bound', roles: ['auditor'], certificateBound: true, jwks });
  free = await issuer.register({ name: 'Free', roles: ['auditor'], jwks });
}, 60_000);

afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  certificate: Certified | null,
  headers: Record<string, string>,
  body = '',
): Promise<Answer> {
  const agent = new Agent({ ca: ours.cert, keepAlive: false, ...certificate });
  const outgoing = request(`${url}${path}`, { method, agent, headers });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  let text = '';
  for await (const part of incoming) text += part.toString();
  return { status: incoming.statusCode, body: JSON.parse(text) as Record<string, unknown> };
}

async function fetchToken(clientId: string, certificate: Certified | null): Promise<Answer> {
  const form = clientCredentials(await assertion(key, clientId, `${url}/oidc/token`), 'ledger/audit.read');
  const body = new URLSearchParams(form).toString();
  return call('POST', '/oidc/token', certificate, { 'content-type': 'application/x-www-form-urlencoded' }, body);
}

const read = (token: unknown, certificate: Certified | null): Promise<Answer> =>
  call('GET', '/v1/alarms', certificate, { authorization: `Bearer ${String(token)}` });

test('the token names the certificate that fetched it', async () => {
  const { status, body } = await fetchToken(bound, one);
  expect(status).toBe(200);
  const thumbprint = createHash('sha256').update(new X509Certificate(one.cert).raw).digest('base64url');
  expect(decodeJwt(String(body['access_token']))['cnf']).toEqual({ 'x5t#S256': thumbprint });
});

test('it opens the API on a line with that certificate, and on no other', async () => {
  const { body } = await fetchToken(bound, one);
  const token = body['access_token'];
  expect((await read(token, one)).status).toBe(200);
  for (const other of [two, null]) {
    const { status, body: problem } = await read(token, other);
    expect([status, problem['code']]).toEqual([401, 'token-invalid']);
  }
});

test('without a certificate there is no token for it', async () => {
  const { status, body } = await fetchToken(bound, null);
  expect([status, body['error']]).toEqual([400, 'invalid_grant']);
});

test('a header that pretends to be a certificate is none', async () => {
  const form = clientCredentials(await assertion(key, bound, `${url}/oidc/token`), 'ledger/audit.read');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-ssl-client-cert': encodeURIComponent(one.cert),
    'x-forwarded-client-cert': encodeURIComponent(one.cert),
  };
  expect((await call('POST', '/oidc/token', null, headers, new URLSearchParams(form).toString())).status).toBe(400);
});

test('a client that did not ask for it has tokens that any line may carry', async () => {
  const { body } = await fetchToken(free, one);
  expect(decodeJwt(String(body['access_token']))).not.toHaveProperty('cnf');
  expect((await read(body['access_token'], null)).status).toBe(200);
});

test('behind https no cookie is ever sent in clear', async () => {
  const agent = new Agent({ ca: ours.cert, keepAlive: false });
  const outgoing = request(
    `${url}/oidc/auth?client_id=medanchor-console&response_type=code&scope=openid&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256&redirect_uri=${encodeURIComponent(`${url}/console/callback`)}`,
    { agent },
  ).end();
  const [incoming] = (await once(outgoing, 'response')) as [
    { headers: Record<string, string | string[]>; statusCode: number; resume(): void },
  ];
  incoming.resume();
  expect(incoming.statusCode).toBe(303);
  const cookies = [incoming.headers['set-cookie'] ?? []].flat();
  expect(cookies.length).toBeGreaterThanOrEqual(2);
  for (const cookie of cookies)
    for (const word of [/^__(Host|Secure)-medanchor_/, /; secure/i, /; httponly/i, /; samesite=lax/i])
      expect(cookie).toMatch(word);
});
