// The load generator, a process of its own: takes one job from its parent, prepares it, waits for `go`, and answers with
// what it measured. Ends when its parent does.

import { messageOf } from '../../prepare/error-facts.mjs';
import { runHttp } from './http-load.ts';
import { runInserts } from './insert-load.ts';
import type { FromLoad, Job, LoadResult, ToLoad } from './job.ts';
import { runNdjson } from './ndjson-load.ts';

const answer = (message: FromLoad): void => void process.send?.(message);

process.on('disconnect', () => process.exit(1));

const job = await new Promise<Job>((resolve) => {
  process.once('message', (message: ToLoad) => {
    if (message !== 'go') resolve(message.job);
  });
});

async function ready(): Promise<void> {
  const go = new Promise<void>((resolve) => process.once('message', () => resolve()));
  answer('ready');
  await go;
}

function run(): Promise<LoadResult> {
  switch (job.kind) {
    case 'http':
      return runHttp(job, ready);
    case 'ndjson':
      return runNdjson(job, ready, (progress) => answer({ progress }));
    case 'insert':
      return runInserts(job, ready);
  }
}

try {
  answer({ result: await run() });
} catch (error) {
  answer({ error: messageOf(error) });
}
process.removeAllListeners('disconnect');
process.disconnect?.();
