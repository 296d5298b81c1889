// The parts of the service, each by itself: without its chain it goes on taking versions in and claims no anchor. (The
// database: the-database-goes-away.test.ts.)

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resultOf } from '../flow/support/auditor.ts';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json, lines, post } from './support/http.ts';
import { Line } from './support/line.ts';

const CHAIN_STATE = /^medanchor_chain_state\{state="([a-z-]+)"\} 1$/m;
let site: Site;
let service: RunningService;
let line: Line;
const before = observation('before-the-cut', 'v-before', '4.20');
const during = observation('during-the-cut', 'v-during', '4.30');

beforeAll(async () => {
  site = await Site.open();
  line = await Line.to(site.chain.url);
  service = await site.start({ CHAIN_RPC_URL: line.url, CHAIN_TIMEOUT_MS: '500' });
  await service.api.submit(before, 'confirmed');
}, 60_000);

afterAll(async () => {
  await site.close();
  await line.cut();
});

test('all parts are up, and each says how it is', async () => {
  const { status, body } = await eventually(
    'all up',
    () => service.api.health(),
    ({ body: { parts } }) => (parts['anchor-lag'] as unknown as Record<string, string>)['notConfirmed'] === '0',
  );
  expect([status, body.status, Object.entries(body.parts).map(([name, part]) => `${name} ${part.status}`)]).toEqual([
    200,
    'up',
    [
      'access-log up',
      'anchor-lag up',
      'chain up',
      'database up',
      'database-role up',
      'fsck up',
      'keys up',
      'sequencer up',
      'stages up',
    ],
  ]);
  expect(json(await call(service.url, '/health/live'))).toEqual({ status: 'up' });
});

test('the chain is gone: degraded and not down, intake goes on, no anchor is claimed', async () => {
  await line.cut();
  const { status, body } = await eventually(
    'chain-unreachable',
    () => service.api.health(),
    ({ body: { parts } }) => parts['chain']?.code === 'chain-unreachable',
  );
  expect([status, body.status, body.parts['chain']?.status, body.parts['database']?.status]).toEqual([
    200,
    'degraded',
    'degraded',
    'up',
  ]);
  expect(CHAIN_STATE.exec((await call(service.url, '/metrics')).text)?.[1]).toBe('chain-unreachable');

  const receipt = await service.api.submit(during, 'checkpointed');
  expect([receipt.status, receipt.body.state]).toEqual([201, 'checkpointed']);
  const [result] = lines(
    await post(
      service.url,
      '/v1/versions?source=ehr&versionId=1',
      'application/fhir+ndjson',
      '{"resourceType":"Basic","id":"b"}',
    ),
  );
  expect(result?.['status']).toBe(201);

  const fresh = (await service.api.verify(during)).body;
  expect([fresh.verdict, fresh.status, fresh.outcome]).toEqual(['identical', 'checkpointed', 'unproven']);
  expect(resultOf(fresh, 'anchor')).toBe('skipped: NOT_ANCHORED');
  const old = (await service.api.verify(before)).body;
  expect([old.verdict, old.outcome, resultOf(old, 'anchor')]).toEqual([
    'identical',
    'unproven',
    'skipped: CHAIN_UNREACHABLE',
  ]);
  expect((await service.api.log()).chain.state).toBe('chain-unreachable');
}, 30_000);

test('the chain is back: what came meanwhile is anchored, without help', async () => {
  await line.mend();
  await eventually(
    'confirmation',
    () => service.api.log(),
    ({ sizes }) => sizes.confirmed === '3',
  );
  for (const version of [before, during]) {
    const { body } = await service.api.verify(version);
    expect([body.outcome, body.status]).toEqual(['intact', 'confirmed']);
  }
  expect((await service.api.health()).body.status).toBe('up');
}, 30_000);

test('the metrics name no record, version or source', async () => {
  await service.api.verify({ ...before, versionId: 'v-unknown' });
  await call(service.url, '/v1/records/ehr/Patient%2Fnobody/versions/v-unknown/proof');
  await call(service.url, '/v1/unknown/Patient%2Fnobody');
  const { text, headers } = await call(service.url, '/metrics');
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain('route="/v1/records/:source/:recordId/versions"');
  expect(text).not.toMatch(/before-the-cut|during-the-cut|nobody|v-before|v-unknown|ehr|Potassium/);
});
