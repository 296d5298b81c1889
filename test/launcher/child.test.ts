// Children of the launcher: told to stop in time, killed when they are deaf, and gone when the launcher is.

import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { startChild, type Child } from '../../scripts/launch/child.ts';
import { processStart } from '../../scripts/prepare/lock.mjs';

const CHILD_MODULE = new URL('../../scripts/launch/child.ts', import.meta.url).href;

async function start(code: string, graceMs = 5000): Promise<{ child: Child; lines: string[] }> {
  const lines: string[] = [];
  let ready: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (ready = resolve));
  const child = startChild({
    name: 'the child',
    command: process.execPath,
    args: ['--eval', code],
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    stopSignal: 'TERM',
    graceMs,
    onLine: (line) => {
      lines.push(line);
      ready();
    },
  });
  await started;
  return { child, lines };
}

async function eventually(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 8000; Date.now() < deadline;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen within 8 s');
}

test('stops with its own signal, after its own cleaning up', async () => {
  const { child, lines } = await start(
    `process.on('SIGTERM', () => { console.log('cleaned up'); process.exit(0); }); console.log(process.pid); setInterval(() => {}, 1000);`,
  );
  await child.stop();
  expect(lines[1]).toBe('cleaned up');
  expect(await child.exited).toBe('the child ended with exit code 0');
  expect(processStart(Number(lines[0]))).toBeNull();
}, 20_000);

test('is killed when it does not listen', async () => {
  const { child, lines } = await start(
    `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000);`,
    300,
  );
  await child.stop();
  expect(processStart(Number(lines[0]))).toBeNull();
}, 20_000);

test('its own end is reported with the exit code', async () => {
  const { child } = await start(`console.log('x'); process.exit(7);`);
  expect(await child.exited).toBe('the child ended with exit code 7');
  await child.stop();
}, 20_000);

test('its crash is reported with the signal', async () => {
  const { child } = await start(`console.log('x'); process.kill(process.pid, 'SIGKILL');`);
  expect(await child.exited).toBe('the child was ended by signal 9');
}, 20_000);

test('a program that does not exist is reported', async () => {
  const child = startChild({
    name: 'the child',
    command: '/does/not/exist',
    args: [],
    env: {},
    cwd: '/',
    stopSignal: 'TERM',
    graceMs: 1000,
    onLine: () => undefined,
  });
  expect(await child.exited).toBe('the child ended with exit code 127');
}, 20_000);

test('kill -9 of the launcher ends its children', async () => {
  const code = `import { startChild } from ${JSON.stringify(CHILD_MODULE)};
    startChild({ name: 'c', command: process.execPath, args: ['--eval', 'console.log(process.pid); setInterval(() => {}, 1000);'],
      env: {}, cwd: '/', stopSignal: 'TERM', graceMs: 1000, onLine: (line) => console.log(line) });`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(
    await new Promise((resolve) => launcher.stdout.once('data', (chunk) => resolve(String(chunk).trim()))),
  );
  expect(processStart(pid)).toMatch(/./);
  launcher.kill('SIGKILL');
  await eventually(() => processStart(pid) === null);
}, 20_000);
