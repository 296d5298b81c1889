// `npm run rotate-kek`: wraps everything again with the key that wraps now, beside the running `npm start`, or, when nothing runs
// on the data folder, on a database and a chain started for it. The service's own command does the work and says what came of it.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { attachOrStart, NoLedgerError, type Attached } from './launch/attach.ts';
import { loadSettings, PROJECT_ROOT, type LauncherSettings } from './launch/settings.ts';

/** The process's exit code: 0 the old keys can be destroyed, 1 they cannot, 2 usage or configuration, 3 it did not end. */
export async function main(args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the command by itself, which keeps what it has; database and chain must outlive it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const say = (text: string): void => void process.stderr.write(`medanchor: ${text}\n`);
  let settings: LauncherSettings;
  try {
    settings = loadSettings(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  let place: Attached;
  try {
    place = await attachOrStart({ settings, environment: process.env, step: say, notice: say });
  } catch (error) {
    process.stderr.write(`medanchor: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof NoLedgerError ? 2 : 3;
  }
  try {
    return await run(path.join(PROJECT_ROOT, 'api', 'dist', 'rotate.js'), args, place.env);
  } finally {
    await place.release();
  }
}

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'inherit' });
  // A SIGTERM, unlike Ctrl-C, is for this process alone.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 3));
  });
}
