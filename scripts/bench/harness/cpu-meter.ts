// CPU seconds by part while something is measured. On a machine that others use too, CPU per operation is the honest figure:
// operations per second depend on what the others do.

import { availableParallelism } from 'node:os';
import { busySecondsOfMachine, cpuSecondsOfTrees } from './processes.ts';

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
  const names = Object.keys(parts);
  const before = look(parts);
  return () => {
    const after = look(parts);
    const used = after.trees.map((seconds, position) => difference(seconds, before.trees[position] ?? null));
    // All that the bench started descends from this process.
    const own = used.pop() ?? null;
    const others = difference(difference(after.busy, before.busy), own);
    const available = ((after.at - before.at) / 1000) * availableParallelism();
    return {
      seconds: Object.fromEntries(names.map((name, position) => [name, used[position] ?? null])),
      othersShare: others === null ? null : Math.min(1, Math.max(0, others / available)),
    };
  };
}

/** The trees of the parts, and of this process as the last. The three readings belong together, so nothing comes between. */
function look(parts: Parts): { trees: (number | null)[]; busy: number | null; at: number } {
  const trees = cpuSecondsOfTrees([...Object.values(parts), process.pid]);
  return { trees, busy: busySecondsOfMachine(), at: performance.now() };
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}
