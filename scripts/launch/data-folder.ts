// The one folder that holds everything which must survive a restart: database, chain journal, keys, logs. Private to
// its owner. Secrets are made once, never overwritten, and durable before anything depends on them.

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { messageOf } from '../prepare/error-facts.mjs';
import { acquireLock, LockHeldError } from '../prepare/lock.mjs';

export interface DataFolder {
  readonly root: string;
  readonly lockFile: string;
  readonly postgresState: string;
  /** What runs here now: written when all of it is ready, removed before it stops (running.ts). */
  readonly running: string;
  readonly postgresPassword: string;
  /** Of the role that the service works as; the other one owns everything. */
  readonly postgresAppPassword: string;
  readonly postgresCluster: string;
  readonly chain: string;
  readonly deployment: string;
  readonly anchorKey: string;
  readonly checkpointKey: string;
  readonly kek: string;
  readonly logs: string;
}

export function dataFolderAt(root: string): DataFolder {
  const at = (...parts: string[]): string => path.join(root, ...parts);
  return {
    root,
    lockFile: at('launcher.lock'),
    postgresState: at('postgres.json'),
    running: at('running.json'),
    postgresPassword: at('keys', 'postgres.password'),
    postgresAppPassword: at('keys', 'postgres-app.password'),
    postgresCluster: at('postgres'),
    chain: at('chain'),
    deployment: at('deployment.json'),
    anchorKey: at('keys', 'anchor.key'),
    checkpointKey: at('keys', 'checkpoint.key'),
    kek: at('keys', 'kek.key'),
    logs: at('logs'),
  };
}

/** Makes the folder and takes it for this process; a second launcher on the same folder is refused. */
export function openDataFolder(folder: DataFolder): { release: () => void } {
  try {
    for (const part of [folder.root, path.dirname(folder.anchorKey), folder.chain, folder.logs]) {
      mkdirSync(part, { recursive: true, mode: 0o700 });
    }
    return acquireLock(folder.lockFile);
  } catch (error) {
    if (error instanceof LockHeldError) {
      throw new Error(
        `MedAnchor is already running on ${folder.root} (process ${String(error.pid)}). ` +
          `Stop it first, or set MEDANCHOR_HOME to another folder`,
        { cause: error },
      );
    }
    throw new Error(
      `the data folder ${folder.root} cannot be used: ${messageOf(error)}. Set MEDANCHOR_HOME to a folder of yours`,
      {
        cause: error,
      },
    );
  }
}

/** 32 random octets in hex, made on first use. True when the file is new. */
export function ensureKey(file: string): boolean {
  return ensureSecret(file, randomBytes(32).toString('hex'));
}

/** Writes the secret unless the file is there; never overwrites. True when the file is new. */
export function ensureSecret(file: string, secret: string): boolean {
  if (existsSync(file)) return false;
  const draft = `${file}.${String(process.pid)}`;
  rmSync(draft, { force: true });
  writeNew(draft, `${secret}\n`);
  // A link, unlike a rename, fails when somebody else has made the file in the meantime.
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(path.dirname(file));
  return true;
}

export function readSecret(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

/** Replaces a small state file: after a crash it holds either the old or the new content, never a part. */
export function replaceFile(file: string, content: string): void {
  const draft = `${file}.${String(process.pid)}`;
  rmSync(draft, { force: true });
  writeNew(draft, content);
  renameSync(draft, file);
  syncFolder(path.dirname(file));
}

function writeNew(file: string, content: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
