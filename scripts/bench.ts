// `npm run bench`: measures the service beside baselines in one run and prints ratios. Throw-away data, free ports; nothing
// is left behind but the results. Called by medanchor.mjs when all is prepared.

import { parseBenchArguments, USAGE } from './bench/arguments.ts';
import { runBench } from './bench/run.ts';
import { SECTIONS } from './bench/sections.ts';

/** The process's exit code: 0 when everything could be measured, whether or not the targets were met. */
export async function main(args: readonly string[]): Promise<number> {
  const parsed = parseBenchArguments(args, SECTIONS);
  if (typeof parsed === 'string') {
    process.stderr.write(`${parsed}\n\n${USAGE}\n`);
    return 2;
  }
  if (parsed.list) {
    for (const { name, about } of SECTIONS) process.stdout.write(`${name.padEnd(10)} ${about}\n`);
    return 0;
  }
  return await runBench(parsed, (text) => void process.stdout.write(`${text}\n`));
}
