// Commands die at the worst moment: a backup before its last part, a restore after everything was loaded. Neither leaves
// anything that could be taken for the whole, and both can simply be run again.

import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { verifyContainer } from '../../api/src/backup/container-reader.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { eventually } from '../flow/support/site.ts';
import { start, type Running } from './support/command.ts';
import { query, record, rowsIn, Ward } from './support/ward.ts';

let ward: Ward;

beforeAll(async () => {
  ward = await Ward.open();
  const service = await ward.site.start();
  await record(service, 'patient', 5);
  await service.stop();
}, 60_000);

afterAll(async () => ward.close());

/** Runs until the database lets it go no further, since `statement` holds what it needs; then the story goes on. */
async function stuck(
  databaseUrl: string,
  statement: string,
  program: string,
  command: () => Running,
  then: (running: Running) => Promise<void>,
): Promise<void> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(statement);
    const running = command();
    await eventually(
      `${program} waits`,
      () =>
        query(
          databaseUrl,
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`,
          [program],
        ),
      (waiting) => waiting.length === 1,
    );
    await then(running);
  } finally {
    await holder.end();
  }
}

describe('a backup', () => {
  /** The sequences are read last, so all rows are in the file by then. */
  const HOLD = 'ALTER SEQUENCE record_id_seq RENAME TO held_id_seq';
  const backup = (name: string): Running => start('backup', ['--to', ward.file(name)], ward.settings());

  test('killed half-way leaves no file of that name, and what it leaves is refused', async () => {
    await stuck(
      ward.site.database.url,
      HOLD,
      'medanchor-backup',
      () => backup('killed'),
      async (running) => {
        running.kill('SIGKILL');
        expect((await running.ended).code).toBeNull();
      },
    );
    expect(existsSync(ward.file('killed'))).toBe(false);
    const [left = ''] = readdirSync(ward.folder).filter((name) => name.startsWith('killed'));
    expect(left).toMatch(/^killed\.[0-9]+\.[0-9a-f]{8}\.partial$/);
    await expect(verifyContainer(ward.file(left))).rejects.toThrow(/cut off/);
  }, 30_000);

  test('asked to stop, it removes what it has written: exit 1', async () => {
    await stuck(
      ward.site.database.url,
      HOLD,
      'medanchor-backup',
      () => backup('stopped'),
      async (running) => {
        running.child.kill('SIGTERM');
        const { code, output } = await running.ended;
        expect([code, output]).toEqual([1, expect.stringContaining('stopped by SIGTERM')]);
      },
    );
    expect(readdirSync(ward.folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  }, 30_000);

  test('no room for the file: the message names it, and nothing is left', () => {
    // 4 blocks: far less than the smallest backup.
    const program = path.join(PROJECT_ROOT, 'api', 'dist', 'backup.js');
    const target = ward.file('no-room');
    const { status, stderr } = spawnSync(
      '/bin/sh',
      ['-c', 'ulimit -f 4; exec "$0" "$@"', process.execPath, program, '--to', target],
      {
        env: { ...process.env, NODE_OPTIONS: '', ...ward.settings() },
        encoding: 'utf8',
      },
    );
    expect([status, stderr]).toEqual([
      1,
      `${target} cannot be written: the file would exceed the limit on file sizes (EFBIG)\n`,
    ]);
    expect(readdirSync(ward.folder).filter((name) => name.startsWith('no-room'))).toEqual([]);
  });

  test('a folder that is not there, a name that is none, no name', async () => {
    const ending = await start('backup', ['--to', ward.file('no/such/file')], ward.settings()).ended;
    expect([ending.code, ending.output]).toEqual([
      1,
      expect.stringContaining(`there is no folder ${ward.file('no/such')}`),
    ]);
    const usage = await start('backup', [], ward.settings()).ended;
    expect([usage.code, usage.output]).toEqual([2, expect.stringContaining('usage: npm run backup -- --to FILE')]);
  }, 30_000);

  test('a database without a ledger', async () => {
    const ending = await start('backup', ['--to', ward.file('nothing')], ward.settings(await ward.emptyDatabase()))
      .ended;
    expect([ending.code, ending.output]).toEqual([1, expect.stringContaining('holds no ledger: nothing to back up')]);
    expect(existsSync(ward.file('nothing'))).toBe(false);
  }, 30_000);
});

describe('a restore', () => {
  test('killed after everything was loaded leaves an empty ledger, and the next one succeeds', async () => {
    const { file, ending } = await ward.backup('good');
    expect(ending.code).toBe(0);
    const databaseUrl = await ward.emptyDatabase();
    // The schema first, so that there is a sequence to hold.
    await migrate(databaseUrl);
    await stuck(
      databaseUrl,
      // Sequences are set when all tables are loaded.
      `SELECT nextval('record_id_seq')`,
      'medanchor-restore',
      () => start('restore', ['--from', file], ward.settings(databaseUrl)),
      async (running) => {
        running.kill('SIGKILL');
        expect((await running.ended).code).toBeNull();
      },
    );
    await eventually(
      'its transaction is gone',
      () =>
        query(
          databaseUrl,
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'medanchor-restore'`,
        ),
      (left) => left.length === 0,
    );
    expect(await rowsIn(databaseUrl)).toBe(0n);
    expect((await ward.restoreHere(file, { DATABASE_URL: databaseUrl })).code).toBe(0);
    const service = await ward.site.start({ DATABASE_URL: databaseUrl });
    expect((await service.api.log()).sizes.confirmed).toBe('5');
    await service.stop();
  }, 60_000);
});
