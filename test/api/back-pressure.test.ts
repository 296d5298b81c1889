// More than the service can make durable: it says so at once and with a time to come back, keeps what it accepted, and
// recovers by itself.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json, lines, metric, post, type Reply } from './support/http.ts';
import { rows } from './support/rows.ts';

const IN_FLIGHT = 8;
let site: Site;
let service: RunningService;
let lock: pg.Client;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ SEQUENCER_MAX_IN_FLIGHT: String(IN_FLIGHT) });
  // The source and the first record exist; the rest is about the sequence alone.
  await service.api.submit(observation('first', '1', '1.0'));
  lock = new pg.Client({ connectionString: site.database.url });
  await lock.connect();
}, 60_000);

afterAll(async () => {
  await lock.end();
  await site.close();
});

test('while the sequence is held, 8 are taken in and the others are 503 with Retry-After', async () => {
  const before = await rows(site);
  await lock.query('BEGIN');
  await lock.query('SELECT next_index FROM log_sequence FOR UPDATE');
  const sent = Array.from({ length: 20 }, (_, one) => send(one));
  const refused = (await firstSettled(sent, 20 - IN_FLIGHT)).map((reply) => [
    reply.status,
    json(reply)['code'],
    reply.headers.get('retry-after'),
    reply.headers.get('content-type'),
  ]);
  expect(refused).toEqual(
    Array.from({ length: 12 }, () => [503, 'overloaded', '1', 'application/problem+json; charset=utf-8']),
  );
  expect(await metric(service.url, 'medanchor_append_in_flight')).toBe(IN_FLIGHT);
  // Degraded, not down: it is alive and will take more.
  const health = await service.api.health();
  expect([health.status, health.body.parts['sequencer']]).toEqual([
    200,
    {
      status: 'degraded',
      code: 'overloaded',
      detail: 'submissions are refused until others are durable',
      inFlight: 8,
      maxInFlight: 8,
    },
  ]);
  // Reading and verifying go on.
  expect((await service.api.verify(observation('first', '1', '1.0'))).body.verdict).toBe('identical');

  await lock.query('ROLLBACK');
  const answers = await Promise.all(sent);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 8 }, () => 201),
    ...Array.from({ length: 12 }, () => 503),
  ]);
  const after = await rows(site);
  expect([after.version, after.next]).toEqual([before.version + 8, before.next + 8]);
  // What was accepted is there under its receipt, and what was refused is not.
  const found = await Promise.all(
    answers.map(async (reply, one) => [reply.status, (await call(service.url, versionPath(one))).status]),
  );
  expect(found.filter(([sentStatus, kept]) => (sentStatus === 201) === (kept === 200))).toHaveLength(20);
}, 30_000);

test('afterwards the refused ones are taken, and repeating the accepted ones adds nothing', async () => {
  const before = await rows(site);
  const statuses: number[] = [];
  for (let one = 0; one < 20; one += 1) statuses.push((await send(one)).status);
  expect([statuses.filter((s) => s === 200).length, statuses.filter((s) => s === 201).length]).toEqual([8, 12]);
  expect((await rows(site)).version).toBe(before.version + 12);
  const health = await eventually(
    'an idle sequencer',
    () => service.api.health(),
    ({ body }) => body.parts['sequencer']?.status === 'up',
  );
  expect(health.body.parts['sequencer']).toEqual({ status: 'up', inFlight: 0, maxInFlight: 8 });
});

test('a stream is not refused: it waits, and every line of it is recorded', async () => {
  await lock.query('BEGIN');
  await lock.query('SELECT next_index FROM log_sequence FOR UPDATE');
  const batch = Array.from({ length: 50 }, (_, one) => {
    const { content, ...name } = observation(`streamed-${one}`, '1', `2.${one + 10}`);
    return `${JSON.stringify({ ...name, contentBase64: Buffer.from(content).toString('base64') })}\n`;
  }).join('');
  let ended = false;
  const sent = post(service.url, '/v1/versions', 'application/x-ndjson', batch).finally(() => (ended = true));
  await eventually(
    'a full sequencer',
    () => metric(service.url, 'medanchor_append_in_flight'),
    (n) => n === IN_FLIGHT,
  );
  expect(ended).toBe(false);
  await lock.query('ROLLBACK');
  expect(lines(await sent).map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
}, 30_000);

function send(one: number): Promise<Reply> {
  const { content, mediaType, versionId } = observation('pressed', String(one), `3.${one + 10}`);
  return post(service.url, `/v1/records/ehr/Observation%2Fpressed/versions?versionId=${versionId}`, mediaType, content);
}

function versionPath(one: number): string {
  return `/v1/records/ehr/Observation%2Fpressed/versions/${one}`;
}

/** The first `count` answers, in the order of their arrival; the others may come when they want. */
function firstSettled(sent: readonly Promise<Reply>[], count: number): Promise<readonly Reply[]> {
  return new Promise((resolve, reject) => {
    const settled: Reply[] = [];
    for (const one of sent) {
      one.then((reply) => {
        settled.push(reply);
        if (settled.length === count) resolve(settled);
      }, reject);
    }
  });
}
