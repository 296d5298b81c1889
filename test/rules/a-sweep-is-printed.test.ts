// What the operator reads: the progress line, and the report.

import { expect, test } from '@jest/globals';
import {
  formatProgress,
  formatReport,
  jsonOfReport,
  type FsckFinding,
  type FsckReport,
} from '../../api/src/ledger/index.ts';

const changed: FsckFinding = {
  code: 'entry-changed',
  severity: 'fault',
  where: { table: 'entry_batch', index: '7', batch: '4', field: 'entries' },
  detail: 'entry 7 was changed',
};

const clean: FsckReport = {
  run: 3n,
  mode: 'full',
  resumedAt: null,
  from: 0n,
  size: 12n,
  root: new Uint8Array(32).fill(0xab),
  chain: { status: 'passed', reason: '', size: 12n, root: new Uint8Array(32).fill(0xab) },
  checks: [
    { name: 'entries', result: 'passed', reason: '' },
    { name: 'chain', result: 'passed', reason: '' },
  ],
  findings: [],
  findingCount: 0n,
  entries: 12n,
  startedAt: new Date('2026-11-24T12:00:00.000Z'),
  finishedAt: new Date('2026-11-24T12:00:01.000Z'),
  seconds: 1.04,
};

test('progress: share, rate and what is left; what has no end is only counted', () => {
  const entries = { phase: 'entries', done: 5000n, total: 20_000n, findings: 0n } as const;
  expect(formatProgress(entries, 1000n, 2)).toBe(
    'entries [######..................]  25 %  5000/20000  2000/s  8 s left',
  );
  expect(formatProgress({ ...entries, done: 0n, total: 0n, findings: 2n }, 0n, 0)).toBe(
    'entries [########################] 100 %  0/0  2 findings',
  );
  expect(formatProgress({ phase: 'records', done: 40n, total: null, findings: 0n }, 0n, 1)).toBe('records 40');
  expect(formatProgress({ phase: 'heads', done: 0n, total: null, findings: 1n }, 0n, 1)).toBe('heads  1 findings');
});

test('a clean report', () => {
  expect(formatReport(clean)).toBe(
    [
      'full sweep 3: 12 entries in 1.0 s',
      '  size  12',
      `  root  ${'ab'.repeat(32)}`,
      '  chain passed, size 12',
      '',
      '  ok       entries',
      '  ok       chain',
      '',
      'Nothing wrong was found.',
      '',
    ].join('\n'),
  );
});

test('findings, and more than the report carries', () => {
  const text = formatReport({
    ...clean,
    root: null,
    resumedAt: 4n,
    checks: [{ name: 'entries', result: 'failed', reason: 'see the findings' }],
    findings: [changed],
    findingCount: 3n,
  });
  expect(text).toContain('full sweep 3: 12 entries in 1.0 s, gone on with at 4\n');
  expect(text).toContain('  root  cannot be computed: entries are missing\n');
  expect(text).toContain('  FAILED   entries: see the findings\n');
  expect(text).toContain('fault entry-changed (entry_batch index 7 batch 4 field entries)\n  entry 7 was changed\n');
  expect(text).toContain('and 2 more: GET /v1/fsck/findings?run=3\n3 findings: ');
});

test('not everything could be checked', () => {
  const text = formatReport({
    ...clean,
    mode: 'incremental',
    from: 10n,
    entries: 2n,
    chain: { status: 'skipped', reason: 'no answer', size: null, root: null },
    checks: [{ name: 'chain', result: 'skipped', reason: 'no answer' }],
  });
  expect(text).toContain('incremental sweep 3: 2 entries from 10 on in 1.0 s\n');
  expect(text).toContain('  chain skipped\n\n  skipped  chain: no answer\n');
  expect(text).toContain('Nothing wrong was found, but not everything could be checked.\n');
});

test('for machines: numbers as texts, hashes in hex', () => {
  const json = JSON.parse(jsonOfReport({ ...clean, findings: [changed], findingCount: 1n })) as Record<string, unknown>;
  expect(json).toMatchObject({ run: '3', size: '12', root: 'ab'.repeat(32), findingCount: '1', findings: [changed] });
  expect(json['chain']).toEqual({ status: 'passed', reason: '', size: '12', root: 'ab'.repeat(32) });
});
