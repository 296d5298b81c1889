// The operator's commands as processes of their own, as typed.

import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../scripts/launch/settings.ts';

export interface Ending {
  /** null: ended by a signal. */
  readonly code: number | null;
  /** Both streams, in the order in which they came. */
  readonly output: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  /** The whole process group: the command, and the program that it runs. */
  kill(signal: NodeJS.Signals): void;
}

type Settings = Readonly<Record<string, string>>;

/** `npm run COMMAND -- ARGUMENTS`, without npm. */
export function start(command: string, args: readonly string[], settings: Settings): Running {
  return launch([path.join(PROJECT_ROOT, 'scripts', 'medanchor.mjs'), command, ...args], settings);
}

export async function run(command: string, args: readonly string[], settings: Settings): Promise<Ending> {
  return await start(command, args, settings).ended;
}

/** One of the service's own programs, as in a container. */
export async function runProgram(name: string, args: readonly string[], settings: Settings): Promise<Ending> {
  return await launch([path.join(PROJECT_ROOT, 'api', 'dist', `${name}.js`), ...args], settings).ended;
}

function launch(command: readonly string[], settings: Settings): Running {
  // A group of its own, so that all of it can be killed at once.
  const child = spawn(process.execPath, [...command], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_OPTIONS: '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const take = (part: Buffer): void => void (output += part.toString());
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
  return { child, ended, kill: (signal) => void process.kill(-(child.pid ?? 0), signal) };
}
