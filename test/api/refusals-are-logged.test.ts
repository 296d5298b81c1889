// A refused token, refused input and a limit that was reached leave a line in the log that says from where and why, and nothing of what was
// sent; a flood leaves few.

import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../api/src/app.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { RefusalLog } from '../../api/src/platform/http/refusal-log.ts';
import { eventually, Site } from '../flow/support/site.ts';

interface Line {
  readonly msg: string;
  readonly status: number;
  readonly code: string | null;
  readonly address: string;
  readonly method: string;
  readonly route: string | null;
  readonly requestId: string;
  readonly leftOut?: string;
}

let site: Site;
let app: NestFastifyApplication;
let url: string;
let logged: string[] = [];
/** Each test comes from somewhere else. */
let address = 0;

const refusals = (): Line[] =>
  logged.map((line) => JSON.parse(line) as Line).filter(({ msg }) => msg === 'a request was refused');

const written = (count: number): Promise<Line[]> =>
  eventually(
    `${count} lines`,
    async () => refusals(),
    (lines) => lines.length >= count,
    5000,
  );

beforeAll(async () => {
  site = await Site.open();
  const config = loadConfig(
    site.environment({
      LOG_LEVEL: 'info',
      TRUSTED_PROXIES: '127.0.0.1',
      RATE_LIMIT_SENSITIVE_PER_MINUTE: '3',
      STAGES: 'off',
    }),
  );
  app = await createApp(config, createLogger('info', { write: (line: string) => void logged.push(line) }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}, 60_000);

afterAll(async () => {
  await app.close();
  await site.close();
});

beforeEach(() => {
  logged = [];
  address += 1;
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    ...init,
    headers: { 'x-forwarded-for': `203.0.113.${address}`, ...(init.headers as Record<string, string>) },
  });
}

test('a bearer token, or none', async () => {
  const answer = await ask('/v1/records/ehr/Patient%2FZwetschgenbaum/versions', {
    headers: { authorization: 'Bearer not-a-token-at-all' },
  });
  await ask('/v1/alarms');
  const [first, second] = await written(2);
  expect(first).toEqual({
    level: 30,
    time: expect.any(String),
    msg: 'a request was refused',
    status: 401,
    code: 'token-invalid',
    address: '203.0.113.1',
    method: 'GET',
    route: '/v1/records/:source/:recordId/versions',
    requestId: answer.headers.get('x-request-id'),
  });
  expect([second?.status, second?.code]).toEqual([401, 'token-missing']);
  expect(logged.join('')).not.toMatch(/not-a-token|Zwetschgenbaum/);
});

test('input that is refused, at every depth', async () => {
  const token = await site.token();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await ask('/v1/tenants', { method: 'POST', headers, body: '{"name":"Secret Tenant' });
  await ask('/v1/alarms?Zwetschgenbaum=1', { headers: { authorization: `Bearer ${token}` } });
  await ask('/v1/records/%ff/x/versions');
  const lines = await written(3);
  expect(lines.map(({ status, code, route }) => [status, code, route])).toEqual([
    [400, expect.any(String), '/v1/tenants'],
    [400, 'bad-request', '/v1/alarms'],
    [400, expect.any(String), null],
  ]);
  expect(logged.join('')).not.toMatch(/Secret Tenant|Zwetschgenbaum|%ff/);
});

test('octets that are no HTTP', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end('NOT HTTP AT ALL\r\n\r\n');
  const [line] = await written(1);
  expect(line).toMatchObject({ status: 400, code: expect.stringMatching(/^HPE_/), address: '127.0.0.1', route: null });
  socket.destroy();
});

test('a limit that is reached: five lines of one address, and the last says so', async () => {
  for (let turn = 0; turn < 20; turn += 1) await ask('/v1/proofs/verify', { method: 'POST' });
  const lines = await written(5);
  await ask('/v1/proofs/verify', { method: 'POST' });
  expect(refusals()).toHaveLength(5);
  expect(lines.map(({ status }) => status).slice(3)).toEqual([429, 429]);
  expect(lines.at(-1)).toMatchObject({ code: 'rate-limited', leftOut: 'this address' });
  // Others have lines of their own.
  address += 1;
  await ask('/v1/alarms');
  expect((await written(6)).at(-1)).toMatchObject({ code: 'token-missing' });
});

test('what is not found, or changed meanwhile, is honest work', async () => {
  await ask('/nowhere');
  await ask('/v1/alarms');
  expect((await written(1)).map(({ status }) => status)).toEqual([401]);
});

test('a flood from a thousand addresses leaves a hundred lines', async () => {
  const lines: string[] = [];
  const log = new RefusalLog(createLogger('info', { write: (line: string) => void lines.push(line) }));
  for (let n = 0; n < 5000; n += 1)
    log.note({
      status: 401,
      code: 'token-invalid',
      address: `10.0.${n % 10}.${n % 100}`,
      method: 'GET',
      route: '/v1/alarms',
      requestId: null,
    });
  await eventually(
    'the lines',
    async () => lines.length,
    (length) => length >= 100,
    5000,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(lines).toHaveLength(100);
  expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ leftOut: 'all addresses' });
});
