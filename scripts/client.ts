// `npm run client`: registers a machine, on the database of the running `npm start`, or, when nothing runs on the data
// folder, on one started for it. The service's own command does the work and says what came of it.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { attachOrStart } from './launch/attach.ts';
import { loadSettings, PROJECT_ROOT } from './launch/settings.ts';

/** The process's exit code: 0 registered, 1 refused, 2 usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  const say = (text: string): void => void process.stderr.write(`medanchor: ${text}\n`);
  const place = await attachOrStart({
    settings: loadSettings(process.env),
    environment: process.env,
    step: say,
    notice: say,
  });
  try {
    const program = path.join(PROJECT_ROOT, 'api', 'dist', 'client.js');
    return spawnSync(process.execPath, [program, ...args], { env: place.env, stdio: 'inherit' }).status ?? 1;
  } finally {
    await place.release();
  }
}
