// The service speaks TLS itself: to those who trust its authority, from TLS 1.2 on; it takes a renewed certificate without a
// restart and keeps the old one when the renewal is broken; and it asks clients for theirs when it is told to.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientCertificate } from '../../api/src/platform/auth/client-certificate.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createAdapter } from '../../api/src/platform/http/http-server.ts';
import { RefusalLog } from '../../api/src/platform/http/refusal-log.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { getFrom } from '../../scripts/launch/api-request.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { Authority, type Certified } from '../support/certificates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-tls-'));
const certFile = path.join(folder, 'server.pem');
const keyFile = path.join(folder, 'server.key');
const caFile = path.join(folder, 'clients.pem');
let ours: Authority;
let theirs: Authority;
let site: Site;
let service: RunningService;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([Authority.create('ours'), Authority.create('theirs')]);
  write(await ours.issue({ names: ['ledger.example'], ips: ['127.0.0.1'] }));
  writeFileSync(caFile, ours.cert);
  site = await Site.open();
  service = await site.start({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile });
}, 60_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

function write({ cert, key }: Certified): void {
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

/** @returns the answer, or the code of the failure */
function ask(url: string, options: RequestOptions = {}): Promise<Answer | string> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, ca: ours.cert, ...options }, (response) => {
      void text(response).then((body) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body }),
      );
    });
    asked.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EPROTO' ? error.message : (error.code ?? error.message)),
    );
    asked.end();
  });
}

/** Serial number of the certificate that it shows now. */
async function shown(): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket: TLSSocket = connect({ host: hostname, port: Number(port), ca: ours.cert });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

test('who trusts its authority is served, and told to come by TLS only', async () => {
  expect(service.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  const answer = (await ask(`${service.url}/health/live`)) as Answer;
  expect([answer.status, answer.text]).toEqual([200, '{"status":"up"}']);
  expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  const ready = JSON.parse(((await ask(`${service.url}/health/ready`)) as Answer).text) as {
    parts: Record<string, { status: string; notAfter: string }>;
  };
  expect(ready.parts['tls']?.status).toBe('up');
});

test.each([
  ['another authority', () => ({ ca: theirs.cert }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['another name', () => ({ servername: 'other.example' }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [
    'TLS 1.1',
    () => ({ minVersion: 'TLSv1' as const, maxVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }),
    /alert protocol version/,
  ],
  [
    'a cipher that does not authenticate (CBC)',
    () => ({ maxVersion: 'TLSv1.2' as const, ciphers: 'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA' }),
    /alert handshake failure/,
  ],
  [
    'RSA key exchange',
    () => ({ maxVersion: 'TLSv1.2' as const, ciphers: 'AES128-SHA:AES128-GCM-SHA256' }),
    /alert handshake failure/,
  ],
])('%s: no connection', async (_what, options, code) => {
  const { port } = new URL(service.url);
  const answer = await ask(`https://127.0.0.1:${port}/health/live`, options());
  if (typeof code === 'string') expect(answer).toBe(code);
  else expect(answer).toMatch(code);
});

test('plain HTTP on the same port gets nothing', async () => {
  const { port } = new URL(service.url);
  const code = await new Promise((resolve) => {
    const asked = plainRequest(`http://127.0.0.1:${port}/health/live`, { agent: false }, (response) =>
      resolve(response.statusCode),
    );
    asked.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end();
  });
  expect(code).toBe('ECONNRESET');
});

test('the launcher trusts exactly the certificate that it gave out, by whatever name', async () => {
  expect((await getFrom(`${service.url}/health/live`, certFile)).status).toBe(200);
  const other = path.join(folder, 'other.pem');
  writeFileSync(other, (await ours.issue({ ips: ['127.0.0.1'] })).cert);
  await expect(getFrom(`${service.url}/health/live`, other)).rejects.toThrow(/unable to/);
});

test('a renewed certificate is taken without a restart; a broken one is not', async () => {
  const first = await shown();
  write(await ours.issue({ ips: ['127.0.0.1'], days: 5 }));
  const second = await eventually('the renewed one', shown, (serial) => serial !== first);
  // Half-way through a renewal the key is not that of the certificate.
  writeFileSync(keyFile, (await ours.issue({ ips: ['127.0.0.1'] })).key, { mode: 0o600 });
  process.emit('SIGHUP');
  expect(await shown()).toBe(second);
  const ready = JSON.parse(((await ask(`${service.url}/health/ready`)) as Answer).text) as {
    parts: Record<string, { status: string; code: string; detail: string }>;
  };
  expect(ready.parts['tls']).toMatchObject({
    status: 'degraded',
    code: 'certificate-expires',
    detail: expect.stringMatching(/^the TLS certificate expires in [45] days: renew it$/),
  });
  write(await ours.issue({ ips: ['127.0.0.1'] }));
  process.emit('SIGHUP');
  expect(await shown()).not.toBe(second);
}, 30_000);

test('a key that others can read, or that is of another certificate, stops the start', async () => {
  const settings = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
  chmodSync(keyFile, 0o640);
  await expect(site.start(settings)).rejects.toThrow(
    /^TLS key \(TLS_KEY_FILE\): .* can be read by others \(mode 640\)/,
  );
  chmodSync(keyFile, 0o600);
  const before = readFileSync(certFile, 'utf8');
  writeFileSync(certFile, (await ours.issue({ ips: ['127.0.0.1'] })).cert);
  await expect(site.start(settings)).rejects.toThrow(/is not the PEM key of the certificate in/);
  writeFileSync(certFile, 'no certificate');
  await expect(site.start(settings)).rejects.toThrow(
    /^TLS certificate \(TLS_CERT_FILE\): .* holds no certificate in PEM/,
  );
  writeFileSync(certFile, before);
});

test('a client’s certificate counts when the authority of clients has signed it; without one the client is served too', async () => {
  const fastify = createAdapter(
    loadConfig({ ...site.environment(), TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CLIENT_CA_FILE: caFile }),
    new RefusalLog(createLogger('silent')),
  ).getInstance();
  fastify.get(
    '/who',
    (asked, reply) =>
      void reply.send({ certificate: clientCertificate(asked.raw.socket)?.raw.toString('base64') ?? null }),
  );
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  try {
    const who = async (client: Partial<Certified>): Promise<unknown> => {
      const answer = await ask(`${url}/who`, client);
      return typeof answer === 'string'
        ? answer
        : (JSON.parse(answer.text) as { certificate: string | null }).certificate;
    };
    const client = await ours.issue({ names: ['ehr'] });
    const der = Buffer.from(client.cert.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64').toString('base64');
    expect(await who(client)).toBe(der);
    expect(await who(await theirs.issue({ names: ['ehr'] }))).toBeNull();
    expect(await who(await ours.issue({ names: ['ehr'], days: -1 }))).toBeNull();
    expect(await who({})).toBeNull();
  } finally {
    await fastify.close();
  }
});
