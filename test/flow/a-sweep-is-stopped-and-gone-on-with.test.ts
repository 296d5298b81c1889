// A sweep that is stopped keeps what it has read, and the next one goes on there: but only when its memory is the one that
// it kept, which nobody without the key-encryption key can make.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FsckStoppedError, type FsckService } from '../../api/src/ledger/index.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';
import { named, openFsck } from './support/sweep.ts';

/** More than one page of the sweep. */
const SIZE = 4500;

let site: Site;
let fsck: FsckService;
let close: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  site = await Site.open();
  const service = await site.start({ FIELDS: 'off' });
  for (let at = 0; at < SIZE; at += 500) {
    const versions = Array.from({ length: 500 }, (_, position) => observation(`o${at + position}`, '1', '4.10'));
    // On a busy machine some are refused for the moment; repeating is safe.
    await eventually(
      'all durable',
      () => service.api.submitMany(versions),
      (answers) => answers.every(({ status }) => status === 200 || status === 201),
    );
  }
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === String(SIZE),
    60_000,
  );
  await service.stop();
  ({ fsck, close } = await openFsck(site));
}, 180_000);

afterAll(async () => {
  await close();
  await site.close();
});

/** Stops at the end of the first page. */
async function stopEarly(): Promise<void> {
  const abort = new AbortController();
  const sweep = fsck.sweep({ mode: 'full', signal: abort.signal, onProgress: () => abort.abort(), anew: true });
  await expect(sweep).rejects.toThrow(FsckStoppedError);
}

const FLIP = `UPDATE entry_batch SET entries = overlay(entries PLACING '\\x58' FROM entry_offset + 20) FROM version
              WHERE first_index = batch_first AND index = $1`;
/** The octet there is the quotation mark that opens a member's value. */
const UNFLIP = FLIP.replace('\\x58', '\\x22');

test('the next sweep goes on where it stopped, and finds what is wrong behind', async () => {
  await stopEarly();
  const [run] = await site.read<{ state: string; cursor: string }>(
    'SELECT state, cursor FROM fsck_run ORDER BY id DESC',
  );
  expect(run?.state).toBe('stopped');
  const stopped = BigInt(run?.cursor ?? 0);
  // Whole batches up to the end of a page of 1024.
  expect(stopped).toBeGreaterThanOrEqual(1024n);
  expect(stopped).toBeLessThan(BigInt(SIZE));
  await site.tamper(FLIP, [4499]);
  const report = await fsck.sweep({ mode: 'full' });
  expect([report.resumedAt, report.from, report.entries, report.size]).toEqual([stopped, 0n, 4500n, 4500n]);
  expect(named(report)).toContainEqual(expect.stringMatching(/^entry-changed batch=\d+ field=entries index=4499 /));
  expect(report.checks.find(({ name }) => name === 'chain')?.result).toBe('failed');
  await site.tamper(UNFLIP, [4499]);
  const repaired = await fsck.sweep({ mode: 'full' });
  expect([repaired.resumedAt, repaired.findings]).toEqual([null, []]);
}, 60_000);

test('a memory that was moved forward is not believed: everything is read again', async () => {
  await stopEarly();
  await site.tamper(FLIP, [7]);
  // Whoever changed entry 7 lets the sweep go on behind the last entry, with the true edge of the tree.
  await site.tamper(
    `UPDATE fsck_run SET cursor = 4500, tree_size = 4500, edge = clean.edge, seal = clean.seal FROM fsck_run clean
     WHERE fsck_run.state = 'stopped' AND clean.clean AND clean.edge IS NOT NULL`,
  );
  const report = await fsck.sweep({ mode: 'full' });
  expect([report.resumedAt, report.entries]).toEqual([null, 4500n]);
  expect(named(report)).toContainEqual(expect.stringMatching(/^entry-changed batch=\d+ field=entries index=7 /));
  await site.tamper(UNFLIP, [7]);
}, 60_000);

test('an incremental sweep begins at the last clean one, and looks whether the tree there is still the same', async () => {
  const full = await fsck.sweep({ mode: 'full' });
  expect(full.findings).toEqual([]);
  const nothing = await fsck.sweep({ mode: 'incremental' });
  expect([nothing.from, nothing.entries, nothing.findings, nothing.chain.status]).toEqual([4500n, 0n, [], 'passed']);
  // The right edge: 4500 = 17 * 256 + 148.
  await site.tamper(
    `UPDATE tile SET hashes = overlay(hashes PLACING sha256('forged') FROM 5 * 32 + 1) WHERE level = 0 AND n = 17`,
  );
  const report = await fsck.sweep({ mode: 'incremental' });
  expect(named(report)).toContain('tile-changed field=hashes hash=5 level=0 table=tile tile=17');
}, 60_000);

test('everything is damaged: all is counted, a thousand findings are kept, and not a thousand alarms raised', async () => {
  await site.tamper(`UPDATE version SET activity = 'delete'`);
  const before = await site.read<{ count: string }>('SELECT count(*) FROM integrity_alarm');
  const report = await fsck.sweep({ mode: 'full' });
  // One for each row, and the tile of the story before.
  expect([report.findingCount, report.findings.length]).toEqual([4501n, 100]);
  const [stored] = await site.read<{ count: string }>(`SELECT count(*) FROM fsck_sighting WHERE run = ${report.run}`);
  expect(Number(stored?.count)).toBe(1001);
  const after = await site.read<{ count: string }>('SELECT count(*) FROM integrity_alarm');
  expect(Number(after[0]?.count) - Number(before[0]?.count)).toBe(21);
}, 60_000);
