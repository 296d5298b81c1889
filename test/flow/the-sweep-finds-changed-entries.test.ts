// Entries and their batch rows are changed, deleted, cut off, swapped: the sweep names each by its index, and nothing else.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Site } from './support/site.ts';
import { named, sweepAfter } from './support/sweep.ts';
import { openSweptSite } from './support/swept-site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSweptSite();
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('an entry', () => {
  test('one octet of it: the entry, and that the signed checkpoints and the chain say otherwise', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET entries = overlay(entries PLACING '\\x58' FROM 30) WHERE first_index = 3`,
    ]);
    const codes = named(report);
    expect(codes).toContain('entry-changed batch=3 field=entries index=3 table=entry_batch');
    expect(report.findings.map(({ code }) => code).filter((code) => code.startsWith('entry'))).toHaveLength(1);
    expect(
      codes.filter((code) => !/^(entry-changed|checkpoints-contradict-entries|chain-root-differs) /.test(code)),
    ).toEqual([]);
    expect(report.chain.status).toBe('failed');
    expect(report.chain.reason).toContain('The stored tiles agree with the contract: the entries were changed.');
  }, 30_000);

  test('in a batch of many, by its index', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET entries = overlay(entries PLACING '\\x58' FROM entry_offset + 20) FROM version
       WHERE first_index = batch_first AND index = 200`,
    ]);
    expect(named(report).filter((code) => code.startsWith('entry-'))).toEqual([
      expect.stringMatching(/^entry-changed batch=\d+ field=entries index=200 table=entry_batch$/),
    ]);
  }, 30_000);
});

describe('a batch row', () => {
  test('its leaf hashes', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET leaf_hashes = sha256('other') WHERE first_index = 5`,
    ]);
    expect(named(report)).toEqual(['leaf-hash-changed batch=5 field=leaf_hashes index=5 table=entry_batch']);
  }, 30_000);

  test('its count', async () => {
    const report = await sweepAfter(site, [
      'ALTER TABLE entry_batch DROP CONSTRAINT entry_batch_check',
      'UPDATE entry_batch SET entry_count = 2 WHERE first_index = 5',
    ]);
    expect(named(report)).toEqual(['batch-count-wrong batch=5 field=entry_count table=entry_batch']);
  }, 30_000);

  test('its first index: a hole where it was, and a batch beyond the end of the log', async () => {
    const report = await sweepAfter(site, ['UPDATE entry_batch SET first_index = 1000000 WHERE first_index = 5']);
    const codes = named(report);
    expect(codes).toContain('entries-missing from=5 table=entry_batch to=6');
    expect(codes).toContain('batch-beyond-sequence from=300 table=entry_batch to=1000001');
    expect(report.root).toBeNull();
  }, 30_000);
});

describe('entries are gone', () => {
  test('one in the middle', async () => {
    const report = await sweepAfter(site, ['DELETE FROM entry_batch WHERE first_index = 4']);
    expect(named(report)).toEqual(['entries-missing from=4 table=entry_batch to=5']);
    expect([report.root, report.chain.status]).toEqual([null, 'skipped']);
  }, 30_000);

  test('one in the middle with its version row: the record lacks a version', async () => {
    const report = await sweepAfter(site, [
      'DELETE FROM entry_batch WHERE first_index = 6',
      'DELETE FROM version WHERE index = 6',
    ]);
    expect(named(report)).toEqual([
      'entries-missing from=6 table=entry_batch to=7',
      expect.stringMatching(/^record-head-wrong field=head_seq record=\d+ table=record$/),
    ]);
  }, 30_000);

  test('the tail', async () => {
    const report = await sweepAfter(site, ['DELETE FROM entry_batch WHERE first_index >= 4']);
    expect(named(report)).toEqual(['entries-missing from=4 table=entry_batch to=300']);
  }, 30_000);

  test('the tail, with version rows, records and the sequence set back', async () => {
    const report = await sweepAfter(site, [
      'DELETE FROM entry_batch WHERE first_index >= 4',
      'DELETE FROM version WHERE index >= 4',
      'DELETE FROM record WHERE NOT EXISTS (SELECT FROM version WHERE record = record.id)',
      `UPDATE record SET head_seq = 1, head_leaf = (SELECT leaf_hash FROM version WHERE record = record.id) WHERE head_seq = 2`,
      'UPDATE log_sequence SET next_index = 4',
    ]);
    const codes = named(report);
    expect(codes).toContain('entries-missing from=4 table=entry_batch to=300');
    expect(codes).toContain('tree-size-wrong field=size table=log_tree');
    expect(report.size).toBe(4n);
  }, 30_000);

  test('everything from an index on, without a trace in the database: the chain is ahead', async () => {
    const report = await sweepAfter(site, [
      'DELETE FROM anchor',
      'DELETE FROM checkpoint',
      'DELETE FROM version',
      'DELETE FROM entry_batch',
      'DELETE FROM tile',
      'DELETE FROM record',
      `UPDATE log_tree SET size = 0, root = sha256('')`,
      'UPDATE log_checkpoint SET size = 0, root = NULL',
      'UPDATE log_sequence SET next_index = 0',
    ]);
    const codes = named(report);
    expect(codes).toContain('chain-ahead size=300 table=chain');
    expect(codes.every((code) => /^(chain-ahead|anchor-unrecorded)/.test(code))).toBe(true);
    expect([report.chain.status, report.chain.size, report.size]).toEqual(['failed', 300n, 0n]);
  }, 30_000);
});

describe('rows are swapped', () => {
  test('the entries of two batches: both indexes', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET entries = other.entries FROM entry_batch other
       WHERE (entry_batch.first_index, other.first_index) IN ((2, 3), (3, 2))`,
    ]);
    expect(named(report).filter((code) => code.startsWith('entry-'))).toEqual([
      'entry-changed batch=2 field=entries index=2 table=entry_batch',
      'entry-changed batch=3 field=entries index=3 table=entry_batch',
    ]);
  }, 30_000);

  test('two batch rows with all that belongs to them: the tree knows the order', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET entries = other.entries, leaf_hashes = other.leaf_hashes FROM entry_batch other
       WHERE (entry_batch.first_index, other.first_index) IN ((2, 3), (3, 2))`,
      'UPDATE version SET index = 1000 WHERE index = 2',
      'UPDATE version SET index = 2, batch_first = 2 WHERE index = 3',
      'UPDATE version SET index = 3, batch_first = 3 WHERE index = 1000',
    ]);
    const codes = named(report);
    for (const index of [2, 3])
      expect(codes).toContain(`entry-changed batch=${index} field=entries index=${index} table=entry_batch`);
    expect(report.chain.status).toBe('failed');
  }, 30_000);
});
