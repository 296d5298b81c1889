// RFC 8705: a token that is bound to a client certificate is worth nothing on a line with another one, or with none. Real TLS
// on both sides.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { X509Certificate, createHash } from 'node:crypto';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { certificateThumbprint } from '../../api/src/platform/auth/client-certificate.ts';
import { newIssuerKey, readIssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { TokenCheck } from '../../api/src/platform/auth/token-check.ts';
import { embeddedIssuer } from '../../api/src/platform/auth/token-issuer.ts';
import { NoRevocations } from '../../api/src/platform/auth/token-revocations.port.ts';
import { SystemClock } from '../../api/src/platform/clock/clock.ts';
import { Authority, type Certified } from '../support/certificates.ts';
import { tokenFor } from '../support/sign-in.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-certificates-'));
const ISSUER_KEY_FILE = path.join(folder, 'issuer.key');
let server: Server;
let ours: Authority;
let one: Certified;
let two: Certified;

beforeAll(async () => {
  ours = await Authority.create('hospital');
  [one, two] = [await ours.issue({ names: ['one'] }), await ours.issue({ names: ['two'] })];
  const { cert, key } = await ours.issue({ ips: ['127.0.0.1'] });
  writeFileSync(ISSUER_KEY_FILE, newIssuerKey(), { mode: 0o600 });
  const issuer = embeddedIssuer('http://localhost:3000', 'http://localhost:3000', await readIssuerKey(ISSUER_KEY_FILE));
  const tokens = new TokenCheck([issuer], new NoRevocations(), new SystemClock());
  // As the service asks for them: whoever has none is served too.
  const asking = { cert, key, ca: ours.cert, requestCert: true, rejectUnauthorized: false };
  server = createServer(asking, (incoming, answer) => {
    const [, token = ''] = (incoming.headers.authorization ?? '').split(' ');
    tokens.check(token, certificateThumbprint(incoming.socket)).then(
      ({ subject }) => answer.end(subject),
      (error: unknown) => answer.end((error as Error).message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function ask(token: string, client?: Certified): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const asked = request({
    port,
    host: '127.0.0.1',
    ca: ours.cert,
    agent: false,
    headers: { authorization: `Bearer ${token}` },
    ...client,
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const part of response) text += part.toString();
  return text;
}

test('only the connection that it was made for can use it', async () => {
  const thumbprint = createHash('sha256').update(new X509Certificate(one.cert).raw).digest('base64url');
  const bound = await tokenFor({ ISSUER_KEY_FILE }, { more: { cnf: { 'x5t#S256': thumbprint } } });
  const refused = 'it is bound to a client certificate that this connection does not have';
  expect(await ask(bound, one)).toBe('test-client');
  // Known by now, and looked at all the same.
  expect(await ask(bound, two)).toBe(refused);
  expect(await ask(bound)).toBe(refused);
  expect(await ask(bound, one)).toBe('test-client');
});

test('one that is bound to nothing works with any certificate, and without', async () => {
  const free = await tokenFor({ ISSUER_KEY_FILE });
  expect([await ask(free, two), await ask(free)]).toEqual(['test-client', 'test-client']);
});
