// Tiles, the tree's row, checkpoints and the counters: each edit is named by tile and hash, by size, or by column.

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

const at = (hash: number): string => `overlay(hashes PLACING sha256('forged') FROM ${hash * 32 + 1})`;

describe('a tile', () => {
  test('a leaf in a full tile: that hash, since the tile above does not cover it any more', async () => {
    const report = await sweepAfter(site, [`UPDATE tile SET hashes = ${at(17)} WHERE level = 0 AND n = 0`]);
    expect(named(report)).toEqual(['tile-changed field=hashes hash=17 level=0 table=tile tile=0']);
    expect(report.chain.status).toBe('passed');
  });

  test('a leaf in the tile at the right edge', async () => {
    const report = await sweepAfter(site, [`UPDATE tile SET hashes = ${at(3)} WHERE level = 0 AND n = 1`]);
    expect(named(report)).toEqual(['tile-changed field=hashes hash=3 level=0 table=tile tile=1']);
  });

  test('a hash of level 1', async () => {
    const report = await sweepAfter(site, [`UPDATE tile SET hashes = ${at(0)} WHERE level = 1 AND n = 0`]);
    expect(named(report)).toEqual(['tile-changed field=hashes hash=0 level=1 table=tile tile=0']);
  });

  test('an entry of which leaf, version and tile were changed too: not in the tree above', async () => {
    const report = await sweepAfter(site, [
      `UPDATE entry_batch SET entries = overlay(entries PLACING '\\x58' FROM 30) WHERE first_index = 3`,
      `UPDATE entry_batch SET leaf_hashes = sha256('\\x00'::bytea || substring(entries FROM 3)) WHERE first_index = 3`,
      'UPDATE version SET leaf_hash = leaf_hashes FROM entry_batch WHERE first_index = 3 AND index = 3',
      `UPDATE tile SET hashes = overlay(hashes PLACING leaf_hash FROM 3 * 32 + 1) FROM version WHERE index = 3 AND level = 0 AND n = 0`,
    ]);
    const codes = named(report);
    expect(codes).toContain('entry-unreadable batch=3 field=entries index=3 table=entry_batch');
    expect(codes).toContain('tile-changed field=hashes hash=0 level=1 table=tile tile=0');
    expect(report.chain.status).toBe('failed');
  });

  test('is deleted', async () => {
    const full = await sweepAfter(site, ['DELETE FROM tile WHERE level = 0 AND n = 0']);
    expect(named(full)).toEqual(['tile-missing level=0 table=tile tile=0']);
    const edge = await sweepAfter(site, ['DELETE FROM tile WHERE level = 0 AND n = 1']);
    expect(named(edge)).toEqual(['tile-missing level=0 table=tile tile=1']);
  });

  test('has fewer or more hashes than the tree', async () => {
    const fewer = await sweepAfter(site, [
      'UPDATE tile SET hashes = substring(hashes FOR 32 * 200) WHERE level = 0 AND n = 0',
    ]);
    expect(named(fewer)).toEqual(['tile-width-wrong field=hashes level=0 table=tile tile=0']);
    const more = await sweepAfter(site, [`UPDATE tile SET hashes = hashes || sha256('x') WHERE level = 0 AND n = 1`]);
    expect(named(more)).toEqual(['tile-width-wrong field=hashes level=0 table=tile tile=1']);
  });

  test('stands where the tree has none', async () => {
    const report = await sweepAfter(site, [
      `INSERT INTO tile (log, level, n, hashes) SELECT log, 0, 7, hashes FROM tile WHERE level = 1`,
      `INSERT INTO tile (log, level, n, hashes) SELECT log, 5, 0, hashes FROM tile WHERE level = 1`,
    ]);
    expect(named(report)).toEqual([
      'tile-unexpected level=0 table=tile tile=7',
      'tile-unexpected level=5 table=tile tile=0',
    ]);
    expect(report.findings.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });
});

describe('the tree and the signed head', () => {
  test('the root of the tree', async () => {
    const report = await sweepAfter(site, [`UPDATE log_tree SET root = sha256('other')`]);
    expect(named(report)).toEqual(['tree-root-wrong field=root table=log_tree']);
  });

  test('the sequence is set back behind what is stored', async () => {
    const report = await sweepAfter(site, ['UPDATE log_sequence SET next_index = 299']);
    expect(named(report)).toEqual([
      'batch-beyond-sequence from=299 table=entry_batch to=300',
      'sequence-wrong field=next_index table=log_sequence',
      'tree-size-wrong field=size table=log_tree',
      expect.stringMatching(/^version-unexpected index=299 /),
    ]);
  });

  test('the signed head', async () => {
    const root = await sweepAfter(site, [`UPDATE log_checkpoint SET root = sha256('other')`]);
    expect(named(root)).toEqual(['signed-head-wrong field=root table=log_checkpoint']);
    const size = await sweepAfter(site, ['UPDATE log_checkpoint SET size = 299']);
    expect(named(size)).toEqual(['signed-head-wrong field=size table=log_checkpoint']);
  });
});

describe('a checkpoint', () => {
  test('its row’s root', async () => {
    const report = await sweepAfter(site, [`UPDATE checkpoint SET root = sha256('other') WHERE size = 300`]);
    expect(named(report)).toEqual([
      'checkpoint-root-wrong field=root size=300 table=checkpoint',
      'signed-head-wrong field=root table=log_checkpoint',
    ]);
  });

  test('its signature', async () => {
    const report = await sweepAfter(site, [
      `UPDATE checkpoint SET note = split_part(note, E'\\n\\n', 1) || E'\\n\\n' || (SELECT split_part(c.note, E'\\n\\n', 2) FROM checkpoint c
         WHERE c.size < 300 ORDER BY c.size LIMIT 1) WHERE size = 300`,
    ]);
    expect(named(report)).toEqual(['checkpoint-signature-invalid field=note size=300 table=checkpoint']);
  });

  test('its text: another checkpoint’s note', async () => {
    const report = await sweepAfter(site, [
      `UPDATE checkpoint SET note = (SELECT c.note FROM checkpoint c WHERE c.size < 300 ORDER BY c.size LIMIT 1) WHERE size = 300`,
    ]);
    expect(named(report)).toEqual(['checkpoint-note-wrong field=note size=300 table=checkpoint']);
    const garbage = await sweepAfter(site, [`UPDATE checkpoint SET note = 'none' WHERE size = 300`]);
    expect(named(garbage)).toEqual(['checkpoint-note-wrong field=note size=300 table=checkpoint']);
  });

  test('the last one is deleted', async () => {
    const report = await sweepAfter(site, ['DELETE FROM checkpoint WHERE size = 300']);
    expect(named(report)).toEqual(['checkpoint-missing size=300 table=checkpoint']);
  });

  test('one is added for a tree that never was', async () => {
    const report = await sweepAfter(site, [
      `INSERT INTO checkpoint (log, size, root, note) SELECT log, 301, root, note FROM checkpoint WHERE size = 300`,
    ]);
    expect(named(report)).toContain('checkpoint-beyond-tree size=301 table=checkpoint');
  });
});
