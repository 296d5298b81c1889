// Runs one npm command in the project and gives what it printed; under the Node that runs us.

import { spawnSync } from 'node:child_process';
import { findNpm, npmEnvironment } from '../prepare/npm.mjs';
import { PROJECT_ROOT } from '../launch/settings.ts';

export interface NpmOutput {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const QUIET = ['--no-update-notifier', '--no-fund', '--no-progress', '--color=false'];

export function npmOutput(args: readonly string[]): NpmOutput {
  const { status, stdout, stderr } = spawnSync(process.execPath, [findNpm(), ...args, ...QUIET], {
    cwd: PROJECT_ROOT,
    env: npmEnvironment(process.env),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}
