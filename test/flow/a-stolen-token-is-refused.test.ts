// A token was stolen from a log file, but not the key of the certificate that it is bound to (RFC 8705): over any other line
// than its owner's it opens nothing. The service itself speaks TLS, and asks clients for their certificates.

import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Authority, type Certified } from '../support/certificates.ts';
import { tokenFor } from '../support/sign-in.ts';
import { Site, type RunningService } from './support/site.ts';

const PUBLIC_URL = 'https://ledger.example';
const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-stolen-'));
let ours: Authority;
let owner: Certified;
let site: Site;
let service: RunningService;

beforeAll(async () => {
  ours = await Authority.create('hospital');
  owner = await ours.issue({ names: ['ehr'] });
  const server = await ours.issue({ ips: ['127.0.0.1'] });
  const file = (name: string, content: string): string => {
    writeFileSync(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  site = await Site.open();
  service = await site.start({
    PUBLIC_URL,
    TLS_CERT_FILE: file('server.pem', server.cert),
    TLS_KEY_FILE: file('server.key', server.key),
    TLS_CLIENT_CA_FILE: file('clients.pem', ours.cert),
  });
}, 60_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const boundTo = ({ cert }: Certified): Promise<string> => {
  const thumbprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');
  return tokenFor({ ...site.settings(), PUBLIC_URL }, { more: { cnf: { 'x5t#S256': thumbprint } } });
};

interface Answer {
  readonly status: number | undefined;
  readonly code: unknown;
  readonly challenge: string | undefined;
}

/** @param client the certificate of the line; null: none */
async function ask(token: string, client: Certified | null): Promise<Answer> {
  const response = await new Promise<{ status: number | undefined; challenge: string | undefined; body: string }>(
    (resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      request(`${service.url}/v1/alarms`, { agent: false, ca: ours.cert, headers, ...client }, (incoming) => {
        text(incoming).then(
          (body) => resolve({ status: incoming.statusCode, challenge: incoming.headers['www-authenticate'], body }),
          reject,
        );
      })
        .once('error', reject)
        .end();
    },
  );
  const { code } = JSON.parse(response.body) as { code?: unknown };
  return { status: response.status, code, challenge: response.challenge };
}

test('over the line of its owner it is good', async () => {
  expect(await ask(await boundTo(owner), owner)).toMatchObject({ status: 200 });
});

test('over any other line it is refused, and used there it is no worse for its owner', async () => {
  const token = await boundTo(owner);
  const others: readonly (Certified | null)[] = [
    await ours.issue({ names: ['ehr'] }),
    await (await Authority.create('hospital')).issue({ names: ['ehr'] }),
    null,
  ];
  for (const other of others) {
    const { status, code, challenge } = await ask(token, other);
    expect([status, code]).toEqual([401, 'token-invalid']);
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description=".*client certificate/);
  }
  expect(await ask(token, owner)).toMatchObject({ status: 200 });
});

test('a certificate that the authority did not sign, or whose time is over, binds nothing', async () => {
  const foreign = await (await Authority.create('elsewhere')).issue({ names: ['ehr'] });
  const expired = await ours.issue({ names: ['ehr'], days: -1 });
  for (const client of [foreign, expired])
    expect(await ask(await boundTo(client), client)).toMatchObject({ status: 401, code: 'token-invalid' });
});
