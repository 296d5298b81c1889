// `npm run fsck`, as an operator types it: beside a running `npm start` on the same data folder, whose database and chain
// it uses; without one, on its own; and on a folder that holds no ledger.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startInstance, type Instance } from '../../scripts/launch/instance.ts';
import { operatorToken } from '../../scripts/launch/token.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { loadSettings, PROJECT_ROOT } from '../../scripts/launch/settings.ts';

const home = mkdtempSync(path.join(tmpdir(), 'medanchor-test-fsck-'));
let instance: Instance;
let environment: Record<string, string>;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function fsck(args: readonly string[], changed: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'scripts', 'medanchor.mjs'), 'fsck', ...args], {
    cwd: PROJECT_ROOT,
    env: { ...environment, ...changed },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

async function tamper(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: instance.databaseUrl });
  await client.connect();
  await client.query('SET session_replication_role = replica');
  await client.query(statement);
  await client.end();
}

beforeAll(async () => {
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    TMPDIR: process.env['TMPDIR'] ?? tmpdir(),
    MEDANCHOR_HOME: home,
    PORT: String(await freePort()),
    CHAIN_PORT: String(await freePort()),
    LOG_ORIGIN: 'fsck.medanchor.local/log/1',
    ANCHOR_INTERVAL_MS: '200',
    CHECKPOINT_INTERVAL_MS: '100',
    // On a slow machine the access log's own entry would come in between, and the sizes below be others.
    ACCESS_LOG_ANCHOR_INTERVAL_MS: '86400000',
  };
  instance = await startInstance({
    settings: loadSettings(environment),
    environment,
    step: () => undefined,
    notice: () => undefined,
  });
  const authorization = `Bearer ${await operatorToken(instance.env)}`;
  for (const id of ['1', '2', '3']) {
    const answer = await fetch(
      `${instance.apiUrl}/v1/records/ehr/note/versions?versionId=${id}&wait=confirmed&timeoutMs=60000`,
      { method: 'POST', headers: { 'content-type': 'text/plain', authorization }, body: `note ${id}` },
    );
    expect(((await answer.json()) as { state: string }).state).toBe('confirmed');
  }
}, 120_000);

afterAll(async () => {
  await instance.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe('beside the running instance', () => {
  test('clean: exit code 0, the report as JSON, and the instance goes on', async () => {
    // The ports of the instance are taken, and need not be known to the command.
    const { code, out, err } = await fsck(['--json'], { PORT: '1', CHAIN_PORT: '2' });
    expect([code, err]).toEqual([0, expect.not.stringContaining('starting')]);
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({ mode: 'full', size: '3', entries: '3', findingCount: '0', findings: [] });
    expect(report['chain']).toMatchObject({ status: 'passed', size: '3', root: report['root'] });
    expect((await fetch(`${instance.apiUrl}/health/ready`)).status).toBe(200);
  }, 60_000);

  test('with a database and a chain of one’s own: the same ones, by their addresses', async () => {
    const { code, out } = await fsck(['--incremental'], {
      DATABASE_URL: instance.databaseUrl,
      CHAIN_RPC_URL: instance.chainUrl,
    });
    expect(code).toBe(0);
    expect(out).toContain('incremental sweep 2: 0 entries from 3 on');
    expect(out).toContain('Nothing wrong was found.\n');
  }, 60_000);

  test('the chain does not answer: exit code 3, skipped, not passed', async () => {
    const { code, out } = await fsck([], {
      DATABASE_URL: instance.databaseUrl,
      CHAIN_RPC_URL: 'http://127.0.0.1:9',
    });
    expect(code).toBe(3);
    expect(out).toContain('  skipped  chain: the chain does not answer as expected');
    expect(out).toContain('Nothing wrong was found, but not everything could be checked.\n');
  }, 60_000);

  test('something was changed: exit code 1, and what it was', async () => {
    await tamper(`UPDATE version SET activity = 'delete' WHERE index = 1`);
    const { code, out } = await fsck([]);
    expect(code).toBe(1);
    expect(out).toContain('  FAILED   versions: see the findings');
    expect(out).toMatch(/^fault version-changed \(version index 1 record \d+ seq 2 field activity\)$/m);
    expect(out).toContain('activity is delete, the entry says update');
  }, 60_000);

  test('usage: exit code 2', async () => {
    const { code, err } = await fsck(['--everything']);
    expect([code, err]).toEqual([2, expect.stringContaining('usage: npm run fsck')]);
    const wrong = await fsck([], { FSCK_INTERVAL_MS: 'often' });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('FSCK_INTERVAL_MS must be milliseconds')]);
  }, 60_000);
});

describe('without a running instance', () => {
  test('it starts database and chain for itself, finds the same, and stops them', async () => {
    await instance.stop();
    const { code, out, err } = await fsck([]);
    expect([code, err]).toEqual([1, expect.stringContaining('medanchor: starting PostgreSQL')]);
    expect(out).toContain('chain passed, size 3');
    const { port } = JSON.parse(readFileSync(path.join(home, 'postgres.json'), 'utf8')) as { port: number };
    expect(spawnSync('sh', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]).status).not.toBe(0);
  }, 90_000);

  test('a folder without a ledger: exit code 2, and none is made', async () => {
    const empty = path.join(home, 'empty');
    const { code, err } = await fsck([], { MEDANCHOR_HOME: empty });
    expect([code, err]).toEqual([2, expect.stringContaining(`there is no ledger in ${empty}`)]);
    expect(spawnSync('ls', [empty]).status).not.toBe(0);
  }, 30_000);
});
