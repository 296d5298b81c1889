// A real PostgreSQL that takes TLS connections only: migrations, pools, TypeORM, COPY and the commands reach it by the same URL;
// nobody who is shown another authority's or another machine's certificate sends it a password.

import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { createPool } from '../../api/src/platform/database/pool.ts';
import { databaseAccount } from '../../scripts/launch/postgres-account.ts';
import { runProgram } from '../backup/support/command.ts';
import { Cluster } from '../fault/support/cluster.ts';
import { observation } from '../flow/support/records.ts';
import { Site } from '../flow/support/site.ts';
import { Authority, type Certified } from '../support/certificates.ts';
import { bothRoles } from '../support/database.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-pg-tls-'));
const caFile = path.join(folder, 'ca.pem');
let cluster: Cluster;
let ours: Authority;
let site: Site;
let dataDirectory: string;

beforeAll(async () => {
  ours = await Authority.create('ours');
  writeFileSync(caFile, ours.cert);
  cluster = await Cluster.open();
  dataDirectory = await administer<{ data_directory: string }>('SHOW data_directory').then(
    (rows) => rows[0]?.data_directory ?? '',
  );
  present(await ours.issue({ ips: ['127.0.0.1'] }));
  await administer('ALTER SYSTEM SET ssl = on');
  await administer('SELECT pg_reload_conf()');
  site = await Site.open(async () => cluster.database);
  const hba = path.join(dataDirectory, 'pg_hba.conf');
  // From here on, nobody without TLS.
  writeFileSync(hba, readFileSync(hba, 'utf8').replaceAll(/^host /gm, 'hostssl '));
  await reload();
}, 60_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As the operator on the machine itself, who trusts what is there. */
async function administer<T extends pg.QueryResultRow>(statement: string): Promise<T[]> {
  const url = new URL(cluster.database.url);
  const plain = new pg.Client({ connectionString: url.href });
  plain.on('error', () => undefined);
  const client = await plain.connect().then(
    () => plain,
    async () => {
      // Also when it presents the certificate of another machine, which is what a story here is about.
      const ssl = { ca: ours.cert, checkServerIdentity: () => undefined };
      const secure = new pg.Client({ connectionString: url.href, ssl });
      await secure.connect();
      return secure;
    },
  );
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The settings are re-read by the postmaster, a moment later. */
async function reload(): Promise<void> {
  await administer('SELECT pg_reload_conf()');
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** As the server's certificate; PostgreSQL wants the key to be its own, and nobody else's. */
function present({ cert, key }: Certified): void {
  const account = databaseAccount();
  for (const [name, content] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    const file = path.join(dataDirectory, name);
    rmSync(file, { force: true });
    writeFileSync(file, content, { mode: 0o600 });
    if (account !== undefined) chownSync(file, account.uid, account.gid);
  }
}

/** What the service is told: `DATABASE_CA_FILE`, and the URL of the owner that comes of it. */
function urlWith(settings: Record<string, string>): string {
  return loadConfig({ ...site.environment(), ...settings }).DATABASE_OWNER_URL ?? '';
}

async function failure(url: string): Promise<string> {
  return migrate(url).then(
    () => 'no failure',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

test('without TLS it is refused', async () => {
  expect(await failure(cluster.database.url)).toBe('28000');
});

test('migrations, the pool and TypeORM come by TLS, and the service works', async () => {
  const url = urlWith({ DATABASE_CA_FILE: caFile });
  await migrate(url);
  const pool = createPool(url, 1);
  const { rows } = await pool.query<{ version: string }>(
    'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  );
  await pool.end();
  expect(rows).toEqual([{ version: 'TLSv1.3' }]);
  const service = await site.start({ DATABASE_CA_FILE: caFile });
  expect((await service.api.submit(observation('a', '1', '4.10'), 'confirmed')).status).toBe(201);
  const connections = await administer<{ ssl: boolean; name: string }>(
    `SELECT DISTINCT ssl, application_name AS name FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'medanchor%'`,
  );
  expect(connections).toEqual([{ ssl: true, name: 'medanchor' }]);
  await service.stop();
}, 60_000);

test('a backup is read by TLS, and a restore is written', async () => {
  const file = path.join(folder, 'now.backup');
  const settings = { ...site.settings(), DATABASE_CA_FILE: caFile };
  const backup = await runProgram('backup', ['--to', file], settings);
  expect([backup.code, backup.output]).toEqual([0, expect.any(String)]);
  await administer('CREATE DATABASE restored');
  const target = new URL(cluster.database.url);
  target.pathname = '/restored';
  const restore = await runProgram('restore', ['--from', file], { ...settings, ...bothRoles(target.href) });
  expect([restore.code, restore.output]).toEqual([0, expect.stringContaining('Restored and proven')]);
}, 60_000);

test('an authority that did not sign it: no connection, in the service and in its commands', async () => {
  const other = path.join(folder, 'other.pem');
  writeFileSync(other, (await Authority.create('theirs')).cert);
  expect(await failure(urlWith({ DATABASE_CA_FILE: other }))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  await expect(site.start({ DATABASE_CA_FILE: other })).rejects.toThrow(/unable to verify the first certificate/);
  const said = await runProgram('backup', ['--to', path.join(folder, 'none.backup')], {
    ...site.settings(),
    DATABASE_CA_FILE: other,
  });
  expect([said.code, said.output]).toEqual([1, expect.stringContaining('unable to verify the first certificate')]);
  // sslmode=verify-full alone means the public authorities.
  const url = new URL(cluster.database.url);
  url.searchParams.set('sslmode', 'verify-full');
  expect(await failure(url.href)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('a certificate of our authority for another machine: no connection', async () => {
  present(await ours.issue({ ips: ['127.0.0.2'], names: ['other.example'] }));
  await reload();
  expect(await failure(urlWith({ DATABASE_CA_FILE: caFile }))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  present(await ours.issue({ ips: ['127.0.0.1'] }));
  await reload();
  expect(await failure(urlWith({ DATABASE_CA_FILE: caFile }))).toBe('no failure');
});
