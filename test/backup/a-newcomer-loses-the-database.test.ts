// `npm start`, a backup beside it, and then the folder of the database is gone. With the keys and the chain that are left,
// the restore brings everything back, and the proof from before still names the same transaction.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/launch/ports.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { runVerifier } from '../flow/support/cli.ts';
import { observation } from '../flow/support/records.ts';
import { RecordSystem } from '../flow/support/record-system.ts';
import { signInAt } from '../support/sign-in.ts';
import { run } from './support/command.ts';

const home = mkdtempSync(path.join(tmpdir(), 'medanchor-test-newcomer-'));
const file = path.join(home, 'first.backup');
const version = observation('mine', '1', '4.10');
let settings: Record<string, string>;
let api: RecordSystem;
let instance: ChildProcess | undefined;
let proof: string;
let contract: string;

beforeAll(async () => {
  const [port, chainPort] = [await freePort(), await freePort()];
  settings = { MEDANCHOR_HOME: home, PORT: String(port), CHAIN_PORT: String(chainPort), MEDANCHOR_SAMPLE: 'off' };
  const environment = { PORT: String(port), ISSUER_KEY_FILE: path.join(home, 'keys', 'issuer.key') };
  signInAt(`http://127.0.0.1:${port}`, environment);
  api = new RecordSystem(`http://127.0.0.1:${port}`);
}, 60_000);

afterAll(async () => {
  await stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

async function startInstance(): Promise<void> {
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'scripts', 'medanchor.mjs'), 'start'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_OPTIONS: '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  instance = child;
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const take = (part: Buffer): void => {
      printed += part.toString();
      if (printed.includes('Ctrl-C stops everything')) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => reject(new Error(`start ended with ${String(code)}:\n${printed}`)));
  });
}

async function stop(): Promise<void> {
  const child = instance;
  instance = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

describe('a newcomer', () => {
  test('has nothing to back up before the first start', async () => {
    const { code, output } = await run('backup', ['--to', file], settings);
    expect([code, output]).toEqual([1, expect.stringContaining('there is no ledger in')]);
  }, 60_000);

  test('backs up beside the running service', async () => {
    await startInstance();
    await api.submit(version, 'confirmed');
    proof = await api.bundle(version);
    ({ contract } = await api.log());
    const { code, output } = await run('backup', ['--to', file], settings);
    expect([code, output]).toEqual([0, expect.stringContaining('1 entries, tree of 1')]);
    expect(output).toContain(`anchored up to 1, epoch 1 in ${contract} on chain 31337`);
    await stop();
  }, 90_000);

  test('loses the database, and is told what is missing before anything is made', async () => {
    const { cluster } = JSON.parse(readFileSync(path.join(home, 'postgres.json'), 'utf8')) as { cluster: string };
    rmSync(cluster, { recursive: true });
    renameSync(path.join(home, 'keys', 'kek.key'), path.join(home, 'escrow.key'));
    const { code, output } = await run('restore', ['--from', file], settings);
    expect([code, output]).toEqual([
      2,
      expect.stringMatching(/a restore makes none\. Bring from their escrow:\n.*kek\.key \(KEK_FILE\)/),
    ]);
    expect([existsSync(cluster), existsSync(path.join(home, 'keys', 'kek.key'))]).toEqual([false, false]);
    renameSync(path.join(home, 'escrow.key'), path.join(home, 'keys', 'kek.key'));
  }, 60_000);

  test('restores with one command, also without the file that remembers the contract: exit 0', async () => {
    rmSync(path.join(home, 'deployment.json'));
    const { code, output } = await run('restore', ['--from', file], settings);
    expect([code, output]).toEqual([0, expect.stringContaining('Restored and proven')]);
    expect(JSON.parse(readFileSync(path.join(home, 'deployment.json'), 'utf8'))).toMatchObject({
      state: 'done',
      contract,
    });
  }, 90_000);

  test('starts again: same contract, same transaction, still intact', async () => {
    await startInstance();
    const log = await api.log();
    expect([log.contract, log.chain.state, log.sizes.confirmed]).toEqual([contract, 'ok', '1']);
    const { code, output } = runVerifier(proof, version.content, [
      '--rpc',
      `http://127.0.0.1:${settings['CHAIN_PORT'] ?? ''}`,
      '--contract',
      contract,
    ]);
    expect([code, output]).toEqual([0, expect.stringContaining('Intact')]);
    expect(await api.bundle(version)).toBe(proof);
    // A restore into a folder in use is refused by the folder itself.
    const refused = await run('restore', ['--from', file], settings);
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('MedAnchor is already running on')]);
    await stop();
    const again = await run('backup', ['--to', `${file}.stopped`], settings);
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('starting PostgreSQL')]);
  }, 90_000);
});
