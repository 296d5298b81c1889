// Starts the local chain (serve.ts) as a child process and waits until it is ready. Used by the launcher and by tests.

import { fileURLToPath } from 'node:url';
import { startChild } from '../launch/child.ts';
import { chainReadySchema, type ChainReady } from './ready.ts';

const SERVE = fileURLToPath(new URL('serve.ts', import.meta.url));
const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface LocalChainOptions {
  /** Holds the journal; delete it to begin a new chain. */
  readonly dataDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** For tests only: evm_*, hardhat_* and unlocked accounts. What they change is in no journal. */
  readonly allowAdmin?: boolean;
}

export interface LocalChain extends ChainReady {
  /** Resolves when the process is gone, with what is to be said about it. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Rejects with what the chain said on standard error when it refuses to start. */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const complaints: string[] = [];
  let firstLine: (line: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => {
    firstLine = resolve;
  });
  const { NODE_OPTIONS: _unwanted, ...env } = process.env;
  const child = startChild({
    name: 'the local chain',
    command: process.execPath,
    args: [
      SERVE,
      `--data=${options.dataDir}`,
      `--host=${options.host ?? '127.0.0.1'}`,
      `--port=${String(options.port)}`,
      ...(options.allowAdmin === true ? ['--allow-admin'] : []),
    ],
    env,
    cwd: PROJECT_ROOT,
    stopSignal: 'TERM',
    graceMs: 5000,
    onLine: (line, stream) => {
      if (stream === 'stdout') firstLine(line);
      else if (complaints.push(line) > 50) complaints.shift();
    },
  });
  const exited = child.exited.then((text) => [text, ...complaints].join('\n  '));
  const line = await Promise.race([
    ready,
    exited.then((text) => {
      throw new Error(text);
    }),
  ]);
  return { ...chainReadySchema.parse(JSON.parse(line)), exited, stop: () => child.stop() };
}
