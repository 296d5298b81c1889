// Closed-loop load over HTTP, and the two parts that every load has: warm-up, and the wait for the starting signal.

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { HttpConnection } from './http-connection.ts';
import type { HttpJob, Latency, LoadResult } from './job.ts';
import { prepareRequests, wantedAnswer } from './requests.ts';

/** A server that is too slow for all requests of the warm-up is warm after this time, too. */
const LONGEST_WARM_UP_MS = 10_000;

/** `ready` resolves when the clock may start. */
export async function runHttp(job: HttpJob, ready: () => Promise<void>): Promise<LoadResult> {
  const requests = prepareRequests(job.requests, job.token);
  const wanted = wantedAnswer(job.requests);
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => HttpConnection.open(job.port, wanted)),
  );
  let next = 0;
  const loop = async (end: number, deadline: number, latency: RecordableHistogram): Promise<void> => {
    await Promise.all(
      connections.map(async (connection) => {
        while (next < end) {
          const sent = performance.now();
          if (sent > deadline) break;
          const octets = requests[next++] as Buffer;
          await connection.request(octets);
          recordMs(latency, performance.now() - sent);
        }
      }),
    );
  };
  await loop(job.warmUp, performance.now() + LONGEST_WARM_UP_MS, createHistogram());
  next = Math.max(next, job.warmUp);
  await ready();
  const latency = createHistogram();
  const start = performance.now();
  await loop(requests.length, start + job.maxMs, latency);
  const seconds = (performance.now() - start) / 1000;
  for (const connection of connections) connection.close();
  return { count: latency.count, seconds, latency: latencyOf(latency) };
}

/** An HDR histogram (Node's own) of microseconds: three significant digits, whatever the range. */
export function recordMs(latency: RecordableHistogram, ms: number): void {
  latency.record(Math.max(1, Math.round(ms * 1000)));
}

export function latencyOf(latency: RecordableHistogram): Latency {
  const ms = (percentile: number): number => latency.percentile(percentile) / 1000;
  return { p50: ms(50), p95: ms(95), p99: ms(99), max: latency.max / 1000 };
}
