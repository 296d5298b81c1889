// The load generator as seen by the bench: one process per job, so that no garbage of one measurement is collected in the next.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { meterCpu, type CpuUse, type Parts } from '../harness/cpu-meter.ts';
import type { FromLoad, Job, LoadResult, ToLoad } from './job.ts';

const PROCESS = fileURLToPath(new URL('process.ts', import.meta.url));

export interface Measured extends LoadResult {
  readonly cpu: CpuUse;
}

export interface LoadOptions {
  /** The processes whose CPU time is wanted; `load` is added. */
  readonly parts: Parts;
  /** Lines answered so far, twice a second (streams only). */
  readonly progress?: (answered: number) => void;
  /** Called when the clock starts. */
  readonly started?: () => void;
}

/** Runs one job. Rejects when any answer was not what it should be. */
export async function generateLoad(job: Job, { parts, progress, started }: LoadOptions): Promise<Measured> {
  const child = fork(PROCESS, [], { serialization: 'advanced' });
  const tell = (message: ToLoad): void => void child.send(message);
  let stopMeter: (() => CpuUse) | undefined;
  try {
    return await new Promise<Measured>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(new Error(`the load generator ended early (${String(signal ?? code)})`)),
      );
      child.on('message', (message: FromLoad) => {
        if (message === 'ready') {
          stopMeter = meterCpu({ ...parts, load: child.pid ?? null });
          tell('go');
          started?.();
        } else if ('progress' in message) progress?.(message.progress);
        else if ('error' in message) reject(new Error(message.error));
        else if (stopMeter !== undefined) resolve({ ...message.result, cpu: stopMeter() });
      });
      tell({ job });
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}
