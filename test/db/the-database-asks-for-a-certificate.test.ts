// A real PostgreSQL that lets a role in by its client certificate alone (`cert` in pg_hba.conf): no password exists for either role.
// The service, its migrations and its commands come in; who shows none, another's, a stranger's or an old one does not.

import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createPool } from '../../api/src/platform/database/pool.ts';
import { migrateAsOwner } from '../../scripts/launch/migrate.ts';
import { databaseAccount } from '../../scripts/launch/postgres-account.ts';
import { APP_ROLE, SUPERUSER } from '../../scripts/launch/postgres.ts';
import { runProgram } from '../backup/support/command.ts';
import { Cluster } from '../fault/support/cluster.ts';
import { observation } from '../flow/support/records.ts';
import { Site } from '../flow/support/site.ts';
import { Authority, type Certified } from '../support/certificates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-pg-cert-'));
let ours: Authority;
let cluster: Cluster;
let site: Site;
let dataDirectory: string;
/** What the operator sets: two roles by two certificates, and no password. */
let settings: Record<string, string>;

beforeAll(async () => {
  ours = await Authority.create('ours');
  cluster = await Cluster.open();
  const asOperator = cluster.database.url;
  [{ data_directory: dataDirectory } = { data_directory: '' }] = await rows<{ data_directory: string }>(
    asOperator,
    'SHOW data_directory',
  );
  const server = await ours.issue({ ips: ['127.0.0.1'] });
  place('server.crt', server.cert);
  place('server.key', server.key);
  place('clients.crt', ours.cert);
  place('pg_hba.conf', 'hostssl all all 127.0.0.1/32 cert\n');
  await rows(
    asOperator,
    'ALTER SYSTEM SET ssl = on',
    `ALTER SYSTEM SET ssl_ca_file = 'clients.crt'`,
    `ALTER ROLE ${SUPERUSER} PASSWORD NULL`,
    'SELECT pg_reload_conf()',
  );
  await settled();
  settings = {
    DATABASE_URL: withoutPassword(asOperator, APP_ROLE),
    DATABASE_OWNER_URL: withoutPassword(asOperator, SUPERUSER),
    DATABASE_CA_FILE: file('ca.pem', ours.cert),
    ...pairOf('DATABASE', await ours.issue({ names: [APP_ROLE] })),
    ...pairOf('DATABASE_OWNER', await ours.issue({ names: [SUPERUSER] })),
  };
  const { DATABASE_OWNER_URL: url = '' } = loadConfig({ ...LOCAL, ...settings });
  site = await Site.open(async () => ({ url, drop: () => cluster.close() }));
}, 60_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What loadConfig wants to be told beside the database. */
const LOCAL = {
  CHAIN_RPC_URL: 'http://localhost:1',
  CHAIN_ID: '1',
  ANCHOR_CONTRACT: `0x${'ab'.repeat(20)}`,
  ANCHOR_KEY_FILE: 'a',
  CHECKPOINT_KEY_FILE: 'c',
  KEK_FILE: 'k',
  ISSUER_KEY_FILE: 'i',
};

/** In the server's own folder. */
function place(name: string, content: string): void {
  const target = path.join(dataDirectory, name);
  writeFileSync(target, content, { mode: 0o600 });
  const account = databaseAccount();
  if (account !== undefined) chownSync(target, account.uid, account.gid);
}

/** The postmaster reads its settings again a moment after it is asked to. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
}

function file(name: string, content: string): string {
  const place = path.join(folder, name);
  writeFileSync(place, content, { mode: 0o600 });
  return place;
}

let pairs = 0;
/** As two settings, of files of their own. */
function pairOf(who: 'DATABASE' | 'DATABASE_OWNER', { cert, key }: Certified): Record<string, string> {
  const name = `${who}-${++pairs}`;
  return { [`${who}_CERT_FILE`]: file(`${name}.pem`, cert), [`${who}_KEY_FILE`]: file(`${name}.key`, key) };
}

function withoutPassword(url: string, role: string): string {
  const parsed = new URL(url);
  [parsed.username, parsed.password] = [role, ''];
  return parsed.href;
}

/** On one connection; the rows of the last statement. */
async function rows<T extends pg.QueryResultRow>(
  connectionString: string,
  ...statements: readonly string[]
): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    let found: T[] = [];
    for (const statement of statements) found = (await client.query<T>(statement)).rows;
    return found;
  } finally {
    await client.end();
  }
}

/** With which URL the service connects, given these settings in the place of the good ones. */
function urlWith(changed: Record<string, string>): string {
  return loadConfig({ ...LOCAL, ...settings, ...changed }).DATABASE_URL;
}

/** Code and message of the failure to connect as the service's role. */
async function failure(changed: Record<string, string>): Promise<string> {
  return rows(urlWith(changed), 'SELECT 1').then(
    () => 'no failure',
    (error: NodeJS.ErrnoException) => `${error.code}: ${error.message}`,
  );
}

test('both roles come in by their certificates, migrate, append and prove; nobody has a password', async () => {
  const service = await site.start(settings);
  expect((await service.api.submit(observation('a', '1', '4.10'), 'confirmed')).status).toBe(201);
  const seen = await rows<{ role: string; dn: string; version: string }>(
    site.database.url,
    `SELECT DISTINCT usename::text AS role, client_dn AS dn, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
     WHERE application_name = 'medanchor'`,
  );
  expect(seen).toEqual([{ role: APP_ROLE, dn: `/CN=${APP_ROLE}`, version: 'TLSv1.3' }]);
  const passwords = `SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword IS NOT NULL`;
  expect(await rows(site.database.url, passwords)).toEqual([]);
  const ready = (await (await fetch(`${service.url}/health/ready`)).json()) as {
    parts: Record<string, { status: string; notAfter?: string }>;
  };
  expect(ready.parts['database-certificate']).toEqual({ status: 'up', notAfter: expect.any(String) });
  expect(ready.parts['database-role']).toEqual({ status: 'up' });
  await service.stop();
}, 60_000);

test('the commands come in alike: backup, fsck, restore, and the launcher migrates', async () => {
  const { DATABASE_URL: serviceUrl = '', DATABASE_OWNER_URL: ownerUrl = '' } = settings;
  await migrateAsOwner(serviceUrl, ownerUrl, settings);
  await expect(migrateAsOwner(serviceUrl, ownerUrl)).rejects.toThrow(/no encryption/);
  const all = { ...site.settings(), ...settings };
  const to = path.join(folder, 'now.backup');
  for (const [name, args] of [
    ['backup', ['--to', to]],
    ['fsck', []],
  ] as const) {
    const { code, output } = await runProgram(name, args, all);
    expect([name, code, output]).toEqual([name, 0, expect.any(String)]);
  }
  await rows(site.database.url, 'CREATE DATABASE restored');
  const other = (url = ''): string => new URL('/restored', url).href;
  const restore = await runProgram('restore', ['--from', to], {
    ...all,
    DATABASE_URL: other(serviceUrl),
    DATABASE_OWNER_URL: other(ownerUrl),
  });
  expect([restore.code, restore.output]).toEqual([0, expect.stringContaining('Restored and proven')]);
}, 60_000);

test('without a certificate nobody comes in: the service does not start, and a command says why', async () => {
  const none = { DATABASE_CERT_FILE: '', DATABASE_KEY_FILE: '' };
  expect(await failure(none)).toBe('28000: connection requires a valid client certificate');
  await expect(site.start({ ...settings, ...none })).rejects.toThrow(/connection requires a valid client certificate/);
  const said = await runProgram('backup', ['--to', path.join(folder, 'none.backup')], {
    ...site.settings(),
    ...settings,
    ...none,
  });
  expect([said.code, said.output]).toEqual([
    1,
    expect.stringContaining('connection requires a valid client certificate'),
  ]);
});

test.each([
  [
    'of the other role',
    () => ours.issue({ names: [SUPERUSER] }),
    `28000: certificate authentication failed for user "${APP_ROLE}"`,
  ],
  [
    'that another authority gave out for the role',
    async () => (await Authority.create('theirs')).issue({ names: [APP_ROLE] }),
    /alert unknown ca/,
  ],
  [
    'whose authority only calls itself ours',
    async () => (await Authority.create('ours')).issue({ names: [APP_ROLE] }),
    /alert (unknown ca|decrypt error)/,
  ],
  ['that has ended', () => ours.issue({ names: [APP_ROLE], days: -1 }), /alert certificate expired/],
])('a certificate %s is refused', async (_whose, issue, said) => {
  const failed = await failure(pairOf('DATABASE', await issue()));
  if (typeof said === 'string') expect(failed).toBe(said);
  else expect(failed).toMatch(said);
});

test('a key that others can read is refused before anything connects, by the service and by a command', async () => {
  const open = pairOf('DATABASE', await ours.issue({ names: [APP_ROLE] }));
  const { DATABASE_KEY_FILE: key = '' } = open;
  chmodSync(key, 0o644);
  const refusal = `database key (DATABASE_KEY_FILE): ${key} can be read by others (mode 644); use chmod 600`;
  expect(() => urlWith(open)).toThrow(refusal);
  for (const program of ['backup', 'migrate'] as const) {
    const said = await runProgram(program, program === 'backup' ? ['--to', path.join(folder, 'x.backup')] : [], {
      ...site.settings(),
      ...settings,
      ...open,
    });
    expect([said.code, said.output]).toEqual([2, expect.stringContaining(refusal)]);
  }
});

test('a renewed certificate is shown by the next connection, and a renewal that is half there fails that one only', async () => {
  const files = pairOf('DATABASE', await ours.issue({ names: [APP_ROLE], days: 1 }));
  const renew = ({ cert, key }: Certified): void => {
    writeFileSync(files['DATABASE_CERT_FILE'] ?? '', cert);
    writeFileSync(files['DATABASE_KEY_FILE'] ?? '', key, { mode: 0o600 });
  };
  const pool = createPool(urlWith(files), 1);
  const shown = async (): Promise<string | undefined> => {
    const answer = await pool.query<{ serial: string }>(
      'SELECT client_serial::text AS serial FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return answer.rows[0]?.serial;
  };
  try {
    const first = await shown();
    const held = await pool.connect();
    renew(await ours.issue({ names: [APP_ROLE] }));
    expect((await held.query('SELECT 1')).rowCount).toBe(1);
    held.release(true);
    const second = await shown();
    expect(second).not.toBe(first);

    const again = await pool.connect();
    const waiting = pool.query('SELECT 1');
    const whole = await ours.issue({ names: [APP_ROLE] });
    rmSync(files['DATABASE_KEY_FILE'] ?? '');
    // The pool opens the next connection for who waits while it takes this one back.
    again.release(true);
    await expect(waiting).rejects.toThrow(/ENOENT.*\.key/);
    renew({ cert: whole.cert, key: (await ours.issue({ names: [APP_ROLE] })).key });
    await expect(shown()).rejects.toThrow(/key values mismatch/);
    renew(whole);
    expect([first, second]).not.toContain(await shown());
  } finally {
    await pool.end();
  }
});

test('an authority that knows machines only: the server maps their names to the role', async () => {
  const machine = pairOf('DATABASE', await ours.issue({ names: ['ledger.hospital.example'] }));
  expect(await failure(machine)).toMatch(/certificate authentication failed/);
  place('pg_hba.conf', `hostssl all ${APP_ROLE} 127.0.0.1/32 cert map=medanchor\nhostssl all all 127.0.0.1/32 cert\n`);
  place('pg_ident.conf', `medanchor ledger.hospital.example ${APP_ROLE}\n`);
  await rows(site.database.url, 'SELECT pg_reload_conf()');
  await settled();
  expect(await failure(machine)).toBe('no failure');
  expect(await failure({})).toMatch(/certificate authentication failed/);
});
