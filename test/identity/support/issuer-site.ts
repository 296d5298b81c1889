// A site whose issuer can be used: it listens where PUBLIC_URL says that it does.

import path from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { ClientsService } from '../../../api/src/identity/clients/clients.service.ts';
import { newClientSchema, type NewClient } from '../../../api/src/identity/clients/client.rules.ts';
import { findTenant } from '../../../api/src/identity/clients/tenants.ts';
import { POOL, type Pool } from '../../../api/src/platform/database/pool.ts';
import { freePort } from '../../../scripts/launch/ports.ts';
import { Site, type RunningService } from '../../flow/support/site.ts';

export interface IssuerSite {
  readonly site: Site;
  readonly service: RunningService;
  readonly url: string;
  readonly setupFile: string;
  register(client: Record<string, unknown>, tenant?: string): Promise<string>;
  close(): Promise<void>;
}

/** @param host passkeys need a name: `localhost` */
export async function openIssuerSite(
  settings: Readonly<Record<string, string>> = {},
  host = '127.0.0.1',
): Promise<IssuerSite> {
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-issuer-'));
  const site = await Site.open();
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const setupFile = path.join(folder, 'setup.token');
  const service = await site.start({
    PORT: String(port),
    PUBLIC_URL: url,
    SETUP_TOKEN_FILE: setupFile,
    // The stories ask more often than people do.
    RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
    RATE_LIMIT_SENSITIVE_PER_MINUTE: '0',
    ...settings,
  });
  return {
    site,
    service,
    url,
    setupFile,
    register: async (client, tenant = 'default') => {
      const wanted: NewClient = newClientSchema.parse(client);
      const ref = await findTenant(service.app.get<Pool>(POOL), tenant);
      if (ref === null) throw new Error(`no tenant ${tenant}`);
      return (await service.app.get(ClientsService).register(ref, wanted, null)).id;
    },
    close: async () => {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface KeyPair {
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK & { kid: string };
}

export async function newKeyPair(algorithm: string, kid = `key-${algorithm}`): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, {
    extractable: true,
    ...(algorithm.startsWith('RS') ? { modulusLength: 3072 } : {}),
  });
  return { algorithm, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid } };
}

/** Claims of a client assertion as SMART Backend Services wants them; `claims` replaces some, undefined leaves one out. */
export async function assertion(
  key: KeyPair,
  clientId: string,
  audience: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 240,
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.algorithm, kid: key.publicJwk.kid, typ: 'JWT' })
    .sign(key.privateKey);
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export async function requestToken(url: string, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const response = await fetch(`${url}/oidc/token`, { method: 'POST', body: new URLSearchParams(form) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export function clientCredentials(clientAssertion: string, scope = 'ledger/verify'): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
  };
}
