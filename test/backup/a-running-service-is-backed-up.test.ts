// A backup is taken while the service takes submissions as fast as it can. What is restored from it is one moment of the
// ledger, whole: every table, every row, and the service goes on from it.

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readHeader, verifyContainer } from '../../api/src/backup/container-reader.ts';
import type { BackupManifest } from '../../api/src/backup/manifest.ts';
import { Auditor } from '../flow/support/auditor.ts';
import { observation } from '../flow/support/records.ts';
import { eventually } from '../flow/support/site.ts';
import { runProgram } from './support/command.ts';
import { contentOf, query, record, Ward } from './support/ward.ts';

let ward: Ward;
let quiet: string;
let keptProof: string;
const first = observation('first', '1', '4.10');

beforeAll(async () => {
  ward = await Ward.open();
}, 60_000);

afterAll(async () => ward.close());

describe('under load', () => {
  let busy: string;
  let manifest: BackupManifest;

  beforeAll(async () => {
    const service = await ward.site.start();
    await service.api.submit(first, 'confirmed');
    // Somebody whose second factor is in another table.
    await query(
      ward.site.database.url,
      `WITH person AS (INSERT INTO account (id, tenant_id, login, roles, password_hash, enrolled_at)
         SELECT gen_random_uuid(), id, 'ada@larkmoor.example', '{auditor}', 'no password', now() FROM tenant LIMIT 1 RETURNING id)
       INSERT INTO passkey (id, account_id, credential_id, public_key, sign_count, backup_eligible, name)
         SELECT gen_random_uuid(), id, '\\x01', '\\x02', 7, false, 'Laptop' FROM person`,
    );
    keptProof = await service.api.bundle(first);
    const load = new AbortController();
    let sent = 0;
    const loaded = (async () => {
      for (let round = 0; !load.signal.aborted; round += 1) {
        const versions = Array.from({ length: 50 }, (_, at) => observation(`load${round}-${at}`, '1', '5.00'));
        sent += (await service.api.submitMany(versions)).length;
      }
    })();
    await eventually(
      'a load',
      async () => sent,
      (count) => count >= 400,
    );
    const before = sent;
    const { ending, file } = await ward.backup('busy');
    busy = file;
    // Smaller rounds than a backup takes, so some of them began and ended beside it.
    const beside = sent - before;
    load.abort();
    await loaded;
    expect(ending.code).toBe(0);
    expect(beside).toBeGreaterThan(0);
    await service.stop();
    manifest = await verifyContainer(file);
  }, 60_000);

  test('the file is for its owner only, and says at its beginning what it is of', async () => {
    expect(statSync(busy).mode & 0o777).toBe(0o600);
    const { tables: _tables, sequences: _sequences, ...header } = manifest;
    expect(await readHeader(busy)).toEqual(header);
    expect(header.logs.map(({ origin }) => origin)).toEqual(['test.medanchor.local/log/1']);
  });

  test('every table of the schema is in it', async () => {
    const stored = Object.keys(await contentOf(ward.site.database.url)).sort();
    expect(manifest.tables.map(({ name }) => name).sort()).toEqual(stored);
    expect(stored).toContain('entry_batch');
    expect(stored.length).toBeGreaterThanOrEqual(14);
  });

  test('it is one moment: sequence, batches and versions agree, and it proves itself up to its newest anchor', async () => {
    const { code, output, databaseUrl } = await ward.restore(busy);
    // The service went on after the backup: the chain knows more.
    expect(output).toMatch(/chain {6}(behind|complete): /);
    expect([0, 1]).toContain(code);
    const [counts] = await query<Record<string, string>>(
      databaseUrl,
      `SELECT (SELECT next_index FROM log_sequence)::text AS sequence, (SELECT sum(entry_count) FROM entry_batch)::text AS batches,
         (SELECT count(*) FROM version)::text AS versions, (SELECT sum(head_seq) FROM record)::text AS heads`,
    );
    const { sequenced } = manifest.logs[0] ?? { sequenced: '' };
    expect(counts).toEqual({ sequence: sequenced, batches: sequenced, versions: sequenced, heads: sequenced });
    expect(BigInt(sequenced)).toBeGreaterThan(1n);
  }, 30_000);
});

describe('at rest', () => {
  let restored: string;

  beforeAll(async () => {
    const service = await ward.site.start();
    await record(service, 'last', 3);
    await service.stop();
    const { ending, file } = await ward.backup('quiet');
    expect(ending.code).toBe(0);
    expect(ending.output).toContain('No key is in it.');
    quiet = file;
  }, 60_000);

  test('nothing that was anchored is missing: exit 0', async () => {
    const { code, output, databaseUrl } = await ward.restore(quiet);
    expect([code, output]).toEqual([
      0,
      expect.stringContaining('Restored and proven: nothing that was anchored is missing'),
    ]);
    expect(output).toContain('all agree');
    expect(output).toMatch(/keys {7}256 of 256 sampled record keys open with KEK_FILE/);
    restored = databaseUrl;
  }, 30_000);

  test('no superuser is needed: the owner of an empty database will do', async () => {
    const admin = new URL(ward.site.database.url);
    admin.pathname = '/postgres';
    const role = `test_owner_${randomBytes(6).toString('hex')}`;
    await query(admin.href, `CREATE ROLE ${role} LOGIN PASSWORD 'owner'`);
    try {
      await query(admin.href, `CREATE DATABASE ${role} OWNER ${role}`);
      const owned = new URL(`/${role}`, admin);
      [owned.username, owned.password] = [role, 'owner'];
      const { code } = await ward.restoreHere(quiet, { DATABASE_URL: owned.href });
      expect(code).toBe(0);
      const file = ward.file('owned');
      expect((await runProgram('backup', ['--to', file], ward.settings(owned.href))).code).toBe(0);
      const { tables } = await verifyContainer(file);
      // What was restored is backed up again: the same rows, octet for octet, but for the event of the restore.
      const before = (await verifyContainer(quiet)).tables;
      const others = (all: typeof tables): typeof tables =>
        all.filter(({ name }) => !/^access_(event|head)$/.test(name));
      const events = (all: typeof tables): number => Number(all.find(({ name }) => name === 'access_event')?.rows);
      expect(others(tables)).toEqual(others(before));
      expect(events(tables)).toBe(events(before) + 1);
    } finally {
      await query(admin.href, `DROP DATABASE IF EXISTS ${role} WITH (FORCE)`);
      await query(admin.href, `DROP ROLE ${role}`);
    }
  }, 30_000);

  test('every row of every table is there', async () => {
    const [before, after] = [await contentOf(ward.site.database.url), await contentOf(restored)];
    expect(after).toEqual(before);
  });

  test('triggers refuse as before, and sequences go on where they stood', async () => {
    const [triggers] = await query<{ off: string }>(
      restored,
      `SELECT count(*)::text AS off FROM pg_trigger WHERE tgenabled <> 'O'`,
    );
    expect(triggers).toEqual({ off: '0' });
    await expect(query(restored, 'DELETE FROM entry_batch')).rejects.toThrow('the ledger is append-only');
    await expect(query(restored, 'DELETE FROM passkey')).rejects.toThrow('without a second factor');
    const next = (url: string): Promise<{ next: string }[]> =>
      query(url, `SELECT (last_value + CASE WHEN is_called THEN 1 ELSE 0 END)::text AS next FROM record_id_seq`);
    expect(await next(restored)).toEqual(await next(ward.site.database.url));
  });

  test('the service goes on from it, and the proof that somebody kept still holds', async () => {
    const service = await ward.site.start({ DATABASE_URL: restored });
    expect((await service.api.submit(observation('after', '1', '4.30'), 'confirmed')).body.state).toBe('confirmed');
    expect((await service.api.verify(first)).body).toMatchObject({ verdict: 'identical', outcome: 'intact' });
    expect((await service.api.log()).chain.state).toBe('ok');
    await service.stop();
    expect((await new Auditor(ward.site.chain).audit(keptProof, first)).outcome).toBe('intact');
  }, 30_000);

  test('a second restore into the same database is refused, and says what is allowed', async () => {
    const { code, output } = await ward.restore(quiet, { databaseUrl: restored });
    expect(code).toBe(1);
    expect(output).toMatch(/this database is in use: the table (access_event|log|entry_batch) holds rows/);
    expect(output).toContain('into an empty database only');
  });

  test('a backup is never overwritten', async () => {
    const before = statSync(quiet).mtimeMs;
    const { ending } = await ward.backup('quiet');
    expect(ending.code).toBe(1);
    expect(ending.output).toContain('exists; a backup is never overwritten');
    expect(statSync(quiet).mtimeMs).toBe(before);
  });
});
