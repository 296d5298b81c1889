// What the tamper sweep says when somebody takes a key away and says that it was erased, undoes an erasure, or rewrites what
// stands about one.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eraseNamed } from './support/erasing.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';
import { named, sweepAfter } from './support/sweep.ts';

let site: Site;
/** Row ids: `a` has two versions and is erased (entry 4), `b` stays. */
let a: string;
let b: string;
/** The row of `a` and those of its versions, as they were before. */
let key: Buffer;

beforeAll(async () => {
  site = await Site.open();
  const service = await site.start();
  await service.api.submit(observation('a', '1', '4.10'));
  await service.api.submit(observation('b', '1', '4.10'));
  await service.api.submit(observation('c', '1', '4.10'));
  await service.api.submit(observation('a', '2', '4.20'));
  const rows = await site.read<{ id: string; key: Buffer }>('SELECT id, wrapped_key AS key FROM record ORDER BY id');
  [a = '', b = ''] = rows.map(({ id }) => id);
  key = rows[0]?.key ?? Buffer.alloc(0);
  await eraseNamed(service, ['Observation/a']);
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '5',
  );
  await service.stop();
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('an erasure that was never decided', () => {
  const take = `record_id = NULL, wrapped_key = NULL, subject_ref = NULL, erased_at = now()`;
  const clear = `version_id = NULL, media_type = '', component_names = '', component_commitments = ''`;

  test('a key is taken away, and the row says that it was erased', async () => {
    const report = await sweepAfter(site, [
      `UPDATE record SET ${take} WHERE id = ${b}`,
      `UPDATE version SET ${clear} WHERE record = ${b}`,
    ]);
    expect(named(report)).toEqual([`erasure-unrecorded field=erased_at record=${b} table=record`]);
    expect(report.checks.find(({ name }) => name === 'records')?.result).toBe('failed');
  });

  test('a key is taken away, and nothing says why', async () => {
    const report = await sweepAfter(site, [`UPDATE record SET wrapped_key = NULL WHERE id = ${b}`]);
    expect(named(report)).toEqual([`record-key-damaged field=wrapped_key record=${b} table=record`]);
  });

  test('with an invented erasure row: no entry stands there, wherever it points', async () => {
    const row = (index: number): string =>
      `INSERT INTO erasure SELECT id, log, record_ref, source_id, ${index}, 2, head_leaf, 'court-order', 1, erased_at FROM record WHERE id = ${b}`;
    const fake = [`UPDATE record SET ${take} WHERE id = ${b}`, `UPDATE version SET ${clear} WHERE record = ${b}`];
    expect(named(await sweepAfter(site, [...fake, row(2)]))).toEqual([
      `erasure-unexpected index=2 record=${b} table=erasure`,
    ]);
    expect(named(await sweepAfter(site, [...fake, row(99)]))).toEqual([
      `erasure-unrecorded field=erased_at record=${b} table=record`,
    ]);
  });

  test('only the names of a version are cleared', async () => {
    const report = await sweepAfter(site, [`UPDATE version SET ${clear} WHERE record = ${b}`]);
    expect(named(report)).toContain(`version-changed field=component_names index=1 record=${b} seq=1 table=version`);
  });
});

describe('an erasure that was undone', () => {
  test('the key is back', async () => {
    const report = await sweepAfter(site, [
      'ALTER TABLE record DROP CONSTRAINT record_erased_whole',
      [`UPDATE record SET wrapped_key = $1 WHERE id = ${a}`, key],
    ]);
    expect(named(report)).toEqual([
      `erasure-not-applied field=wrapped_key record=${a} table=record`,
      `erasure-not-applied record=${a} table=record`,
    ]);
  });

  test('the whole row is back, as it was', async () => {
    const report = await sweepAfter(site, [
      [`UPDATE record SET wrapped_key = $1, record_id = 'Observation/a', erased_at = NULL WHERE id = ${a}`, key],
    ]);
    expect(named(report)).toContain(`erasure-not-applied record=${a} table=record`);
  });

  test('the name of a version is back', async () => {
    const report = await sweepAfter(site, [`UPDATE version SET version_id = '2' WHERE record = ${a} AND seq = 2`]);
    expect(named(report)).toEqual([
      `erasure-not-applied index=3 record=${a} seq=2 table=version`,
      `erasure-not-applied record=${a} table=record`,
    ]);
  });
});

describe('an erasure that was rewritten', () => {
  test('its row is gone', async () => {
    const report = await sweepAfter(site, ['DELETE FROM erasure']);
    expect(named(report)).toEqual([
      'erasure-missing index=4 table=erasure',
      `erasure-unrecorded field=erased_at record=${a} table=record`,
    ]);
  });

  test.each([
    ['basis', `basis = 'court-order'`],
    ['versions', 'versions = 3'],
    ['erased_at', `erased_at = erased_at - interval '1 day'`],
    ['leaf_hash', `leaf_hash = sha256('other')`],
    ['record_ref', `record_ref = sha256('other')`],
  ])('%s', async (field, assignment) => {
    const report = await sweepAfter(site, [`UPDATE erasure SET ${assignment}`]);
    expect(named(report)).toEqual([`erasure-changed field=${field} index=4 table=erasure`]);
  });

  test('it speaks of another record', async () => {
    const report = await sweepAfter(site, [`UPDATE erasure SET record = ${b}`]);
    expect(named(report)).toEqual([
      `erasure-not-applied record=${b} table=record`,
      `erasure-unrecorded field=erased_at record=${a} table=record`,
      `record-changed field=head_leaf record=${b} table=record`,
    ]);
  });

  test('the pseudonym of an erased record is changed', async () => {
    const report = await sweepAfter(site, [`UPDATE record SET record_ref = sha256('other') WHERE id = ${a}`]);
    expect(named(report)).toContain(`record-changed field=record_ref record=${a} table=record`);
  });
});
