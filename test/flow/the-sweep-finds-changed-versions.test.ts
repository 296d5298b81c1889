// A version row is changed, column by column, or is where none should be: the sweep names index, record, number and column.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Site } from './support/site.ts';
import { named, sweepAfter, type Damage } from './support/sweep.ts';
import { openSweptSite } from './support/swept-site.ts';

let site: Site;
/** Row ids of the records whose first versions are the entries 0 and 1. */
let a: string;
let b: string;

beforeAll(async () => {
  site = await openSweptSite();
  const rows = await site.read<{ record: string }>('SELECT record FROM version WHERE index < 2 ORDER BY index');
  [a = '', b = ''] = rows.map(({ record }) => record);
}, 60_000);

afterAll(async () => {
  await site.close();
});

/** The second version of record b: index 7. */
const set = (assignment: string): Damage => `UPDATE version SET ${assignment} WHERE index = 7`;
const changed = (field: string): string => `version-changed field=${field} index=7 record=${b} seq=2 table=version`;

describe('a column of a version row', () => {
  test.each([
    ['leaf_hash', `leaf_hash = sha256('other')`],
    ['activity', `activity = 'delete'`],
    ['scheme', `scheme = 'json/1'`],
    ['media_type', `media_type = 'not a type'`],
    ['recorded_at', `recorded_at = recorded_at - interval '1 day'`],
    ['recorded_at', `recorded_at = recorded_at + interval '1 microsecond'`],
    ['component_commitments', `component_commitments = sha256('x') || substring(component_commitments FROM 33)`],
    ['component_names', `component_names = replace(component_names, 'raw,', 'narrative,')`],
    ['entry_offset', 'entry_offset = entry_offset + 1'],
    ['entry_length', 'entry_length = entry_length - 1'],
    ['batch_first', 'batch_first = 6'],
  ])('%s', async (field, assignment) => {
    const report = await sweepAfter(site, [set(assignment)]);
    const first = named(report).filter((line) => !line.startsWith('record-head-wrong'));
    expect(first).toEqual([changed(field)]);
    // The record's head is compared with its newest version, which is this one.
    expect(report.findingCount).toBe(field === 'leaf_hash' ? 2n : 1n);
    expect(report.checks.filter(({ result }) => result === 'passed').map(({ name }) => name)).toContain('chain');
  });

  test('version_id: the version was not recorded under that name', async () => {
    const report = await sweepAfter(site, [set(`version_id = '9'`)]);
    expect(named(report)).toEqual([`identity-changed field=version_id index=7 record=${b} seq=2 table=version`]);
  });

  test('seq: the number in the row, and what the record says of its newest', async () => {
    const report = await sweepAfter(site, [set('seq = 5')]);
    expect(named(report)).toEqual([
      `record-head-wrong field=head_seq record=${b} table=record`,
      `version-changed field=seq index=7 record=${b} seq=5 table=version`,
    ]);
  });

  test('record: the row points to another record than the entry', async () => {
    const report = await sweepAfter(site, [set(`record = ${a}, seq = 3, version_id = '3'`)]);
    expect(named(report)).toContain(`version-changed field=record index=7 record=${a} seq=3 table=version`);
    expect(named(report)).toContain(`record-head-wrong field=head_seq record=${a} table=record`);
    expect(named(report)).toContain(`record-head-wrong field=head_seq record=${b} table=record`);
  });

  test('index: the entry has no row, and the row no entry', async () => {
    const report = await sweepAfter(site, [set('index = 5000')]);
    expect(named(report)).toEqual([
      'version-missing index=7 seq=2 table=version',
      `version-unexpected index=5000 record=${b} seq=2 table=version`,
    ]);
  });
});

describe('rows', () => {
  test('one is deleted', async () => {
    const report = await sweepAfter(site, ['DELETE FROM version WHERE index = 0']);
    expect(named(report)).toEqual([
      `record-head-wrong field=head_seq record=${a} table=record`,
      'version-missing index=0 seq=1 table=version',
    ]);
  });

  test('the version ids of two versions of one record are swapped', async () => {
    const report = await sweepAfter(site, [
      `UPDATE version SET version_id = 'aside' WHERE index = 1`,
      `UPDATE version SET version_id = '1' WHERE index = 7`,
      `UPDATE version SET version_id = '2' WHERE index = 1`,
    ]);
    expect(named(report)).toEqual([
      `identity-changed field=version_id index=1 record=${b} seq=1 table=version`,
      `identity-changed field=version_id index=7 record=${b} seq=2 table=version`,
    ]);
  });

  test('a row is added beyond the end of the log', async () => {
    const report = await sweepAfter(site, [
      `INSERT INTO version (record, seq, version_id, log, index, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme, media_type,
         component_names, component_commitments, recorded_at)
       SELECT record, 3, '3', log, 300, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme, media_type,
         component_names, component_commitments, recorded_at FROM version WHERE index = 7`,
    ]);
    expect(named(report)).toEqual([
      `record-head-wrong field=head_seq record=${b} table=record`,
      `version-unexpected index=300 record=${b} seq=3 table=version`,
    ]);
  });

  test('a second row at the index of another', async () => {
    const report = await sweepAfter(site, [
      'ALTER TABLE version DROP CONSTRAINT version_log_index_key',
      `INSERT INTO version (record, seq, version_id, log, index, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme, media_type,
         component_names, component_commitments, recorded_at)
       SELECT record, 3, '3', log, index, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme, media_type,
         component_names, component_commitments, recorded_at FROM version WHERE index = 7`,
    ]);
    expect(named(report)).toEqual([
      `record-head-wrong field=head_seq record=${b} table=record`,
      `version-unexpected index=7 record=${b} seq=3 table=version`,
    ]);
  });
});
