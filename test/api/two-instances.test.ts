// Two processes' worth of service on one database: one sequence without a gap, one tree, one checkpoint for each size.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Auditor } from '../flow/support/auditor.ts';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { rows } from './support/rows.ts';

const EACH = 150;
let site: Site;
let services: readonly [RunningService, RunningService];

beforeAll(async () => {
  site = await Site.open();
  // Small batches, so that the two take turns often. The second starts while the first is at work.
  const first = await site.start({ SEQUENCER_BATCH_SIZE: '4' });
  services = [first, await site.start({ SEQUENCER_BATCH_SIZE: '4' })];
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('both append at once: every index is given once, and there is no gap', async () => {
  const answers = await Promise.all(
    services.flatMap(({ api }, instance) =>
      Array.from({ length: EACH }, (_, one) => api.submit(observation(`i${instance}-${one}`, '1', `1.${one + 100}`))),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const indexes = answers.map(({ body }) => Number(body.index)).sort((a, b) => a - b);
  expect(indexes).toEqual(Array.from({ length: 2 * EACH }, (_, one) => one));
  expect(await rows(site)).toMatchObject({ source: 1, record: 300, version: 300, entries: 300, next: 300 });
});

test('the same new record and version through both at once is recorded once', async () => {
  const before = await rows(site);
  const versions = Array.from({ length: 20 }, (_, one) => observation(`both-${one}`, '1', '4.20'));
  const answers = await Promise.all(versions.flatMap((version) => services.map(({ api }) => api.submit(version))));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 20 }, () => 200),
    ...Array.from({ length: 20 }, () => 201),
  ]);
  expect(await rows(site)).toMatchObject({ record: before.record + 20, version: before.version + 20, next: 320 });
});

test('the versions of one record, sent through either, are one chain', async () => {
  for (let one = 0; one < 10; one += 1) {
    const { status } = await (services[one % 2] ?? services[0]).api.submit(
      observation('chain', String(one), `1.${one + 10}`),
    );
    expect(status).toBe(201);
  }
  const { body } = await services[0].api.history({ source: 'ehr', recordId: 'Observation/chain' });
  expect(body.versions.map(({ seq, versionId }) => `${seq}:${versionId}`)).toEqual(
    Array.from({ length: 10 }, (_, one) => `${one + 1}:${one}`),
  );
  const verdict = await services[1].api.verify(observation('chain', '9', '1.19'));
  expect(verdict.body.checks.find(({ name }) => name === 'version-chain')?.result).toBe('passed');
});

test('both show the same tree, checkpoint and proofs, and an auditor accepts them', async () => {
  for (const { api } of services)
    await eventually(
      'confirmation',
      () => api.log(),
      ({ sizes }) => sizes.confirmed === '330',
    );
  const [one, two] = await Promise.all(services.map(({ api }) => api.text('/checkpoint')));
  expect(one?.text).toBe(two?.text);
  const auditor = new Auditor(site.chain, [(await services[0].api.log()).verifierKey]);
  for (const version of [observation('i0-0', '1', '1.100'), observation('i1-149', '1', '1.249')]) {
    const bundles = await Promise.all(services.map(({ api }) => api.bundle(version)));
    expect(bundles[0]).toBe(bundles[1]);
    expect((await auditor.audit(bundles[0] ?? '', version)).outcome).toBe('intact');
  }
});

test('many anchors, of which no instance pays for one that the other has sent', async () => {
  for (let one = 0; one < 25; one += 1)
    await services[one % 2]?.api.submit(observation(`paid-${one}`, '1', '4.20'), 'anchored');
  expect(await site.read("SELECT size FROM anchor WHERE state NOT IN ('anchored', 'confirmed')")).toEqual([]);
});

test('one checkpoint for each size, one anchor for each size, no alarm', async () => {
  const [counts] = await site.read(
    `SELECT (SELECT count(*) - count(DISTINCT size) FROM checkpoint)::int AS checkpoints,
            (SELECT count(*) - count(DISTINCT size) FROM anchor WHERE state IN ('anchored', 'confirmed'))::int AS anchors,
            (SELECT count(*) FROM anchor WHERE state = 'failed')::int AS failed,
            (SELECT count(*) FROM integrity_alarm)::int AS alarms,
            (SELECT max(size) FROM checkpoint)::int AS size`,
  );
  expect(counts).toEqual({ checkpoints: 0, anchors: 0, failed: 0, alarms: 0, size: 355 });
});

test('one stops, the other goes on', async () => {
  await services[0].stop();
  const { body } = await services[1].api.submit(observation('alone', '1', '4.20'), 'confirmed');
  expect([body.index, body.state]).toEqual(['355', 'confirmed']);
});
