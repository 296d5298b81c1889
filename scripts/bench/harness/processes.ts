// CPU time and memory of processes, from /proc. Where there is no /proc (macOS) everything is null, and the tables say so.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc/<pid>/stat on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** The fields of /proc/<pid>/stat behind the name: parent, utime, stime, cutime, cstime. Null when the process is gone. */
function readStat(pid: number): { parent: number; own: number; collected: number } | null {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The name is in parentheses and may hold anything, more parentheses too.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (position: number): number => Number(fields[position]);
    return { parent: number(1), own: number(11) + number(12), collected: number(13) + number(14) };
  } catch {
    return null;
  }
}

/**
 * CPU seconds that each process and all its children have used so far, those of children that ended included once their
 * parent has collected them (PostgreSQL's postmaster does so at once). All from one look at the process table.
 */
export function cpuSecondsOfTrees(roots: readonly (number | null)[]): (number | null)[] {
  if (!existsSync('/proc/self/stat')) return roots.map(() => null);
  const children = childrenByParent();
  const ticksOf = (pid: number): number => {
    const stat = readStat(pid);
    if (stat === null) return 0;
    return (children.get(pid) ?? []).reduce((sum, child) => sum + ticksOf(child), stat.own + stat.collected);
  };
  return roots.map((root) => (root === null ? null : ticksOf(root) / TICKS_PER_SECOND));
}

function childrenByParent(): ReadonlyMap<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const pid = Number(name);
    const parent = readStat(pid)?.parent;
    if (parent === undefined) continue;
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [pid]);
    else list.push(pid);
  }
  return children;
}

/** The descendant of this process whose command line holds `part`; the launcher's guards (sh) do not count. */
export function findDescendant(part: string): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  const children = childrenByParent();
  const queue = [process.pid];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    queue.push(...(children.get(pid) ?? []));
    const words = commandOf(pid);
    if (words[0]?.endsWith('/sh') === false && words.some((word) => word.includes(part))) return pid;
  }
  return null;
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Resident set in octets; null when it cannot be known. */
export function residentOctets(pid: number): number | null {
  try {
    const kib = /^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'))?.[1];
    return kib === undefined ? null : Number(kib) * KIB;
  } catch {
    return null;
  }
}

/** CPU seconds that the whole machine has been busy since it started, for the share that others used. */
export function busySecondsOfMachine(): number | null {
  try {
    const fields =
      readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
    // user nice system idle iowait irq softirq steal
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}
