// CPU seconds by part while something is measured. On a machine that others use too, CPU per operation is the honest figure:
// operations per second depend on what the others do.

import { availableParallelism } from 'node:os';
import { busySecondsOfMachine, cpuSecondsOfTree } from './processes.ts';

/** Name of a part, and the root of its process tree. */
export type Parts = Readonly<Record<string, number | null>>;

export interface CpuUse {
  /** CPU seconds by part; null where there is no /proc. */
  readonly seconds: Readonly<Record<string, number | null>>;
  /** The share of all cores that processes outside of the bench used. */
  readonly othersShare: number | null;
}

/** Starts measuring; the returned function ends it. */
export function meterCpu(parts: Parts): () => CpuUse {
  const read = (): ReadonlyMap<string, number | null> =>
    new Map(Object.entries(parts).map(([name, pid]) => [name, pid === null ? null : cpuSecondsOfTree(pid)]));
  const [before, busyBefore, ownBefore] = [read(), busySecondsOfMachine(), cpuSecondsOfTree(process.pid)];
  const start = performance.now();
  return () => {
    const elapsed = (performance.now() - start) / 1000;
    const after = read();
    const seconds = Object.fromEntries(
      [...after].map(([name, used]) => [name, difference(used, before.get(name) ?? null)]),
    );
    const busy = difference(busySecondsOfMachine(), busyBefore);
    // All that the bench started descends from this process.
    const own = difference(cpuSecondsOfTree(process.pid), ownBefore);
    const others = difference(busy, own);
    const othersShare = others === null ? null : Math.max(0, others / (elapsed * availableParallelism()));
    return { seconds, othersShare };
  };
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}
