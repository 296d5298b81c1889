// The erasure journal's file: added to in order, flushed, for its owner only; what a crash cut off is left out; damage is not.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toHex } from '@medanchor/verifier';
import { FileErasureJournal } from '../../api/src/ledger/erase/erasure-journal.file.ts';
import { ErasureJournalError, type JournalLine } from '../../api/src/ledger/erase/erasure-journal.port.ts';
import { octets, SOURCE } from '../support/submissions.ts';

let folder: string;
let file: string;
let journal: FileErasureJournal;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-journal-'));
  file = path.join(folder, 'keys', 'erasures.ndjson');
  journal = new FileErasureJournal(file);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (record: number): JournalLine => ({
  log: 'test/log/1',
  source: SOURCE,
  recordRef: octets(record),
  basis: 'court-order',
  time: new Date('2026-11-24T10:00:00.000Z'),
});
const refs = async (): Promise<readonly string[]> =>
  (await new FileErasureJournal(file).read()).map(({ recordRef }) => toHex(recordRef).slice(0, 2));

test('what is appended is read again, in order, also by another process', async () => {
  expect(await journal.read()).toEqual([]);
  expect(await journal.append([line(1)])).toBe(0n);
  const length = BigInt(statSync(file).size);
  expect(await journal.append([line(2), line(3)])).toBe(length);
  expect(await new FileErasureJournal(file).read()).toEqual([line(1), line(2), line(3)]);
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(
    `{"format":"medanchor-erasure/1","log":"test/log/1","source":"${SOURCE}","recordRef":"${'01'.repeat(32)}","basis":"court-order","time":"2026-11-24T10:00:00.000Z"}`,
  );
});

test('its file is for its owner only', async () => {
  await journal.append([line(1)]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('twenty at once are twenty whole lines, in the order of the calls', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, at) => journal.append([line(at + 1)])));
  expect(await refs()).toEqual(Array.from({ length: 20 }, (_, at) => (at + 1).toString(16).padStart(2, '0')));
});

test('one that fails does not keep the next from being written', async () => {
  const inTheWay = new FileErasureJournal(folder);
  await expect(inTheWay.append([line(1)])).rejects.toThrow();
  await expect(inTheWay.append([line(1)])).rejects.toThrow();
  await journal.append([line(1)]);
  expect(await refs()).toEqual(['01']);
});

describe('a crash in the middle of a line', () => {
  test.each([1, 5, 60, 200])(
    'after %d octets: the whole lines count, and the next one is whole',
    async (octetsLeft) => {
      await journal.append([line(1), line(2)]);
      const text = readFileSync(file, 'utf8');
      const end = text.indexOf('\n') + 1;
      writeFileSync(file, text.slice(0, end + octetsLeft));
      expect(await refs()).toEqual(['01']);
      expect(await journal.append([line(3)])).toBe(BigInt(end + octetsLeft + 1));
      expect(await refs()).toEqual(['01', '03']);
    },
  );

  test('right before the line end: the line was whole, and counts as soon as another follows', async () => {
    await journal.append([line(1)]);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    await journal.append([line(2)]);
    expect(await refs()).toEqual(['01', '02']);
  });
});

describe('damage', () => {
  const whole = (): string => `${JSON.stringify({ ...JSON.parse(TEXT), basis: 'court-order' })}\n`;
  const TEXT = `{"format":"medanchor-erasure/1","log":"l","source":"${SOURCE}","recordRef":"${'01'.repeat(32)}","basis":"b","time":"2026-11-24T10:00:00.000Z"}`;

  test.each([
    ['no JSON', 'erased: everything\n', 'line 2 of the erasure journal', 'is not JSON'],
    ['an object of others', '{"a":1}\n', 'line 2 of the erasure journal', 'is not one of ours (format, log, source'],
    ['another format', whole().replace('erasure/1', 'erasure/2'), 'line 2', 'is not one of ours (format)'],
    ['a short pseudonym', whole().replace('0101', '01'), 'line 2', 'is not one of ours (recordRef)'],
    ['a time without milliseconds', whole().replace('.000Z', 'Z'), 'line 2', 'is not one of ours (time)'],
    ['a member more', whole().replace('{', '{"name":"Example",'), 'line 2', 'is not one of ours'],
  ])('%s is named with its line, and not what it says', async (_what, text, where, what) => {
    await journal.append([line(1)]);
    writeFileSync(file, readFileSync(file, 'utf8') + text);
    const refused = journal.read().catch((error: unknown) => error as Error);
    expect(await refused).toBeInstanceOf(ErasureJournalError);
    const { message } = (await refused) as Error;
    expect(message).toContain(where);
    expect(message).toContain(what);
    expect(message).not.toMatch(/everything|Example/);
  });

  test('a folder in its place cannot be read', async () => {
    await expect(new FileErasureJournal(folder).read()).rejects.toThrow(ErasureJournalError);
  });

  test('empty lines, as `cat` of several files may leave them, do not matter', async () => {
    await journal.append([line(1)]);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n\n`);
    expect(await refs()).toEqual(['01']);
  });
});
