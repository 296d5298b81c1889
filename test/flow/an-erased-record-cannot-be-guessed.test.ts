// The 64-guess glucose attack. Before the erasure, an insider with the KEK finds the value at once: that shows that the attack
// works. After it, the same attack with everything that there is finds nothing: all tables as their owner sees them, entries
// and tiles, a backup made afterwards, the service's whole log, its metrics, the erasure journal, and PostgreSQL's own files.
// Who kept content and bundle can still prove the value.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { createBackup } from '../../api/src/backup/backup.module.ts';
import { createApp } from '../../api/src/app.ts';
import { parseEntries } from '../../api/src/ledger/store/entry-octets.ts';
import { loadBackupConfig, loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Auditor } from './support/auditor.ts';
import { eraseNamed } from './support/erasing.ts';
import { attack, GUESSES, keysIn, octetsOf, type Loot } from './support/guessing.ts';
import { signInAt } from '../support/sign-in.ts';
import { RecordSystem, type Version } from './support/record-system.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

const glucose = (value: string): Version => observation('fasting-glucose', 'visit-1', value);
const TRUE_VALUE = '6.3';

let site: Site;
let service: RunningService;
let folder: string;
let bundle: string;
/** What PostgreSQL's files for the tables of records hold, before the erasure. */
let wrappedBefore: Buffer;
const logged: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-guess-'));
  site = await Site.open();
  const config = loadConfig(site.environment({ LOG_LEVEL: 'trace', ENTRY_BUNDLES: 'public' }));
  const app = await createApp(config, createLogger('trace', { write: (entry) => void logged.push(entry) }));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  signInAt(url, site.environment());
  service = { app, url, api: new RecordSystem(url), stop: () => app.close() };
  for (const id of ['a', 'b', 'c']) await service.api.submit(observation(id, '1', '4.10'));
  await service.api.submit(glucose(TRUE_VALUE), 'confirmed');
  await service.api.verify(glucose(TRUE_VALUE));
  bundle = await service.api.bundle(glucose(TRUE_VALUE));
  const [row] = await site.read<{ key: Buffer }>(
    `SELECT wrapped_key AS key FROM record WHERE record_id = 'Observation/fasting-glucose'`,
  );
  wrappedBefore = row?.key ?? Buffer.alloc(0);
}, 60_000);

afterAll(async () => {
  await service.stop();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every column of every table, as the owner of the database reads it. */
async function tables(url = site.database.url): Promise<readonly Buffer[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    expect(rows.length).toBeGreaterThan(15);
    const dumps = [];
    for (const { name } of rows) {
      const { rows: lines } = await client.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`);
      dumps.push(...lines.flatMap(({ line }) => octetsOf(line)));
    }
    return dumps;
  } finally {
    await client.end();
  }
}

async function entries(): Promise<readonly Uint8Array[]> {
  const rows = await site.read<{ entries: Buffer }>('SELECT entries FROM entry_batch ORDER BY first_index');
  return rows.flatMap((row) => parseEntries(row.entries));
}

async function published(): Promise<readonly Buffer[]> {
  const paths = [
    '/checkpoint',
    '/tile/0/000.p/4',
    '/tile/0/000.p/5',
    '/tile/entries/000.p/4',
    '/tile/entries/000.p/5',
    '/metrics',
  ];
  return Promise.all(paths.map(async (one) => (await service.api.octets(one)).bytes));
}

async function backup(name: string): Promise<readonly Buffer[]> {
  const file = path.join(folder, name);
  await createBackup(loadBackupConfig(site.settings())).write(file, new Date());
  return octetsOf(gunzipSync(readFileSync(file)).toString('latin1'));
}

async function loot(backupName: string): Promise<Loot> {
  const [ids] = await site.read<{ tenant: string; source: string }>(
    'SELECT tenant_id AS tenant, id AS source FROM source',
  );
  const keyFolder = path.dirname(site.settings()['KEK_FILE'] ?? '');
  const files = readdirSync(keyFolder).map((name) => readFileSync(path.join(keyFolder, name), 'utf8'));
  return {
    octets: [
      ...(await tables()),
      ...(await backup(backupName)),
      ...(await published()),
      ...[...logged, ...files].flatMap(octetsOf),
    ],
    entries: await entries(),
    kek: site.kek,
    tenantId: ids?.tenant ?? '',
    sourceId: ids?.source ?? '',
  };
}

/** The files of a table, and those of its indexes and long values, as they are on the disk now. */
async function filesOf(table: string): Promise<Buffer> {
  const [directory] = await site.read<{ value: string }>(`SELECT current_setting('data_directory') AS value`);
  const rows = await site.read<{ file: string }>(
    `SELECT pg_relation_filepath(oid) AS file FROM pg_class WHERE oid = $1::regclass OR oid IN
       (SELECT indexrelid FROM pg_index WHERE indrelid = $1::regclass) OR oid = (SELECT reltoastrelid FROM pg_class WHERE oid = $1::regclass)`,
    [table],
  );
  return Buffer.concat(
    rows.flatMap(({ file }) => (file === null ? [] : [readFileSync(path.join(directory?.value ?? '', file))])),
  );
}

describe('before the erasure', () => {
  test('64 guesses, and the insider with the KEK finds the value', async () => {
    expect([GUESSES.length, GUESSES[0], GUESSES[63]]).toEqual([64, '3.0', '9.3']);
    expect(attack(await loot('before.backup'), glucose)).toEqual([TRUE_VALUE]);
  });

  test('without the KEK, nothing that is stored confirms a guess', async () => {
    expect(attack({ ...(await loot('before-without.backup')), kek: new Uint8Array(32) }, glucose)).toEqual([]);
  });

  test('a key that somebody left unwrapped, or a plain digest, would be found as well', async () => {
    const found = await loot('before-planted.backup');
    const [key] = keysIn(found, glucose(TRUE_VALUE));
    expect(key).toHaveLength(32);
    const nothing = { ...found, kek: new Uint8Array(32) };
    for (const planted of [
      Buffer.from(key ?? []),
      Buffer.concat([Buffer.alloc(7, 0xff), Buffer.from(key ?? []), Buffer.alloc(9, 0xff)]),
      createHash('sha256').update(glucose(TRUE_VALUE).content).digest(),
      Buffer.from(`digest ${createHash('sha256').update(glucose(TRUE_VALUE).content).digest('hex')}`),
      Buffer.from(glucose(TRUE_VALUE).content),
    ])
      expect(attack({ ...nothing, octets: [planted] }, glucose)).toEqual([TRUE_VALUE]);
  });

  test("the key is in PostgreSQL's files", async () => {
    await site.tamper('CHECKPOINT');
    expect(wrappedBefore).toHaveLength(65);
    expect((await filesOf('record')).includes(wrappedBefore)).toBe(true);
  });
});

describe('after the erasure', () => {
  beforeAll(async () => {
    const [receipt] = await eraseNamed(service, ['Observation/fasting-glucose']);
    expect(receipt).toMatchObject({ index: 4n, versions: 1n });
  });

  test('the same attack finds nothing, with all that there is', async () => {
    const found = await loot('after.backup');
    expect(found.entries).toHaveLength(5);
    expect(attack(found, glucose)).toEqual([]);
  });

  test('nothing of it is named either: not the record, not the version', async () => {
    const { octets } = await loot('after-names.backup');
    for (const name of ['fasting-glucose', 'visit-1'])
      expect(octets.filter((piece) => piece.includes(name)).map((piece) => piece.toString().slice(0, 80))).toEqual([]);
  });

  test('a backup from before still confirms it: that is why backups expire and restores erase again', async () => {
    const old = octetsOf(gunzipSync(readFileSync(path.join(folder, 'before.backup'))).toString('latin1'));
    expect(attack({ ...(await loot('after-old.backup')), octets: old }, glucose)).toEqual([TRUE_VALUE]);
  });

  test("rewritten and checkpointed, PostgreSQL's files hold neither key nor name", async () => {
    await site.tamper('VACUUM FULL record');
    await site.tamper('VACUUM FULL version');
    await site.tamper('CHECKPOINT');
    const files = Buffer.concat([await filesOf('record'), await filesOf('version')]);
    expect(files.includes('Observation/a')).toBe(true);
    expect([files.includes(wrappedBefore), files.includes('fasting-glucose'), files.includes('visit-1')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('who kept the content and the bundle proves it, to anybody', async () => {
    const report = await new Auditor(site.chain).audit(bundle, glucose(TRUE_VALUE));
    expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
    const others = GUESSES.filter((value) => value !== TRUE_VALUE);
    for (const value of others.slice(0, 3)) {
      const other = await new Auditor(site.chain).audit(bundle, glucose(value));
      expect([other.verdict, other.outcome]).toEqual(['altered', 'altered']);
    }
  });
});
