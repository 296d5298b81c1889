// Runs the Solidity fuzz tests of contracts/**/*.t.sol, in a process of their own, and demands that every test function
// that is written there really ran.

import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `Contract.testFunction`, as found in the sources. */
async function writtenTests(): Promise<string[]> {
  const names: string[] = [];
  for await (const file of glob('contracts/**/*.t.sol', { cwd: ROOT })) {
    const source = await readFile(`${ROOT}/${file}`, 'utf8');
    const contract = /^contract (\w+)/m.exec(source)?.[1];
    for (const [, name] of source.matchAll(/function (test\w+)/g)) names.push(`${contract}.${name}`);
  }
  return names.sort();
}

test('every Solidity test succeeds', async () => {
  const run = promisify(execFile)(process.execPath, ['scripts/solidity-tests.ts'], { cwd: ROOT });
  const { stdout } = await run.catch((error: unknown) => {
    throw new Error('the Solidity tests failed', { cause: error });
  });
  const outcomes = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, string>;
  const byName = Object.entries(outcomes).map(
    ([signature, status]) => [signature.replace(/\(.*/, ''), status] as const,
  );
  expect(byName.filter(([, status]) => status !== 'Success')).toEqual([]);
  expect(byName.map(([name]) => name).sort()).toEqual(await writtenTests());
  expect(byName.length).toBeGreaterThanOrEqual(10);
}, 120_000);
