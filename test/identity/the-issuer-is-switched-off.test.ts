// With an issuer of the operator's own, nothing of the embedded one is there: no page, no endpoint, no route for accounts.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Site, type RunningService } from '../flow/support/site.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({
    EMBEDDED_ISSUER: 'off',
    AUTH_ISSUERS: JSON.stringify([{ issuer: 'https://login.example/realms/hospital' }]),
  });
}, 60_000);

afterAll(async () => {
  await site.close();
});

test.each([
  '/oidc/.well-known/openid-configuration',
  '/oidc/jwks',
  '/oidc/auth',
  '/.well-known/smart-configuration',
  '/setup',
  '/account',
  '/v1/clients',
  '/v1/accounts',
  '/v1/sessions',
])('%s is not there', async (path) => {
  const response = await fetch(`${service.url}${path}`);
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'not-found']);
});

test('the rest is', async () => {
  expect((await fetch(`${service.url}/v1/log`)).status).toBe(200);
});
