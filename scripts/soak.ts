// `npm run test:soak -- --minutes 10 [--seed N]`: random faults under load (test/soak). Not part of `npm test`.

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { main as runTests } from './test.ts';

const USAGE = 'usage: npm run test:soak -- [--minutes 10] [--seed N]\n';

/** The process's exit code: 0 when nothing was found, 1 when something was, 2 for wrong arguments. */
export async function main(args: readonly string[]): Promise<number> {
  let minutes: string;
  let seed: string;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: { type: 'string' }, seed: { type: 'string' } },
    });
    minutes = values.minutes ?? '10';
    seed = values.seed ?? String(randomInt(1, 1_000_000));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (!/^[1-9][0-9]{0,3}$/.test(minutes) || !/^[1-9][0-9]{0,8}$/.test(seed)) {
    process.stderr.write(`--minutes is a whole number from 1 to 9999, --seed one from 1 to 999999999\n${USAGE}`);
    return 2;
  }
  process.env['SOAK_MINUTES'] = minutes;
  process.env['SOAK_SEED'] = seed;
  process.stdout.write(`soaking for ${minutes} minutes with seed ${seed}\n`);
  return runTests(['--testMatch=**/test/soak/*.soak.ts', '--runInBand']);
}
