// Starts the launcher's child processes so that none outlives it. Each runs under a small shell that waits for the end
// of its standard input: when the launcher goes, even by kill -9, the kernel closes that pipe and the child is told to
// stop. Children are in sessions of their own, so Ctrl-C reaches the launcher alone, which then stops them in order.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

// $1 is the stop signal, the rest is the command. After 20 s of deafness an orphan is killed.
const GUARD = `
signal=$1; shift
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
{
  read -r line <&3
  kill -"$signal" "$child"
  sleep 20 & nap=$!
  trap 'kill "$nap"; exit' TERM
  wait "$nap" && kill -KILL "$child"
} >/dev/null 2>&1 &
watcher=$!
trap '' INT TERM HUP
wait "$child"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

export interface ChildOptions {
  /** What the user knows it by: "the API". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stopSignal: 'INT' | 'TERM';
  /** How long a clean stop may take before the whole process group is killed. */
  readonly graceMs: number;
  /** Run as this account (only root can). */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Child {
  readonly name: string;
  /** Resolves when the process is gone, with what is to be said about it. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export function startChild(options: ChildOptions): Child {
  const process = spawn(
    '/bin/sh',
    ['-c', GUARD, 'medanchor-guard', options.stopSignal, options.command, ...options.args],
    {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options.account,
    },
  );
  forwardLines(process, options);
  const exited = new Promise<string>((resolve) => {
    process.once('error', (error) => resolve(`${options.name} could not be started: ${error.message}`));
    // 'close' comes after the last line of output, so that a message can quote it.
    process.once('close', (code, signal) => resolve(describeExit(options.name, code, signal)));
  });
  // The pipe breaks when the child ends by itself; that is reported through `exited`.
  process.stdin?.on('error', () => undefined);
  let stopping: Promise<void> | undefined;
  return { name: options.name, exited, stop: () => (stopping ??= stopChild(process, exited, options.graceMs)) };
}

async function stopChild(process: ChildProcess, exited: Promise<string>, graceMs: number): Promise<void> {
  process.stdin?.end();
  const impatience = setTimeout(() => killGroup(process.pid), graceMs);
  await exited;
  clearTimeout(impatience);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

function forwardLines(process: ChildProcess, { onLine }: ChildOptions): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const source = process[stream];
    if (source !== null) createInterface({ input: source }).on('line', (line) => onLine(line, stream));
  }
}

function describeExit(name: string, code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `${name} was ended by ${signal}`;
  if (code !== null && code > 128) return `${name} was ended by signal ${String(code - 128)}`;
  return `${name} ended with exit code ${String(code)}`;
}
