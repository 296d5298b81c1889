// Runs one of the service's own programs on the database and chain of the running `npm start`, or, when nothing runs on the data
// folder, on both started for it. With DATABASE_URL and CHAIN_RPC_URL it needs neither.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { attachOrStart, NoLedgerError, type Attached } from './attach.ts';
import { loadSettings, PROJECT_ROOT, type LauncherSettings } from './settings.ts';

/** @returns the program's exit code; before it runs: 2 usage or configuration, 3 it could not be started */
export async function runBeside(program: string, args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the program by itself, which keeps what it has; database and chain must outlive it.
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
    return await run(path.join(PROJECT_ROOT, 'api', 'dist', `${program}.js`), args, place.env);
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
