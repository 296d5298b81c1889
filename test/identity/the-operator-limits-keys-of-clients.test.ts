// Which keys of clients are taken, and from which hosts they are fetched, is the operator's to say: nowhere from unless named, and no
// RSA key of fewer than 3072 bits unless allowed. Published keys are held to it too. The publisher is a real server.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { clientKeysFault } from '../../api/src/identity/clients/client-policy.rules.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { tokenFor } from '../support/sign-in.ts';
import {
  assertion,
  clientCredentials,
  newKeyPair,
  openIssuerSite,
  requestToken,
  type IssuerSite,
  type KeyPair,
} from './support/issuer-site.ts';

let server: Server;
let host: string;
let published: object[] = [];
let asked = 0;
let strong: KeyPair;
let weak: KeyPair;
let issuer: IssuerSite | undefined;

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  strong = await newKeyPair('RS384', 'strong');
  const { privateKey, publicKey } = await generateKeyPair('RS384', { extractable: true, modulusLength: 2048 });
  weak = { algorithm: 'RS384', privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: 'weak' } };
}, 60_000);

afterEach(async () => {
  await issuer?.close();
  issuer = undefined;
});

afterAll(() => {
  server.close();
});

const record = (keys: object): Record<string, unknown> => ({ name: 'Ward', roles: ['record-system'], ...keys });
const statusWith = async ({ url }: IssuerSite, key: KeyPair, id: string): Promise<number> =>
  (await requestToken(url, clientCredentials(await assertion(key, id, `${url}/oidc/token`)))).status;

test('without a setting: keys from nowhere, and no short RSA key, also when keys are replaced', async () => {
  issuer = await openIssuerSite();
  await expect(issuer.register(record({ jwksUri: `http://${host}/jwks` }))).rejects.toMatchObject({
    code: 'bad-request',
    message: `jwksUri: keys are not fetched from ${host}; the operator allows no host (CLIENT_JWKS_HOSTS). Register the keys themselves as jwks`,
  });
  await expect(issuer.register(record({ jwks: { keys: [strong.publicJwk, weak.publicJwk] } }))).rejects.toMatchObject({
    code: 'bad-request',
    message:
      'jwks: the RSA key "weak" has fewer than 3072 bits (CLIENT_RSA_MIN_BITS); use a longer one, or EC on P-256 or P-384, or Ed25519',
  });
  expect(await issuer.site.read('SELECT FROM client')).toHaveLength(0);
  const id = await issuer.register(record({ jwks: { keys: [strong.publicJwk] } }));
  expect(await statusWith(issuer, strong, id)).toBe(200);
  const token = await tokenFor({ ...issuer.site.settings(), PUBLIC_URL: issuer.url }, { roles: ['administrator'] });
  const answer = await fetch(`${issuer.url}/v1/clients/${id}/keys`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jwks: { keys: [weak.publicJwk] } }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({
      code: 'bad-request',
      detail: expect.stringContaining('"weak" has fewer than 3072 bits'),
    }),
  ]);
  expect(await statusWith(issuer, strong, id)).toBe(200);
  // Registered when more was allowed: nothing is fetched from there any more.
  await issuer.site.read(`UPDATE client SET jwks = NULL, jwks_uri = $2 WHERE id = $1`, [id, `http://${host}/jwks`]);
  published = [strong.publicJwk];
  expect(await statusWith(issuer, strong, id)).toBe(401);
  expect(asked).toBe(0);
}, 60_000);

test('a host on the list is asked, and of what it publishes short RSA keys do not count', async () => {
  issuer = await openIssuerSite({ CLIENT_JWKS_HOSTS: `keys.lab.example, ${host}` });
  await expect(issuer.register(record({ jwksUri: 'https://evil.example/jwks' }))).rejects.toMatchObject({
    message: expect.stringContaining(`the operator allows keys.lab.example, ${host} (CLIENT_JWKS_HOSTS)`),
  });
  published = [strong.publicJwk, weak.publicJwk];
  const id = await issuer.register(record({ jwksUri: `http://${host}/jwks` }));
  expect(await statusWith(issuer, strong, id)).toBe(200);
  expect(await statusWith(issuer, weak, id)).toBe(401);
  expect(asked).toBeGreaterThan(0);
}, 60_000);

test('2048 bits, where the operator allows them', async () => {
  issuer = await openIssuerSite({ CLIENT_RSA_MIN_BITS: '2048' });
  const id = await issuer.register(record({ jwks: { keys: [weak.publicJwk] } }));
  expect(await statusWith(issuer, weak, id)).toBe(200);
}, 60_000);

test.each(['https://keys.lab.example', 'Keys.Lab.example', 'keys.lab.example/jwks', '*.lab.example:', 'a b'])(
  'CLIENT_JWKS_HOSTS=%s is refused with what is allowed',
  (CLIENT_JWKS_HOSTS) => {
    expect(() => loadConfig({ CLIENT_JWKS_HOSTS })).toThrow(
      /CLIENT_JWKS_HOSTS must be hosts such as keys\.lab\.example or 10\.0\.0\.7:8443, in lower case/,
    );
  },
);

test('zeros in front make no RSA key longer', () => {
  const n = Buffer.concat([Buffer.alloc(128), Buffer.from(weak.publicJwk.n ?? '', 'base64url')]).toString('base64url');
  const key = { ...weak.publicJwk, n } as never;
  expect(clientKeysFault({ jwks: { keys: [key] } }, { keyHosts: [], shortestRsaBits: 3072 })).toContain(
    'fewer than 3072',
  );
});
