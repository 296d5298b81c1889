// Times pure functions in this process (tinybench): the median of many calls after a warm-up. The clock is the CPU time of
// this process, garbage collection included: what others do on the machine then hardly shows.

import { Bench } from 'tinybench';

export interface Task {
  readonly name: string;
  /** One call does `calls` operations, so that reading the clock costs nothing beside them. */
  readonly calls: number;
  readonly work: () => unknown;
}

/** Median CPU microseconds of one operation, by name. @param ms how long each task runs, at least five calls */
export async function medianMicros(tasks: readonly Task[], ms: number): Promise<ReadonlyMap<string, number>> {
  const bench = new Bench({
    now: cpuMs,
    time: ms,
    iterations: 5,
    warmupTime: ms / 3,
    warmupIterations: 2,
    throws: true,
  });
  for (const { name, work } of tasks) bench.add(name, () => void work());
  await bench.run();
  return new Map(
    tasks.map(({ name, calls }) => {
      const result = bench.getTask(name)?.result;
      if (result?.state !== 'completed') throw new Error(`${name} was not timed: ${result?.state ?? 'no result'}`);
      return [name, (result.latency.p50 * 1000) / calls];
    }),
  );
}

/** CPU seconds of one call: for what takes long itself. */
export function secondsOf(work: () => unknown): number {
  const start = cpuMs();
  work();
  return (cpuMs() - start) / 1000;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
