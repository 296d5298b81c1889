// Rows of records and sources: keys, pseudonyms, names, heads.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Site } from './support/site.ts';
import { named, sweepAfter } from './support/sweep.ts';
import { openSweptSite } from './support/swept-site.ts';

let site: Site;
let a: string;
let b: string;
let source: string;

beforeAll(async () => {
  site = await openSweptSite();
  const rows = await site.read<{ record: string }>('SELECT record FROM version WHERE index < 2 ORDER BY index');
  [a = '', b = ''] = rows.map(({ record }) => record);
  const [row] = await site.read<{ id: string }>(`SELECT id FROM source WHERE name = 'ehr'`);
  source = row?.id ?? '';
}, 60_000);

afterAll(async () => {
  await site.close();
});

const of = (id: string): string => `WHERE id = ${id}`;

describe('keys and pseudonyms', () => {
  test('the wrapped keys of two records are swapped: both records', async () => {
    const report = await sweepAfter(site, [
      `UPDATE record SET wrapped_key = other.wrapped_key FROM record other
       WHERE (record.id, other.id) IN ((${a}, ${b}), (${b}, ${a}))`,
    ]);
    expect(named(report)).toEqual(
      [a, b].map((id) => `record-key-damaged field=wrapped_key record=${id} table=record`).sort(),
    );
  });

  test('record_ref is changed: the column, since key and entries agree', async () => {
    const report = await sweepAfter(site, [`UPDATE record SET record_ref = sha256('other') ${of(a)}`]);
    expect(named(report)).toEqual([`record-changed field=record_ref record=${a} table=record`]);
  });

  test('a record is given to another log', async () => {
    const report = await sweepAfter(site, [`UPDATE record SET log = 99 ${of(a)}`]);
    expect(named(report)).toEqual([`record-changed field=log record=${a} table=record`]);
  });

  test('a record is deleted under its versions', async () => {
    const report = await sweepAfter(site, [`DELETE FROM record ${of(a)}`]);
    expect(named(report)).toEqual([`record-missing record=${a} table=record`]);
  });
});

describe('names', () => {
  test('a record is renamed: its key does not unwrap under another name', async () => {
    const report = await sweepAfter(site, [`UPDATE record SET record_id = 'Observation/other' ${of(a)}`]);
    expect(named(report)).toEqual([`record-key-damaged field=wrapped_key record=${a} table=record`]);
    expect(report.findings[0]?.detail).toContain('wrapped_key, record_id, source_id');
  });

  test('a source is renamed: said once, not for each of its versions', async () => {
    const report = await sweepAfter(site, [`UPDATE source SET name = 'other'`]);
    expect(named(report)).toEqual([`source-renamed field=name source=${source} table=source`]);
  });

  test('a record is moved to another source', async () => {
    const report = await sweepAfter(site, [
      `INSERT INTO source (id, tenant_id, name) SELECT '00000000-0000-4000-8000-000000000001', tenant_id, 'second' FROM source`,
      `UPDATE record SET source_id = '00000000-0000-4000-8000-000000000001' ${of(a)}`,
    ]);
    expect(named(report)).toContain(`record-changed field=source_id record=${a} table=record`);
  });
});

describe('heads', () => {
  test.each([
    ['head_seq', 'head_seq = 1'],
    ['head_leaf', `head_leaf = sha256('other')`],
  ])('%s is not that of the newest version', async (field, assignment) => {
    const report = await sweepAfter(site, [`UPDATE record SET ${assignment} ${of(b)}`]);
    expect(named(report)).toEqual([`record-head-wrong field=${field} record=${b} table=record`]);
  });
});
