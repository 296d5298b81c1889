// `npm run epoch -- --reason "…"`: the operator's explicit command to go on anchoring on another chain. Starts database
// and chain without the API, so the service must not be running on the same data folder; on the local chain it deploys
// the contract again if the chain has lost it. The service's own command then writes the entry into the log.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { startFoundation, stopParts } from './launch/foundation.ts';
import { loadSettings, PROJECT_ROOT } from './launch/settings.ts';

/** The process's exit code: 0 done, 1 refused, 2 usage. */
export async function main(args: readonly string[]): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`medanchor: ${text}\n`);
  if (!args.some((argument) => argument.startsWith('--reason'))) {
    process.stderr.write('usage: npm run epoch -- --reason "why the log is anchored elsewhere from now on"\n');
    return 2;
  }
  const foundation = await startFoundation({
    settings: loadSettings(process.env),
    environment: process.env,
    step: say,
    notice: say,
    deployAnew: true,
  });
  try {
    const program = path.join(PROJECT_ROOT, 'api', 'dist', 'epoch.js');
    const result = spawnSync(process.execPath, [program, ...args], { env: foundation.env, stdio: 'inherit' });
    return result.status ?? 1;
  } finally {
    await stopParts(foundation.parts);
  }
}
