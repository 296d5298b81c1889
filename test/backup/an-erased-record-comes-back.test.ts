// A backup from before an erasure brings the key back. The restore erases again what the erasure journal knows; so does the start
// of the service, however the old rows came back; and a crash at either side of the commit loses nothing.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { EraseService } from '../../api/src/ledger/erase/erase.service.ts';
import { FileErasureJournal } from '../../api/src/ledger/erase/erasure-journal.file.ts';
import { PgErasureStore } from '../../api/src/ledger/store/erasure-store.pg.ts';
import { SystemClock } from '../../api/src/platform/clock/clock.ts';
import { erasureJournalFile } from '../../api/src/platform/config/config.schema.ts';
import { createPool } from '../../api/src/platform/database/pool.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import { eraseNamed } from '../flow/support/erasing.ts';
import { observation } from '../flow/support/records.ts';
import { type RunningService } from '../flow/support/site.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { query, record, Ward } from './support/ward.ts';

const ERASED = observation('erased0', '1', '4.10');

let ward: Ward;
let journal: string;
let old: string;
let kept: string;

beforeAll(async () => {
  ward = await Ward.open();
  journal = erasureJournalFile({
    CHECKPOINT_KEY_FILE: ward.settings()['CHECKPOINT_KEY_FILE'] ?? '',
    ERASURE_JOURNAL_FILE: undefined,
  });
  const service = await ward.site.start();
  await record(service, 'erased', 2);
  await record(service, 'stays', 3);
  kept = await service.api.bundle(ERASED);
  old = (await ward.backup('old')).file;
  await eraseNamed(service, ['Observation/erased0', 'Observation/erased1'], 'gdpr-17-1-d');
  await service.stop();
}, 60_000);

afterAll(async () => ward.close());

interface Row {
  readonly [column: string]: unknown;
  readonly erased: number;
  readonly keys: number;
  readonly names: number;
  readonly entries: number;
}

async function state(databaseUrl: string): Promise<Row | undefined> {
  const [row] = await query<Row>(
    databaseUrl,
    `SELECT (SELECT count(*)::int FROM erasure) AS erased, count(wrapped_key)::int AS keys, count(record_id)::int AS names,
       (SELECT next_index::int FROM log_sequence) AS entries FROM record`,
  );
  return row;
}

test('the journal holds pseudonyms, times and bases, for its owner only', () => {
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    format: 'medanchor-erasure/1',
    log: TEST_ORIGIN,
    source: expect.stringMatching(/^[0-9a-f-]{36}$/),
    recordRef: expect.stringMatching(/^[0-9a-f]{64}$/),
    basis: 'gdpr-17-1-d',
    time: expect.stringMatching(/^2\d{3}-.*Z$/),
  });
  expect(statSync(journal).mode & 0o777).toBe(0o600);
  expect(readFileSync(journal, 'utf8')).not.toMatch(/Observation|ehr|erased0/);
});

describe('restored', () => {
  test('the records are erased again before anybody can use the database, with new entries', async () => {
    const { output, databaseUrl } = await ward.restoreHere(old);
    expect(output).toContain('2 records that were erased after this backup was made are erased again');
    expect(await state(databaseUrl)).toEqual({ erased: 2, keys: 3, names: 3, entries: 7 });
    // Without stages: what it would anchor contradicts the site's own database, which other stories here restore.
    const service = await ward.site.start({ DATABASE_URL: databaseUrl, STAGES: 'off' });
    expect((await service.api.verify(ERASED)).body.verdict).toBe('unknown-version');
    expect((await service.api.checkProof(kept)).body.verdict).toBe('erased');
    expect((await service.api.verify(observation('stays0', '1', '4.10'))).body.verdict).toBe('identical');
    await service.stop();
    // The start found nothing left to do.
    expect(await state(databaseUrl)).toMatchObject({ entries: 7 });
  }, 60_000);

  test('by the command itself, which says so', async () => {
    const { output, databaseUrl } = await ward.restore(old);
    expect(output).toContain(`the erasure journal ${journal} has`);
    expect(output).toContain('erased again');
    expect(await state(databaseUrl)).toMatchObject({ erased: 2, keys: 3 });
  }, 60_000);

  test('without the journal, the command says what that means', async () => {
    const { output, databaseUrl } = await ward.restore(old, { settings: { ERASURE_JOURNAL_FILE: ward.file('none') } });
    expect(output).toMatch(
      /there is no erasure journal at \S+none, or nothing in it: if anything was erased after this backup/,
    );
    expect(await state(databaseUrl)).toMatchObject({ erased: 0, keys: 5 });
  }, 60_000);

  test('a backup from after the erasure brings nothing back', async () => {
    const { file } = await ward.backup('young');
    const { output, databaseUrl } = await ward.restoreHere(file);
    expect(output).not.toContain('erased again');
    expect(await state(databaseUrl)).toEqual({ erased: 2, keys: 3, names: 3, entries: 7 });
  }, 60_000);

  test('with a journal that is damaged nothing is restored', async () => {
    const damaged = ward.file('damaged.ndjson');
    writeFileSync(damaged, '{"format":"medanchor-erasure/1","log":"x"}\n');
    const databaseUrl = await ward.emptyDatabase();
    const settings = { ERASURE_JOURNAL_FILE: damaged, DATABASE_URL: databaseUrl };
    await expect(ward.restoreHere(old, settings)).rejects.toThrow(
      /line 1 of the erasure journal .* is not one of ours \(source, recordRef, basis, time\)/,
    );
    expect(await query(databaseUrl, `SELECT to_regclass('record')::text AS name`)).toEqual([{ name: null }]);
    const ending = await ward.restore(old, { settings });
    expect([ending.code, ending.output]).toEqual([
      1,
      expect.stringContaining('refused: line 1 of the erasure journal'),
    ]);
  }, 60_000);
});

describe('the start of the service', () => {
  let databaseUrl: string;
  let service: RunningService | undefined;
  const other = (): string => ward.file('other.ndjson');

  beforeEach(async () => {
    // Somebody restored it in another way, beside a journal that nobody asked.
    ({ databaseUrl } = await ward.restoreHere(old, { ERASURE_JOURNAL_FILE: ward.file('nothing.ndjson') }));
    expect(await state(databaseUrl)).toEqual({ erased: 0, keys: 5, names: 5, entries: 5 });
  }, 60_000);

  afterEach(async () => {
    await service?.stop();
    service = undefined;
    rmSync(other(), { force: true });
  });

  test('erases again before it listens', async () => {
    service = await ward.site.start({ DATABASE_URL: databaseUrl });
    expect(await state(databaseUrl)).toEqual({ erased: 2, keys: 3, names: 3, entries: 7 });
    expect((await service.api.verify(ERASED)).body.verdict).toBe('unknown-version');
  }, 60_000);

  test('so does a process that runs no stages', async () => {
    service = await ward.site.start({ DATABASE_URL: databaseUrl, STAGES: 'off' });
    expect(await state(databaseUrl)).toMatchObject({ erased: 2, keys: 3 });
  }, 60_000);

  test('an erasure that the crash left in the journal only is carried out', async () => {
    copyFileSync(journal, other());
    // The last line was being written when the power went.
    writeFileSync(other(), `${readFileSync(other(), 'utf8')}{"format":"medanchor-era`);
    service = await ward.site.start({ DATABASE_URL: databaseUrl, ERASURE_JOURNAL_FILE: other() });
    expect(await state(databaseUrl)).toMatchObject({ erased: 2, keys: 3 });
    // The next line is whole again.
    await eraseNamed(service, ['Observation/stays0']);
    expect(await new FileErasureJournal(other()).read()).toHaveLength(3);
  }, 60_000);

  test('an erasure that the journal does not know, another instance having made it, is added to the journal', async () => {
    service = await ward.site.start({ DATABASE_URL: databaseUrl });
    await service.stop();
    expect(existsSync(other())).toBe(false);
    service = await ward.site.start({ DATABASE_URL: databaseUrl, ERASURE_JOURNAL_FILE: other() });
    expect(await new FileErasureJournal(other()).read()).toMatchObject([
      { log: TEST_ORIGIN, basis: 'gdpr-17-1-d' },
      { log: TEST_ORIGIN, basis: 'gdpr-17-1-d' },
    ]);
  }, 60_000);

  test('a damaged journal refuses the start: nobody knows what must be erased', async () => {
    writeFileSync(other(), 'no line of ours\n');
    await expect(ward.site.start({ DATABASE_URL: databaseUrl, ERASURE_JOURNAL_FILE: other() })).rejects.toThrow(
      /line 1 of the erasure journal .* is not JSON/,
    );
    expect(await state(databaseUrl)).toMatchObject({ erased: 0, keys: 5 });
  }, 60_000);
});

test('a journal that cannot be written refuses the erasure, and nothing of it happens', async () => {
  const databaseUrl = (await ward.restoreHere(old, { ERASURE_JOURNAL_FILE: ward.file('nothing.ndjson') })).databaseUrl;
  const service = await ward.site.start({
    DATABASE_URL: databaseUrl,
    ERASURE_JOURNAL_FILE: ward.file('blocked.ndjson'),
  });
  try {
    // Somebody has put a folder in its place.
    mkdirSync(ward.file('blocked.ndjson'));
    await expect(eraseNamed(service, ['Observation/erased0'])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nothing of this was erased'),
    });
    expect(await state(databaseUrl)).toEqual({ erased: 0, keys: 5, names: 5, entries: 5 });
    expect((await service.api.verify(ERASED)).body.verdict).toBe('identical');
  } finally {
    await service.stop();
  }
}, 60_000);

test('the answer to COMMIT is lost, or never came: the journal has it, and it is done once', async () => {
  const { databaseUrl } = await ward.restoreHere(old, { ERASURE_JOURNAL_FILE: ward.file('nothing.ndjson') });
  const pool = createPool(databaseUrl, 2);
  try {
    const file = ward.file('crash.ndjson');
    const [log] = (await pool.query<{ id: number }>('SELECT id FROM log')).rows;
    const store = new PgErasureStore(pool, log?.id ?? 0);
    const eraser = (journal = new FileErasureJournal(file)): EraseService =>
      new EraseService({
        log: { origin: TEST_ORIGIN },
        store,
        journal,
        again: () => Promise.resolve(),
        clock: new SystemClock(),
        logger: createLogger('silent'),
        metrics: new Metrics(),
      });
    const [one] = (await pool.query<{ id: bigint }>(`SELECT id FROM record WHERE record_id = 'Observation/erased0'`))
      .rows;
    // The connection of the transaction dies when the line is on the disk, and before COMMIT.
    let connection = 0;
    const deadly = new FileErasureJournal(file);
    const append = deadly.append.bind(deadly);
    deadly.append = async (lines) => {
      const position = await append(lines);
      await pool.query('SELECT pg_terminate_backend($1)', [connection]);
      return position;
    };
    const dying = eraser(deadly).erase([one?.id ?? 0n], 'gdpr-17-1-d', {
      within: async (transaction) => {
        const { rows } = (await transaction.query('SELECT pg_backend_pid() AS pid', [])) as { rows: { pid: number }[] };
        connection = rows[0]?.pid ?? 0;
      },
    });
    await expect(dying).rejects.toThrow();
    expect(await new FileErasureJournal(file).read()).toHaveLength(1);
    expect(await state(databaseUrl)).toMatchObject({ erased: 0, keys: 5, entries: 5 });
    expect(await eraser().reconcile()).toBe(1);
    expect(await eraser().reconcile()).toBe(0);
    expect(await state(databaseUrl)).toMatchObject({ erased: 1, keys: 4, entries: 6 });
  } finally {
    await pool.end();
  }
}, 60_000);
