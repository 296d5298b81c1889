// What the service does about clients that ask too much, too slowly, or from where they should not.

import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorization } from '../support/sign-in.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { call, json, lines, metric, post, type Reply } from './support/http.ts';

const BUNDLE = 'application/vnd.medanchor.bundle+json';
let site: Site;

beforeAll(async () => {
  site = await Site.open();
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function withService(
  settings: Readonly<Record<string, string>>,
  story: (service: RunningService) => Promise<void>,
): Promise<void> {
  const service = await site.start(settings);
  try {
    await story(service);
  } finally {
    await service.stop();
  }
}

describe('headers', () => {
  test('an answer may not be framed, sniffed, or load anything', async () => {
    await withService({}, async ({ url }) => {
      const { headers } = await call(url, '/v1/log');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-site');
      // No TLS, no promise of it.
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    });
  });

  test('errors have them too, and the page of the documentation only what it needs', async () => {
    await withService({}, async ({ url }) => {
      expect((await call(url, '/nowhere')).headers.get('x-frame-options')).toBe('DENY');
      const page = (await call(url, '/api/docs')).headers.get('content-security-policy') ?? '';
      expect(page).toContain("script-src 'self'");
      expect(page).not.toContain("script-src 'self' 'unsafe-inline'");
      expect(page).not.toContain('unsafe-eval');
    });
  });
});

describe('answers are not kept by browsers and proxies', () => {
  test('unless a route allows it', async () => {
    await withService({}, async ({ url }) => {
      const kept = async (path: string): Promise<string | null> => (await call(url, path)).headers.get('cache-control');
      expect(await kept('/v1/log')).toBe('no-store');
      expect(await kept('/nowhere')).toBe('no-store');
      expect(await kept('/.well-known/smart-configuration')).toBe('public, max-age=300');
    });
  });
});

describe('what cannot be read has the headers too', () => {
  async function rawAnswer(url: string, octets: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(octets);
    return text(socket);
  }

  test.each([
    ['an address', 'GET /%zz HTTP/1.1\r\nhost: ledger\r\nconnection: close\r\n\r\n'],
    ['something that is not HTTP', 'HELO ledger\r\n\r\n'],
  ])('%s', async (_what, octets) => {
    await withService({}, async ({ url }) => {
      const answer = await rawAnswer(url, octets);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('\r\nx-content-type-options: nosniff\r\n');
      expect(answer).toContain("frame-ancestors 'none'");
      expect(answer).toContain('\r\ncache-control: no-store\r\n');
    });
  });
});

describe('pages of other origins', () => {
  const ORIGIN = 'https://console.hospital.example';
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  };

  test('are kept out by default', async () => {
    await withService({}, async ({ url }) => {
      const answer = await call(url, '/v1/log', { headers: { origin: ORIGIN } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect((await call(url, '/v1/versions', preflight)).headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  test('are let in when they are named, others are not, and cookies never are', async () => {
    await withService({ CORS_ORIGINS: ORIGIN }, async ({ url }) => {
      const known = await call(url, '/v1/versions', preflight);
      expect([known.status, known.headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
      expect(known.headers.get('access-control-allow-credentials')).toBeNull();
      const answer = await call(url, '/v1/log', { headers: { origin: ORIGIN } });
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      const other = await call(url, '/v1/log', { headers: { origin: 'https://evil.example' } });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  test('a wild card is refused at the start', async () => {
    await expect(site.start({ CORS_ORIGINS: '*' })).rejects.toThrow(
      'CORS_ORIGINS must be origins such as https://console.hospital.example, separated by commas',
    );
  });
});

describe('too many requests', () => {
  test('of one address are refused with the time to wait, and counted', async () => {
    await withService({ RATE_LIMIT_ADDRESS_PER_MINUTE: '3' }, async ({ url }) => {
      const statuses: number[] = [];
      for (let i = 0; i < 5; i += 1) statuses.push((await call(url, '/v1/log')).status);
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
      const refused = await call(url, '/v1/log');
      expect(json(refused)).toMatchObject({ code: 'rate-limited', status: 429, title: 'Too many requests' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    });
  });

  test('of public verification have a limit of their own', async () => {
    await withService({ RATE_LIMIT_SENSITIVE_PER_MINUTE: '2' }, async ({ url }) => {
      const statuses: number[] = [];
      for (let i = 0; i < 3; i += 1) statuses.push((await post(url, '/v1/proofs/verify', BUNDLE, '{}')).status);
      expect(statuses).toEqual([422, 422, 429]);
      expect((await call(url, '/v1/log')).status).toBe(200);
      expect(await metric(url, 'medanchor_http_rate_limited_total{scope="sensitive"}')).toBe(1);
    });
  });

  test('of one client are refused; another client is served', async () => {
    await withService({ RATE_LIMIT_CLIENT_PER_MINUTE: '2' }, async ({ url }) => {
      const ehr = await site.token({ clientId: 'ehr' });
      const lab = await site.token({ clientId: 'lab' });
      const ask = (token: string): Promise<Reply> => call(url, '/v1/alarms', { token });
      const statuses: number[] = [];
      for (const token of [ehr, ehr, ehr, lab]) statuses.push((await ask(token)).status);
      expect(statuses).toEqual([200, 200, 429, 200]);
      const refused = await ask(ehr);
      expect(json(refused)).toMatchObject({ code: 'rate-limited', status: 429 });
      expect(json(refused)['detail']).toMatch(/^too many requests of this client; try again in \d+ s$/);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await metric(url, 'medanchor_http_rate_limited_total{scope="client"}')).toBe(2);
      // Who is refused so may do it later: nothing was denied.
      expect(await metric(url, 'medanchor_access_denials_total{code="rate-limited"}')).toBe(0);
    });
  });

  test('the lines of a stream count like requests', async () => {
    await withService({ RATE_LIMIT_CLIENT_PER_MINUTE: '4' }, async ({ url }) => {
      const line = (id: string): string =>
        `${JSON.stringify({ source: 's', recordId: id, versionId: '1', content: { resourceType: 'Basic' }, mediaType: 'application/fhir+json' })}\n`;
      const send = async (ids: readonly string[], clientId: string): Promise<Reply> => {
        const headers = { 'content-type': 'application/x-ndjson' };
        const token = await site.token({ clientId });
        return call(url, '/v1/versions', { token, headers, body: ids.map(line).join('') });
      };
      expect(lines(await send(['a', 'b', 'c'], 'ehr')).map(({ status }) => status)).toEqual([201, 201, 201]);
      expect((await send(['d'], 'ehr')).status).toBe(429);
      const long = lines(await send(['d', 'e', 'f', 'g'], 'lab'));
      expect(long.map(({ line: number, status }) => [number, status])).toEqual([1, 2, 3, 4].map((n) => [n, 429]));
      expect(long[0]?.['problem']).toMatchObject({ code: 'rate-limited', retryAfterSeconds: expect.any(Number) });
      expect(lines(await send(['d'], 'imaging')).map(({ status }) => status)).toEqual([201]);
    });
  });

  test('a forwarded address counts only from a proxy that is named', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    await withService({ RATE_LIMIT_ADDRESS_PER_MINUTE: '1' }, async ({ url }) => {
      expect((await call(url, '/v1/log', from('203.0.113.1'))).status).toBe(200);
      expect((await call(url, '/v1/log', from('203.0.113.2'))).status).toBe(429);
    });
    await withService({ RATE_LIMIT_ADDRESS_PER_MINUTE: '1', TRUSTED_PROXIES: '127.0.0.0/8' }, async ({ url }) => {
      expect((await call(url, '/v1/log', from('203.0.113.1'))).status).toBe(200);
      expect((await call(url, '/v1/log', from('203.0.113.2'))).status).toBe(200);
      expect((await call(url, '/v1/log', from('203.0.113.2'))).status).toBe(429);
    });
  });
});

describe('too slowly', () => {
  /** Sends what it is given and waits for the end. */
  async function slow(url: string, head: string): Promise<string> {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(head);
    await once(socket, 'close');
    return text;
  }

  test('a body that does not come is answered 408, and the connection is closed', async () => {
    await withService({ BODY_TIMEOUT_MS: '300' }, async ({ url }) => {
      const text = await slow(
        url,
        'POST /v1/proofs/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a',
      );
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(text).toContain('"code":"timed-out"');
      expect(text).toContain('the body did not arrive within 0.3 s');
    });
  });

  test('a stream in which nothing comes is cut off', async () => {
    await withService({ STREAM_IDLE_TIMEOUT_MS: '300' }, async ({ url }) => {
      const { authorization: authorized = '' } = await authorization(url);
      const started = Date.now();
      await slow(
        url,
        `POST /v1/versions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorized}\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"\r\n`,
      );
      expect(Date.now() - started).toBeGreaterThanOrEqual(290);
      expect(Date.now() - started).toBeLessThan(5000);
      // And it goes on serving.
      expect((await call(url, '/v1/log')).status).toBe(200);
    });
  });

  test('a stream that comes slowly but comes is served', async () => {
    await withService({ STREAM_IDLE_TIMEOUT_MS: '400', BODY_TIMEOUT_MS: '300' }, async ({ url }) => {
      const line = `${JSON.stringify({ source: 's', recordId: 'r', versionId: '1', content: { resourceType: 'Basic' }, mediaType: 'application/fhir+json' })}\n`;
      const body = new ReadableStream({
        async start(controller): Promise<void> {
          for (const octet of Buffer.from(line)
            .toString('latin1')
            .match(/.{1,20}/gs) ?? []) {
            controller.enqueue(Buffer.from(octet, 'latin1'));
            await new Promise((resolve) => setTimeout(resolve, 150));
          }
          controller.close();
        },
      });
      const response = await fetch(`${url}/v1/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', ...(await authorization(url)) },
        body,
        duplex: 'half',
      });
      expect(await response.text()).toContain('"status":201');
    });
  });
});
