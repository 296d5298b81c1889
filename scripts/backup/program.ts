// Runs one of the service's own programs in our place: its streams, its signals, its exit code.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { PROJECT_ROOT, type Environment } from '../launch/settings.ts';

/** @returns its exit code; 1 when a signal ended it */
export async function runProgram(name: string, args: readonly string[], env: Environment): Promise<number> {
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'api', 'dist', `${name}.js`), ...args], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  // Ctrl-C reaches it by itself, being in the same process group; we stay to stop what we started.
  const stay = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', stay);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', stay);
    process.off('SIGTERM', pass);
    process.off('SIGHUP', pass);
  }
}
