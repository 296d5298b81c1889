// An embedded PostgreSQL 18 server: initialised on first use, listening on 127.0.0.1 only, with a random password. It
// is durable (fsync on) unless it is a throw-away one for tests. A server that outlived a killed launcher is stopped
// first; what kill -9 of the server itself left behind is recovered by PostgreSQL from its own log.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { processStart } from '../prepare/lock.mjs';
import { startChild, type Child } from './child.ts';
import { makeClusterFolder, type Account } from './postgres-account.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';

export const SUPERUSER = 'medanchor';
/** The role that the service works as. It owns nothing; api/src/platform/database/migrations/grants.ts says what it may do. */
export const APP_ROLE = 'medanchor_app';

export interface PostgresOptions {
  /** PostgreSQL's own folder; its parents must be open to `account`. */
  readonly clusterDir: string;
  readonly account: Account | undefined;
  readonly port: number;
  readonly password: string;
  /** Loses data when the machine stops: for tests only. */
  readonly throwAway?: boolean;
  readonly onLine: (line: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** Resolves when the server is gone, with what is to be said about it. */
  readonly exited: Promise<string>;
  /** Connection URL of one database of this server. */
  url(database: string): string;
  stop(): Promise<void>;
}

export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = findPostgres(options.account);
  if (!existsSync(options.clusterDir)) initialise(binaries, options);
  const output: string[] = [];
  const child = startChild({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', options.clusterDir, '-p', String(options.port), ...settings(options)],
    env: serverEnvironment(),
    cwd: '/',
    stopSignal: 'INT',
    graceMs: 20_000,
    account: options.account,
    onLine: (line) => {
      if (output.push(line) > 50) output.shift();
      options.onLine(line);
    },
  });
  const url = (database: string): string => databaseUrl(options.port, options.password, database);
  try {
    await waitUntilReady(child, url('postgres'), output);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { port: options.port, exited: child.exited, url, stop: () => child.stop() };
}

export function databaseUrl(port: number, password: string, database: string, role = SUPERUSER): string {
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/${database}`;
}

function settings({ throwAway }: PostgresOptions): string[] {
  const chosen = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(throwAway === true ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

// PG* and locale variables of the user's shell must not change what the server does.
function serverEnvironment(): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** initdb works in a folder beside the final one: what is killed half-way is never mistaken for a cluster. */
function initialise({ initdb }: PostgresBinaries, options: PostgresOptions): void {
  const { clusterDir, account, password } = options;
  const draft = `${clusterDir}.new`;
  rmSync(draft, { recursive: true, force: true });
  makeClusterFolder(draft, account);
  const passing = mkdtempSync(path.join(tmpdir(), 'medanchor-'));
  try {
    makeClusterFolder(passing, account);
    const passwordFile = path.join(passing, 'password');
    writeFileSync(passwordFile, `${password}\n`);
    const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
    if (options.throwAway === true) flags.push('--no-sync');
    const result = spawnSync(initdb, [`--pgdata=${draft}`, `--pwfile=${passwordFile}`, ...flags], {
      ...account,
      cwd: '/',
      env: serverEnvironment(),
      encoding: 'utf8',
    });
    if (result.status !== 0) {
      const said = (result.error?.message ?? `${result.stdout}${result.stderr}`).trim();
      throw new Error(`PostgreSQL could not initialise ${clusterDir}:\n  ${said.split('\n').slice(-8).join('\n  ')}`);
    }
    renameSync(draft, clusterDir);
  } finally {
    rmSync(passing, { recursive: true, force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

async function waitUntilReady(child: Child, url: string, output: readonly string[]): Promise<void> {
  let gone: string | null = null;
  void child.exited.then((text) => (gone = text));
  // Recovery after a crash may take a while; PostgreSQL says so in its log.
  for (const deadline = Date.now() + 120_000; Date.now() < deadline;) {
    if (await answers(url)) return;
    if (gone !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error([gone ?? 'PostgreSQL did not become ready in two minutes', ...output.slice(-8)].join('\n  '));
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates the database unless it is there. */
export async function ensureDatabase(postgres: Postgres, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/**
 * Stops a server that still runs on this folder because its launcher was killed, or waits for the end of one that is
 * stopping. True when there was one. A stale file without a process is left to PostgreSQL, which knows what to do.
 */
export async function stopOrphan(clusterDir: string, password: string): Promise<boolean> {
  const file = path.join(clusterDir, 'postmaster.pid');
  let asked = false;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const running = readPidFile(file);
    if (running === null) return asked;
    if (processStart(running.pid) === null) {
      // PostgreSQL takes a killed process that nobody collected (a container without init) for a living one.
      if (existsSync(`/proc/${String(running.pid)}`)) rmSync(file, { force: true });
      return asked;
    }
    // Only a server that takes our password and names our folder is ours to stop; the process id alone proves nothing.
    if (!asked && (await isServerOf(clusterDir, databaseUrl(running.port, password, 'postgres')))) {
      process.kill(running.pid, 'SIGINT');
      asked = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // Either another program has been given the process id, and PostgreSQL starts all the same, or it says what is wrong.
  return asked;
}

function readPidFile(file: string): { pid: number; port: number } | null {
  if (!existsSync(file)) return null;
  // Its lines: process id, folder, start time, port, …
  const lines = readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return Number.isInteger(pid) && pid > 1 && Number.isInteger(port) && port > 0 ? { pid, port } : null;
}

async function isServerOf(clusterDir: string, url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const result = await client.query<{ data_directory: string }>('SHOW data_directory');
    return result.rows[0]?.data_directory === clusterDir;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
