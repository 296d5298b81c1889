// The API as a child process. Its log goes to a file; what is a warning or worse is also shown in the terminal.

import { existsSync, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { getFrom, type Answer } from './api-request.ts';
import { startChild } from './child.ts';
import { PROJECT_ROOT } from './settings.ts';

const MAX_LOG_OCTETS = 20 * 1024 * 1024;
const READY_WITHIN_MS = 120_000;

export interface ApiOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly show: (line: string) => void;
  /** Gives up waiting; the API is stopped. */
  readonly signal?: AbortSignal;
}

export interface Api {
  readonly url: string;
  /** Asks this very process, whatever name its certificate has. */
  readonly get: (route: string) => Promise<Answer>;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Resolves when the API says that it is ready. */
export async function startApi({ env, logFile, show, signal }: ApiOptions): Promise<Api> {
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_OCTETS) {
    rmSync(`${logFile}.1`, { force: true });
    renameSync(logFile, `${logFile}.1`);
  }
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const complaints: string[] = [];
  const child = startChild({
    name: 'the API',
    command: process.execPath,
    args: [path.join(PROJECT_ROOT, 'api', 'dist', 'main.js')],
    env,
    cwd: PROJECT_ROOT,
    stopSignal: 'TERM',
    graceMs: 15_000,
    onLine: (line) => {
      log.write(`${line}\n`);
      const worth = noteworthy(line);
      if (worth === null) return;
      if (complaints.push(worth) > 20) complaints.shift();
      show(worth);
    },
  });
  const exited = child.exited.then((text) => {
    log.end();
    return `${text} (its log: ${logFile})`;
  });
  const certificate = env['TLS_CERT_FILE'] ?? '';
  const url = `${certificate === '' ? 'http' : 'https'}://${hostInUrl(env['HOST'] ?? '127.0.0.1')}:${env['PORT'] ?? '3000'}`;
  const get = (route: string): Promise<Answer> => getFrom(`${url}${route}`, certificate === '' ? null : certificate);
  try {
    await waitUntilReady(get, exited, signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { url, get, exited, stop: () => child.stop() };
}

/** A wildcard address is listened on, but not connected to; a bare IPv6 address needs brackets. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function waitUntilReady(
  get: Api['get'],
  exited: Promise<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let gone: string | null = null;
  void exited.then((text) => (gone = text));
  let last = 'it does not answer';
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline;) {
    if (gone !== null) throw new Error(gone);
    signal?.throwIfAborted();
    try {
      const { status, text } = await get('/health/ready');
      if (status === 200) return;
      last = `it answers ${String(status)} ${text.slice(0, 1000)}`;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the API did not become ready in two minutes: ${last}`);
}

const LEVELS: Readonly<Record<number, string>> = { 40: 'warning', 50: 'error', 60: 'fatal' };

/** A log line of level warning and up in words, any line that is no log line as it is, null for the rest. */
export function noteworthy(line: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return line.trim() === '' ? null : line;
  }
  if (typeof parsed !== 'object' || parsed === null) return line;
  const level: unknown = Reflect.get(parsed, 'level');
  if (typeof level !== 'number' || level < 40) return null;
  const message: unknown = Reflect.get(parsed, 'msg');
  return `${LEVELS[level] ?? 'error'}: ${typeof message === 'string' ? message : line}`;
}
