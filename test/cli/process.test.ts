// The command as a process: the linked program, its exit codes, its streams. Node itself ends with 1 when something breaks; here
// 1 is a verdict, so nothing that breaks may end with it.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { CONTENT, Files, makeBundle } from './support.ts';

const PROGRAM = path.join(PROJECT_ROOT, 'verifier', 'bin', 'medanchor-verify.js');
const files = new Files();
let argv: string[];

beforeAll(async () => {
  const tsc = path.join(PROJECT_ROOT, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const built = await start([tsc, '-b', path.join(PROJECT_ROOT, 'verifier')]);
  expect(built).toMatchObject({ code: 0, stdout: '' });
  const { bundle, logKey } = await makeBundle(null);
  argv = [files.bundle('bundle.json', bundle), files.write('c.json', CONTENT), '--offline', '--log-key', logKey];
}, 120_000);

afterAll(() => files.remove());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Closes our end of standard output at once. */
  readonly deaf?: boolean;
}

function start(args: readonly string[], { env = { LC_ALL: 'C.UTF-8' }, stdin = '', deaf = false }: Options = {}) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '', ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    if (deaf) child.stdout.destroy();
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('ends with the codes of the verdicts', async () => {
  const [bundle = '', content = '', ...trust] = argv;
  const other = files.write('other.json', new TextDecoder().decode(CONTENT).replace('4.10', '4.11'));
  expect(await start([PROGRAM, ...argv])).toMatchObject({ code: 0, stderr: '' });
  expect((await start([PROGRAM, bundle, other, ...trust])).code).toBe(1);
  expect(await start([PROGRAM, bundle, content])).toMatchObject({ code: 2, stdout: '' });
  expect((await start([PROGRAM, bundle, content, '--offline'])).code).toBe(3);
  const nobody = ['--rpc', 'http://127.0.0.1:1', '--contract', `0x${'11'.repeat(20)}`];
  expect((await start([PROGRAM, bundle, ...nobody])).code).toBe(3);
});

test('reads standard input', async () => {
  const [bundle = '', ...rest] = argv;
  expect((await start([PROGRAM, '-', ...rest], { stdin: readFileSync(bundle, 'utf8') })).code).toBe(0);
  expect((await start([PROGRAM, '-', ...rest], { stdin: '' })).code).toBe(2);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['in UTF-8', { LC_ALL: 'en_US.UTF-8' }, /^✓ commitment/],
  ['with an empty LC_ALL', { LC_ALL: '', LANG: 'de_CH.utf8' }, /^✓ commitment/],
  ['in the C locale', { LC_ALL: 'C', LANG: 'en_US.UTF-8' }, /^ok {5}commitment/],
])('marks %s, without colour into a pipe', async (_name, env, first) => {
  const { stdout } = await start([PROGRAM, ...argv], { env });
  expect(stdout).toMatch(first);
  expect(stdout).not.toContain('\u001b');
});

test('a reader that leaves changes nothing about the result', async () => {
  expect(await start([PROGRAM, ...argv], { deaf: true })).toMatchObject({ code: 0, stderr: '' });
});

test('what breaks inside is never taken for a verdict', async () => {
  const breaking = files.write(
    'breaking.mjs',
    'process.stdout.write = () => { throw new Error("broken pipe of a test"); };',
  );
  const { code, stderr } = await start(['--import', breaking, PROGRAM, ...argv]);
  expect(code).toBe(3);
  expect(stderr).toBe('medanchor-verify: internal error: broken pipe of a test\n');
});

test('says how to build it when it is not built, and which Node it needs when that is too old', async () => {
  const folder = path.join(files.folder, 'verifier');
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  files.write('verifier/package.json', '{"type":"module"}');
  const unbuilt = path.join(folder, 'bin', 'medanchor-verify.js');
  copyFileSync(PROGRAM, unbuilt);
  expect(await start([unbuilt])).toEqual({
    code: 3,
    stdout: '',
    stderr: 'medanchor-verify cannot start: it is not built yet: run `npm run build` in the folder of the project\n',
  });
  const old = files.write(
    'old.mjs',
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } });',
  );
  expect(await start(['--import', old, PROGRAM])).toMatchObject({
    code: 3,
    stderr: 'medanchor-verify cannot start: it needs Node 20.19 or later, this is 18.20.4\n',
  });
});

test('is linked by npm, and tells the version of its package', async () => {
  const linked = path.join(PROJECT_ROOT, 'node_modules', '.bin', 'medanchor-verify');
  expect(realpathSync(linked)).toBe(realpathSync(PROGRAM));
  const { version } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'verifier', 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(await start([linked, '--version'])).toEqual({ code: 0, stdout: `medanchor-verify ${version}\n`, stderr: '' });
});
