// A stored batch of which any column may be wrong: two of three that agree say how many entries there are.

import { describe, expect, test } from '@jest/globals';
import { openBatch } from '../../api/src/ledger/fsck/batch-row.rules.ts';
import { formatEntries } from '../../api/src/ledger/store/entry-octets.ts';
import { fingerprintOf } from '../../api/src/ledger/store/fsck-finding.ts';
import type { FsckBatchRow } from '../../api/src/ledger/store/fsck-source.port.ts';

const octets = ['one', 'two', 'three'].map((text) => new TextEncoder().encode(text));
const honest: FsckBatchRow = {
  firstIndex: 40n,
  entryCount: 3,
  entries: formatEntries(octets),
  leafHashes: Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)]),
};

const opened = (changed: Partial<FsckBatchRow>) => {
  const { entries, findings } = openBatch({ ...honest, ...changed });
  return {
    texts: entries.map((entry) => (entry.octets === undefined ? null : Buffer.from(entry.octets).toString())),
    leaves: entries.map(({ leaf }) => leaf?.[0] ?? null),
    findings: findings.map(fingerprintOf),
  };
};

test('as it was written: octets, leaves, and where each entry stands', () => {
  expect(opened({})).toEqual({ texts: ['one', 'two', 'three'], leaves: [1, 2, 3], findings: [] });
  expect(openBatch(honest).entries.map(({ offset, batch }) => [offset, batch])).toEqual([
    [2, 40n],
    [7, 40n],
    [12, 40n],
  ]);
});

describe('one column is wrong', () => {
  test('entry_count', () => {
    expect(opened({ entryCount: 9 })).toEqual({
      texts: ['one', 'two', 'three'],
      leaves: [1, 2, 3],
      findings: ['batch-count-wrong batch=40 field=entry_count table=entry_batch'],
    });
  });

  test('leaf_hashes: a leaf less', () => {
    expect(opened({ leafHashes: honest.leafHashes.subarray(0, 64) })).toEqual({
      texts: ['one', 'two', 'three'],
      leaves: [1, 2, null],
      findings: ['batch-count-wrong batch=40 field=leaf_hashes table=entry_batch'],
    });
  });

  test('entries: one more', () => {
    expect(opened({ entries: formatEntries([...octets, octets[0]!]) })).toEqual({
      texts: ['one', 'two', 'three'],
      leaves: [1, 2, 3],
      findings: ['batch-count-wrong batch=40 field=entries table=entry_batch'],
    });
  });

  test('entries: cut off, or a length that leads nowhere', () => {
    expect(opened({ entries: honest.entries.subarray(0, -1) })).toEqual({
      texts: ['one', 'two', null],
      leaves: [1, 2, 3],
      findings: ['batch-unreadable batch=40 field=entries table=entry_batch'],
    });
    const damaged = Buffer.from(honest.entries);
    damaged.writeUInt16BE(60_000, 5);
    expect(opened({ entries: damaged }).texts).toEqual(['one', null, null]);
    expect(opened({ entries: Buffer.concat([honest.entries, Buffer.of(1)]) }).findings).toEqual([
      'batch-unreadable batch=40 field=entries table=entry_batch',
    ]);
  });
});
