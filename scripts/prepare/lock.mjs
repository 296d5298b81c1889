// A lock file that survives kill -9: it names its holder by process id *and* start time, so a stale file is recognised
// even when the id has been given to another process. Plain JavaScript: it also runs before Node 24 is there.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf } from './error-facts.mjs';

/** Another living process holds the lock. */
export class LockHeldError extends Error {
  /** @param {string} file @param {number} pid */
  constructor(file, pid) {
    super(`${file} is held by the running process ${pid}`);
    this.name = 'LockHeldError';
    this.pid = pid;
  }
}

/**
 * Takes the lock or throws LockHeldError. Never waits.
 * @param {string} file
 * @returns {{ release: () => void }}
 */
export function acquireLock(file) {
  const own = JSON.stringify({ pid: process.pid, started: processStart(process.pid) });
  for (;;) {
    if (createWith(file, own)) return { release: () => releaseLock(file, own) };
    const found = readIfThere(file);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (holder !== null && processStart(holder.pid) === holder.started) throw new LockHeldError(file, holder.pid);
    removeStale(file, found);
  }
}

/**
 * Takes the lock, waiting for as long as another living process holds it.
 * @param {string} file
 * @param {(pid: number) => void} onWait called once, when there is somebody to wait for
 */
export async function waitForLock(file, onWait) {
  for (let told = false; ; told = true) {
    try {
      return acquireLock(file);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (!told) onWait(error.pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * When the process started, in a form that is only good for comparing; null when it does not run.
 * @param {number} pid
 * @returns {string | null}
 */
export function processStart(pid) {
  if (process.platform === 'linux') {
    try {
      // Field 22 counts ticks since boot, so the boot is part of the answer. The name in field 2 may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Killed, but not yet collected by its parent; in a container without an init process it stays so for ever.
      if (fields[0] === 'Z') return null;
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
    } catch {
      return null;
    }
  }
  try {
    const [state = '', ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/);
    return state === '' || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    return null;
  }
}

/** @param {string} file @param {string} content @returns {boolean} false when the file is there already */
function createWith(file, content) {
  // Written beside it and linked: nobody ever reads a half-written lock.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600 });
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Two processes may find the same stale lock. The one that comes second would carry away the first one's new lock: it
 * looks at what it has in its hands, and puts a fresh lock back.
 * @param {string} file @param {string} stale
 */
function removeStale(file, stale) {
  const aside = `${file}.stale.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} file @param {string} own */
function releaseLock(file, own) {
  if (readIfThere(file) === own) rmSync(file, { force: true });
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** @param {string} text @returns {{ pid: number, started: string } | null} */
function parseHolder(text) {
  try {
    const { pid, started } = JSON.parse(text);
    return Number.isSafeInteger(pid) && pid > 0 && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}
