// `npm run epoch -- --reason "…"`: the operator's explicit command to go on anchoring on another chain. Starts database
// and chain without the API, so the service must not be running on the same data folder; on the local chain it deploys
// the contract again if the chain has lost it, or, with --new-contract, although the chain still has it: the way on from
// a backup that is older than the chain. The service's own command then writes the entry into the log.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { startFoundation, stopParts } from './launch/foundation.ts';
import { loadSettings, PROJECT_ROOT } from './launch/settings.ts';

const NEW_CONTRACT = '--new-contract';

/** The process's exit code: 0 done, 1 refused, 2 usage. */
export async function main(args: readonly string[]): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`medanchor: ${text}\n`);
  if (!args.some((argument) => argument.startsWith('--reason'))) {
    process.stderr.write(
      'usage: npm run epoch -- --reason "why the log is anchored elsewhere from now on" [--new-contract]\n' +
        '  --new-contract   local chain only: leave a contract that is still there. Elsewhere: npm run deploy -- --again\n',
    );
    return 2;
  }
  const settings = loadSettings(process.env);
  const again = args.includes(NEW_CONTRACT);
  if (again && settings.CHAIN_RPC_URL !== undefined) {
    process.stderr.write(
      `${NEW_CONTRACT} is for the local chain only; on a chain of your own, run \`npm run deploy -- --again\` first\n`,
    );
    return 2;
  }
  const foundation = await startFoundation({
    settings,
    environment: process.env,
    step: say,
    notice: say,
    deployAnew: again ? 'again' : 'if-gone',
  });
  try {
    const program = path.join(PROJECT_ROOT, 'api', 'dist', 'epoch.js');
    const rest = args.filter((argument) => argument !== NEW_CONTRACT);
    const result = spawnSync(process.execPath, [program, ...rest], { env: foundation.env, stdio: 'inherit' });
    return result.status ?? 1;
  } finally {
    await stopParts(foundation.parts);
  }
}
