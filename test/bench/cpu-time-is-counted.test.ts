// CPU time of a part is that of its whole tree of processes, those that ended included: PostgreSQL does its work in children.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { meterCpu } from '../../scripts/bench/harness/cpu-meter.ts';

const BUSY = 'const end = process.cpuUsage().user + 400_000; while (process.cpuUsage().user < end);';
const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

onLinux('a child that works and ends counts for its parent', async () => {
  const stop = meterCpu({ here: process.pid });
  await promisify(execFile)(process.execPath, ['-e', BUSY]);
  const { seconds, othersShare } = stop();
  expect(seconds['here']).toBeGreaterThanOrEqual(0.4);
  expect(othersShare).toBeLessThanOrEqual(1);
});

onLinux('a process that sleeps has used nothing', async () => {
  const sleeper = spawn('sleep', ['60']);
  try {
    const stop = meterCpu({ sleeper: sleeper.pid ?? null, gone: null });
    await promisify(execFile)(process.execPath, ['-e', BUSY]);
    expect(stop().seconds).toEqual({ sleeper: 0, gone: null });
  } finally {
    sleeper.kill();
  }
});
