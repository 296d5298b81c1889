// PostgreSQL refuses to run as root. When the launcher is root, the database runs as the account `postgres`, which is
// created when it is missing, and its files lie where that account can reach them.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where root puts what the database account cannot reach elsewhere. */
export const SHARED_ROOT = '/var/lib/medanchor';

const NAME = 'postgres';

/** The account for PostgreSQL, or undefined when we are an ordinary user and it simply runs as us. */
export function databaseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = lookUp();
  if (found !== undefined) return found;
  try {
    execFileSync('groupadd', ['--system', '--force', NAME], { stdio: 'pipe' });
    execFileSync('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME], {
      stdio: 'pipe',
    });
  } catch (cause) {
    throw new Error(noAccount(), { cause });
  }
  const created = lookUp();
  if (created === undefined) throw new Error(noAccount());
  return created;
}

function noAccount(): string {
  return (
    `PostgreSQL does not run as root, and the account "${NAME}" could not be created. ` +
    `Start as an ordinary user, create that account, or set DATABASE_URL to a PostgreSQL 18 server`
  );
}

function lookUp(): Account | undefined {
  const id = (flag: string): number => {
    const result = spawnSync('id', [flag, NAME], { encoding: 'utf8' });
    return result.status === 0 ? Number.parseInt(result.stdout, 10) : Number.NaN;
  };
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
}

/** Makes `folder` and gives it to the account, with the mode that PostgreSQL demands of its data. */
export function makeClusterFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
}

/** Lets the account walk through our own private folder, without seeing what is in it. */
export function letThrough(folder: string, { gid }: Account): void {
  chownSync(folder, 0, gid);
  chmodSync(folder, 0o710);
}

/** Whether the account can walk into `folder`, all its parents included. */
export function canReach(folder: string, { uid, gid }: Account): boolean {
  if (!existsSync(folder)) return false;
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', path.resolve(folder)], { uid, gid, stdio: 'ignore', cwd: '/' })
      .status === 0
  );
}
