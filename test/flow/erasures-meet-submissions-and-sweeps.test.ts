// Erasures while everything else goes on: submissions of the very records that are erased, reads of them, and a tamper sweep
// over the same entries. Nothing is lost, nothing is answered wrongly, and nobody raises a false alarm.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { observation } from './support/records.ts';
import { eraseNamed } from './support/erasing.ts';
import { eventually, Site, type RunningService } from './support/site.ts';
import { named, openFsck } from './support/sweep.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('a version that meets the erasure of its record is recorded: before it, or in a new record', async () => {
  const submit = async (round: number): Promise<readonly number[]> => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => service.api.submit(observation('busy', `${round}-${at}`, `4.${at}0`))),
    );
    return answers.map(({ status }) => status);
  };
  const statuses: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    const [answers] = await Promise.all([submit(round), eraseNamed(service, ['Observation/busy']).catch(() => null)]);
    statuses.push(...answers);
  }
  expect(new Set(statuses)).toEqual(new Set([201]));
  const rows = await site.read<{ erased: boolean; versions: number }>(
    `SELECT erased_at IS NOT NULL AS erased, (SELECT count(*)::int FROM version WHERE record = record.id) AS versions FROM record`,
  );
  expect(rows.reduce((sum, { versions }) => sum + versions, 0)).toBe(120);
  expect(rows.filter(({ erased }) => !erased).length).toBeLessThanOrEqual(1);
  // No version stands behind the erasure of its record.
  expect(
    await site.read(
      'SELECT e.record FROM erasure e JOIN version v ON v.record = e.record AND (v.index > e.index OR v.seq >= e.seq)',
    ),
  ).toEqual([]);
}, 60_000);

test('a long erasure gives way to submissions again and again', async () => {
  const ids = Array.from({ length: 200 }, (_, at) => `long${at}`);
  await service.api.submitMany(ids.map((id) => observation(id, '1', '4.10')));
  const ended = new AbortController();
  const submitting = (async () => {
    for (let at = 0; !ended.signal.aborted; at += 1)
      expect((await service.api.submit(observation(`between${at}`, '1', '4.10'))).status).toBe(201);
  })();
  const receipts = await eraseNamed(
    service,
    ids.map((id) => `Observation/${id}`),
  );
  ended.abort();
  await submitting;
  const indexes = receipts.map(({ index }) => index).sort((a, b) => Number(a - b));
  expect(indexes).toHaveLength(200);
  // Where two erasures do not follow each other, a submission was let in.
  expect(indexes.filter((index, at) => at > 0 && index !== (indexes[at - 1] ?? 0n) + 1n).length).toBeGreaterThan(1);
}, 60_000);

test('reads of a record that is being erased say what was, or that it is unknown; there is no alarm', async () => {
  const version = observation('read', '1', '5.00');
  for (let round = 0; round < 8; round += 1) {
    expect((await service.api.submit(version)).status).toBe(201);
    const reading = Promise.all(
      Array.from({ length: 10 }, async () => [
        (await service.api.verify(version)).body.verdict,
        (await service.api.history(version)).status,
      ]),
    );
    await eraseNamed(service, ['Observation/read']);
    for (const [verdict, status] of await reading) {
      expect(['identical', 'unknown-version']).toContain(verdict);
      expect([200, 404]).toContain(status);
    }
  }
  expect(await service.api.alarms()).toEqual([]);
}, 60_000);

test('a sweep over records that are erased under it finds nothing', async () => {
  const ids = Array.from({ length: 400 }, (_, at) => `swept${at}`);
  await service.api.submitMany(ids.map((id) => observation(id, '1', '4.10')));
  await service.api.submitMany(ids.map((id) => observation(id, '2', '4.20')));
  await eventually(
    'integration',
    () => service.api.log(),
    ({ sizes }) => sizes.checkpointed === sizes.sequenced,
  );
  const swept = await openFsck(site);
  try {
    const erasing = (async () => {
      for (let at = 0; at < ids.length; at += 20)
        await eraseNamed(
          service,
          ids.slice(at, at + 20).map((id) => `Observation/${id}`),
          'gdpr-17-1-c',
        );
    })();
    for (let round = 0; round < 6; round += 1)
      expect(named(await swept.fsck.sweep({ mode: 'full', anew: true }))).toEqual([]);
    await erasing;
    expect(named(await swept.fsck.sweep({ mode: 'full', anew: true }))).toEqual([]);
    expect(named(await swept.fsck.sweep({ mode: 'incremental' }))).toEqual([]);
  } finally {
    await swept.close();
  }
}, 90_000);
