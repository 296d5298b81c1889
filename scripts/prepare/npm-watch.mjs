// Notices that the npm which started us is gone. Killed with -9 it takes nothing with it: the shell between npm and us
// lives on, and so would the service, unseen, until the next start finds its ports taken.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const EVERY_MS = process.platform === 'linux' ? 1000 : 5000;

/**
 * Calls `onGone` once. Does nothing when we were not started by npm: what runs under nohup is meant to stay.
 * @param {() => void} onGone
 */
export function watchNpm(onGone) {
  const chain = chainToNpm();
  if (chain === null) return;
  const timer = setInterval(() => {
    if (chain.every((pid, i) => parentOf(i === 0 ? process.pid : (chain[i - 1] ?? 0)) === pid)) return;
    clearInterval(timer);
    onGone();
  }, EVERY_MS);
  timer.unref();
}

/** Our ancestors up to npm, nearest first; null when npm is not among the first two. */
function chainToNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return null;
  const chain = [];
  for (let pid = parentOf(process.pid); chain.length < 2 && pid !== null; pid = parentOf(pid)) {
    chain.push(pid);
    if (/\bnpm\b/.test(commandOf(pid)) && !/\bsh -c\b/.test(commandOf(pid))) return chain;
  }
  return null;
}

/** @param {number} pid @returns {number | null} */
function parentOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/** @param {number} pid */
function commandOf(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
