// The README's five-minute tour, typed as printed, on an instance that `npm start` started: first on a fresh data folder,
// then again after kill -9, when the anchors must be the same ones.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/launch/ports.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';

const LIMIT_MS = 120_000;
const home = mkdtempSync(path.join(tmpdir(), 'medanchor-test-tour-'));
const files = mkdtempSync(path.join(tmpdir(), 'medanchor-test-tour-files-'));
let port: number;
let chainPort: number;
let instance: ChildProcess | undefined;
let contract: string;
let transaction: string;

/** Ends when the page of what is where has been printed. */
async function start(): Promise<string> {
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'scripts', 'medanchor.mjs'), 'start'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_OPTIONS: '', MEDANCHOR_HOME: home, PORT: String(port), CHAIN_PORT: String(chainPort) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  instance = child;
  let printed = '';
  return await new Promise<string>((resolve, reject) => {
    const take = (part: Buffer): void => {
      printed += part.toString();
      if (printed.includes('Ctrl-C stops everything')) resolve(printed);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => reject(new Error(`start ended with ${String(code)}:\n${printed}`)));
  });
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const child = instance;
  instance = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

const tour =
  readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8').split('## Five-minute tour')[1]?.split('\n## ')[0] ?? '';
const blocks = [...tour.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text);

/** One shell for the whole tour, as the reader has one; ports and /tmp are replaced, nothing else. */
function type(...texts: readonly string[]): string {
  const script = texts
    .join('\n')
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${String(port)}`)
    .replaceAll('127.0.0.1:8545', `127.0.0.1:${String(chainPort)}`)
    .replaceAll('/tmp/', `${files}/`);
  const ran = spawnSync('bash', ['-c', script], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
    // As in a shell where the reader has set what they gave to `npm start`.
    env: { ...process.env, NODE_OPTIONS: '', MEDANCHOR_HOME: home, PORT: String(port) },
  });
  return ran.stdout + ran.stderr;
}

beforeAll(async () => {
  port = await freePort();
  chainPort = await freePort();
}, 30_000);

afterAll(async () => {
  await stop('SIGTERM');
  rmSync(home, { recursive: true, force: true });
  rmSync(files, { recursive: true, force: true });
}, 60_000);

describe('a newcomer', () => {
  test(
    'starts it, and is told what is where',
    async () => {
      const page = await start();
      expect(page).toContain(`http://127.0.0.1:${String(port)}/api/docs`);
      expect(page).toContain('chain            31337');
      contract = /contract +(0x[0-9a-f]{40})/.exec(page)?.[1] ?? '';
      expect(contract).toMatch(/^0x/);
    },
    LIMIT_MS,
  );

  test(
    'types the tour as printed and sees what it says',
    () => {
      const [token = '', verify = '', changed = '', copies = '', submit = '', rewrite = '', audit = '', ...rest] =
        blocks;
      const [disclose = '', machine = ''] = rest;
      expect(blocks).toHaveLength(9);
      expect(type(verify)).toContain('"code":"token-invalid"');
      expect(type(token, verify)).toMatch(/"verdict":"identical".*"outcome":"intact"/);
      expect(type(token, verify, changed)).toContain('"verdict":"altered"');
      const reprinted = type(token, verify, copies);
      expect(reprinted).toContain('"verdict":"equal-exact"');
      expect(reprinted).toContain('"verdict":"equal","flags":["precision-differs"]');
      expect(type(token, submit)).toContain('"state":"confirmed"');
      const refused = type(token, rewrite);
      expect(refused).toContain('"code":"history-rewritten"');
      expect(refused).toContain('"kind":"history-rewritten"');
      const audited = type(token, audit);
      expect(audited).toContain('Result:   Intact');
      expect(audited).toContain(`contract ${contract}`);
      transaction = /transaction (0x[0-9a-f]{64})/.exec(audited)?.[1] ?? '';
      expect(transaction).toMatch(/^0x/);
      const disclosed = type(token, audit, disclose);
      expect(disclosed).toContain('Field:    /valueQuantity/value = 70.50');
      expect(disclosed).not.toContain('Body weight');
      // A machine with a key of its own, by the whole of SMART Backend Services.
      expect(type(machine, verify)).toMatch(/"verdict":"identical".*"outcome":"intact"/);
    },
    LIMIT_MS,
  );
});

describe('after kill -9', () => {
  test(
    'the next start recovers without help, and the old proof names the same transaction',
    async () => {
      await stop('SIGKILL');
      const page = await start();
      expect(page).toContain(contract);
      const audited = type(
        `npm run --silent verify -- /tmp/tour.bundle.json /tmp/tour.json --rpc http://127.0.0.1:8545 --contract ${contract}`,
      );
      expect(audited).toContain('Result:   Intact');
      expect(audited).toContain(transaction);
    },
    LIMIT_MS,
  );
});
