// The database is gone: every connection ended, new ones refused. Requests get 503 with a time to come back and nothing of
// the database in it, health says which part is down, the process lives, and all works again when the database is back.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json, lines, post, type Reply } from './support/http.ts';
import { rows } from './support/rows.ts';

const FHIR = 'application/fhir+json';
let site: Site;
let service: RunningService;
let admin: pg.Client;
let name: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  const url = new URL(site.database.url);
  name = url.pathname.slice(1);
  url.pathname = '/postgres';
  admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  expect((await service.api.submit(observation('kept', '1', '1.10'), 'confirmed')).body.state).toBe('confirmed');
}, 60_000);

afterAll(async () => {
  await allow(true);
  await admin.end();
  await site.close();
});

async function allow(connections: boolean): Promise<void> {
  await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS ${String(connections)}`);
}

/** Those of the service; a test's own would take its error for one of the service's. */
async function endConnections(): Promise<number> {
  const { rowCount } = await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'medanchor'",
    [name],
  );
  return rowCount ?? 0;
}

test('every connection is ended at once: the service goes on with new ones, and nobody notices', async () => {
  for (let round = 0; round < 3; round += 1) {
    expect(await endConnections()).toBeGreaterThan(0);
    const { status } = await service.api.submit(observation('ended', String(round), '2.20'));
    expect(status).toBe(201);
  }
  expect((await service.api.history(observation('ended', '0', '2.20'))).body.versions).toHaveLength(3);
  expect((await service.api.health()).status).toBe(200);
});

test('connections end under a stream of submissions: each line is recorded or refused, and repeating it completes it', async () => {
  const batch = Array.from({ length: 300 }, (_, n) => {
    const { content, ...version } = observation(`streamed-${n}`, '1', '3.30');
    return `${JSON.stringify({ ...version, contentBase64: Buffer.from(content).toString('base64') })}\n`;
  }).join('');
  const before = await rows(site);
  const answered = new AbortController();
  const sending = post(service.url, '/v1/versions', 'application/x-ndjson', batch).finally(() => answered.abort());
  let ended = 0;
  while (!answered.signal.aborted) {
    ended += await endConnections();
    await delay(10);
  }
  expect(ended).toBeGreaterThan(0);
  const first = lines(await sending);
  expect(first.map(({ line }) => line)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
  for (const { status } of first) expect([201, 200, 503]).toContain(status);
  const second = lines(await post(service.url, '/v1/versions', 'application/x-ndjson', batch));
  expect(new Set(second.map(({ status }) => status === 200 || status === 201))).toEqual(new Set([true]));
  const after = await rows(site);
  expect([after.version - before.version, after.next - before.next]).toEqual([300, 300]);
}, 30_000);

describe('while no connection can be made', () => {
  beforeAll(async () => {
    await allow(false);
    await endConnections();
  });

  afterAll(async () => {
    await allow(true);
  });

  const kept = '/v1/records/ehr/Observation%2Fkept';
  const { content } = observation('kept', '1', '1.10');
  const asked: readonly (readonly [string, () => Promise<Reply>])[] = [
    ['a submission', () => post(service.url, `${kept}/versions?versionId=9`, FHIR, content)],
    ['a submission of a new source', () => post(service.url, '/v1/records/new/x/versions?versionId=1', FHIR, content)],
    ['a history', () => call(service.url, `${kept}/versions`)],
    ['a version', () => call(service.url, `${kept}/versions/1`)],
    ['a proof', () => call(service.url, `${kept}/versions/1/proof`)],
    ['a comparison', () => post(service.url, `${kept}/verify`, FHIR, content)],
    ['the log', () => call(service.url, '/v1/log')],
    ['the anchors', () => call(service.url, '/v1/anchors')],
    ['the checkpoint', () => call(service.url, '/checkpoint')],
    ['a tile', () => call(service.url, '/tile/0/000.p/1')],
  ];

  test.each(asked)('%s is 503 with Retry-After, and says nothing of the database', async (_what, ask) => {
    const reply = await ask();
    expect([reply.status, json(reply)['code'], reply.headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(reply.text).not.toMatch(/postgres|connection|127\.0\.0\.1|test_[0-9a-f]/i);
  });

  test('a line of a batch is refused alone', async () => {
    const { content: octets, ...version } = observation('kept', '8', '1.10');
    const line = JSON.stringify({ ...version, contentBase64: Buffer.from(octets).toString('base64') });
    const reply = await post(service.url, '/v1/versions', 'application/x-ndjson', `${line}\nnot json\n`);
    expect(lines(reply).map(({ line: number, status }) => [number, status])).toEqual([
      [1, 503],
      [2, 422],
    ]);
  });

  test('health: the database is down, the process lives', async () => {
    const ready = await call(service.url, '/health/ready');
    expect([ready.status, json(ready)['status']]).toEqual([503, 'down']);
    const parts = json(ready)['parts'] as Record<string, { status: string; code: string; detail: string }>;
    expect(parts['database']).toEqual({
      status: 'down',
      code: 'check-failed',
      detail: "the check of database failed; see the service's log",
    });
    expect(parts['stages']?.detail).toContain('integrate: the database cannot be reached');
    expect(ready.text).not.toContain(name);
    expect((await call(service.url, '/health/live')).status).toBe(200);
    expect((await call(service.url, '/metrics')).status).toBe(200);
  });

  test('a proof that somebody presents needs no database', async () => {
    const reply = await post(service.url, '/v1/proofs/verify', 'application/vnd.medanchor.bundle+json', '{}');
    expect([reply.status, json(reply)['code']]).toEqual([422, 'bundle-malformed']);
  });
});

test('it is back: everything works again by itself', async () => {
  await eventually(
    'a service that is up',
    () => service.api.health(),
    ({ status, body }) => status === 200 && body.status === 'up',
  );
  const version = observation('kept', '9', '1.20');
  expect((await service.api.submit(version, 'confirmed')).body.state).toBe('confirmed');
  expect((await service.api.verify(version)).body.outcome).toBe('intact');
  // What was refused was not recorded.
  expect((await service.api.history(version)).body.versions.map(({ versionId }) => versionId)).toEqual(['1', '9']);
}, 30_000);
