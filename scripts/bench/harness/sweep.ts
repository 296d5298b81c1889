// The full check of a stored log (fsck), as the operator runs it: the service's own command in a process of its own.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../../launch/settings.ts';
import type { Service } from './service.ts';

const PROGRAM = path.join('api', 'dist', 'fsck.js');

/** Seconds of one sweep, or why there was none. @throws when the sweep finds fault with the log */
export async function sweep(service: Service): Promise<{ readonly seconds: number } | { readonly skipped: string }> {
  if (!existsSync(path.join(PROJECT_ROOT, PROGRAM))) {
    return { skipped: `the sweep was not measured: this build has no ${PROGRAM}` };
  }
  const start = performance.now();
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, PROGRAM)], {
    env: service.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${PROGRAM} ended with ${String(code)}: ${Buffer.concat(output).toString().slice(-2000)}`);
  return { seconds: (performance.now() - start) / 1000 };
}
