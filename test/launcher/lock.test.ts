// The lock of the data folder: one holder at a time, and no stale lock after kill -9.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { dataFolderAt, openDataFolder } from '../../scripts/launch/data-folder.ts';
import { acquireLock, LockHeldError, processStart } from '../../scripts/prepare/lock.mjs';

const LOCK_MODULE = new URL('../../scripts/prepare/lock.mjs', import.meta.url).href;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-lock-'));
  file = path.join(folder, 'lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes the lock and says so; it then waits to be killed, or ends at once. */
async function otherHolder(then: 'wait' | 'end'): Promise<{ pid: number; kill: () => Promise<void> }> {
  const code = `import { acquireLock } from ${JSON.stringify(LOCK_MODULE)};
    acquireLock(${JSON.stringify(file)}); console.log('held'); ${then === 'wait' ? 'setInterval(() => {}, 1000);' : ''}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  if (then === 'end') await exited;
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('a lock is held once, and free again after its release', () => {
  const lock = acquireLock(file);
  expect(() => acquireLock(file)).toThrow(LockHeldError);
  lock.release();
  acquireLock(file).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('another living process is named', async () => {
  const other = await otherHolder('wait');
  try {
    expect(() => acquireLock(file)).toThrow(`held by the running process ${String(other.pid)}`);
  } finally {
    await other.kill();
  }
});

test('after kill -9 the next one simply gets it', async () => {
  const other = await otherHolder('wait');
  await other.kill();
  acquireLock(file).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that ended without a release is no holder', async () => {
  await otherHolder('end');
  acquireLock(file).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a process id that now belongs to somebody else is no holder', () => {
  // This very process runs, but it did not start when the lock says.
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'boot/1' }));
  const lock = acquireLock(file);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ pid: process.pid, started: processStart(process.pid) });
  lock.release();
});

test.each(['', '{', '{"pid":-1,"started":"x"}', 'null'])('a damaged lock file (%j) is no holder', (content) => {
  writeFileSync(file, content);
  const lock = acquireLock(file);
  expect(() => acquireLock(file)).toThrow(LockHeldError);
  lock.release();
});

test('a lock that was taken over is not removed by its former holder', () => {
  const first = acquireLock(file);
  writeFileSync(file, JSON.stringify({ pid: 1, started: 'somebody else' }));
  first.release();
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('of many processes that find a stale lock exactly one gets it', async () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'boot/1' }));
  const code = `import { acquireLock } from ${JSON.stringify(LOCK_MODULE)};
    try { acquireLock(${JSON.stringify(file)}); console.log('held'); } catch (error) { console.log(error.name); }
    setTimeout(() => {}, 1500);`;
  const outputs = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      await new Promise((resolve) => child.once('close', resolve));
      return output.trim();
    }),
  );
  expect(outputs.sort()).toEqual([
    'LockHeldError',
    'LockHeldError',
    'LockHeldError',
    'LockHeldError',
    'LockHeldError',
    'held',
  ]);
}, 20_000);

test('a second launcher on the same data folder is told so', () => {
  const data = dataFolderAt(path.join(folder, 'data'));
  const lock = openDataFolder(data);
  expect(() => openDataFolder(data)).toThrow(/already running on .*data \(process [0-9]+\).*MEDANCHOR_HOME/);
  lock.release();
});

test('a data folder that cannot be made is named, with the variable that changes it', () => {
  writeFileSync(file, 'a file, not a folder');
  expect(() => openDataFolder(dataFolderAt(path.join(file, 'data')))).toThrow(/cannot be used: .*MEDANCHOR_HOME/);
});
