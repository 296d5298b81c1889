// How long a version takes from its receipt to each stage under a steady load; beside the configured intervals, which are
// what an operator chooses and the least that can be expected: a stage that runs once a second is half a second late.

import { z } from 'zod';
import { loadConfig } from '../../../api/src/platform/config/config.schema.ts';
import type { Context } from '../harness/context.ts';
import type { Cell, Findings } from '../harness/findings.ts';
import type { OwnSection } from '../harness/section.ts';
import type { Service, Sizes } from '../harness/service.ts';
import { resourceTemplate } from '../load/resources.ts';
import { SOURCE } from '../load/requests.ts';

export const stages: OwnSection = {
  name: 'stages',
  about: 'time to integrated, checkpointed, anchored and confirmed under steady load, beside the configured intervals',
  run,
};

const PER_SECOND = 100;
const LOOK_MS = 10;
const PATIENCE_MS = 60_000;

interface Accepted {
  readonly index: number;
  readonly at: number;
}

interface Look {
  readonly sizes: Sizes;
  readonly at: number;
}

const receiptSchema = z.object({ index: z.coerce.number() });

async function run({ quick, say, service: start }: Context): Promise<Findings> {
  const service = await start();
  const looks: Look[] = [];
  let looking = true;
  const watcher = watch(service, looks, () => looking);
  const accepted = await submitSteadily(service, quick ? 3 : 20);
  say(`${accepted.length.toString()} versions accepted, waiting until all are confirmed`);
  const last = Math.max(...accepted.map(({ index }) => index));
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    if ((looks.at(-1)?.sizes.confirmed ?? 0) > last) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  looking = false;
  await watcher;
  return findings(service, accepted, looks);
}

async function submitSteadily(service: Service, seconds: number): Promise<Accepted[]> {
  const template = resourceTemplate('1kB');
  // The whole of it takes less than a minute.
  const token = await service.token();
  const requests: Promise<Accepted>[] = [];
  const began = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    const due = began + (n * 1000) / PER_SECOND;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    requests.push(submit(service, token, n, template.fill(n, 1)));
  }
  return await Promise.all(requests);
}

async function submit(service: Service, token: string, record: number, body: Buffer): Promise<Accepted> {
  const name = encodeURIComponent(`Observation/bench-${String(record)}`);
  const response = await fetch(`${service.url}/v1/records/${SOURCE}/${name}/versions?versionId=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json', authorization: `Bearer ${token}` },
    body: new Uint8Array(body),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`wanted 201, got ${String(response.status)} ${text}`);
  return { index: receiptSchema.parse(JSON.parse(text)).index, at: performance.now() };
}

async function watch(service: Service, looks: Look[], going: () => boolean): Promise<void> {
  while (going()) {
    looks.push({ sizes: await service.sizes(), at: performance.now() });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function findings(service: Service, accepted: readonly Accepted[], looks: readonly Look[]): Findings {
  const config = loadConfig(service.env);
  // A stage cannot be earlier than the ones before it: the intervals add up.
  const intervals = [
    ['integrated', config.INTEGRATE_INTERVAL_MS],
    ['checkpointed', config.CHECKPOINT_INTERVAL_MS],
    ['anchored', config.ANCHOR_INTERVAL_MS],
    ['confirmed', config.CONFIRM_INTERVAL_MS],
  ] as const;
  let sum = 0;
  const timed = intervals.map(([stage, interval]) => {
    sum += interval;
    const ms = delays(accepted, looks, stage).sort((a, b) => a - b);
    const at = (share: number): number => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? NaN;
    return { stage, interval, sum, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  });
  return {
    tables: [
      {
        title: `From receipt to stage, ${String(PER_SECOND)} versions a second, ${String(accepted.length)} of them`,
        columns: [
          { title: 'stage' },
          { title: 'interval', digits: 0, unit: 'ms' },
          { title: 'intervals so far', digits: 0, unit: 'ms' },
          { title: 'p50', digits: 0, unit: 'ms' },
          { title: 'p95', digits: 0, unit: 'ms' },
          { title: 'p99', digits: 0, unit: 'ms' },
          { title: 'max', digits: 0, unit: 'ms' },
          { title: 'p95 × intervals so far', digits: 2 },
        ],
        rows: timed.map(({ stage, interval, sum, p50, p95, p99, max }): Cell[] => [
          stage,
          interval,
          sum,
          p50,
          p95,
          p99,
          max,
          p95 / sum,
        ]),
      },
    ],
    targets: [],
    notes: [`the sizes were read every ${String(LOOK_MS)} ms or so, which is how exact these figures are`],
  };
}

function delays(accepted: readonly Accepted[], looks: readonly Look[], stage: keyof Sizes): number[] {
  return accepted.map(({ index, at }) => {
    const reached = looks.find(({ sizes }) => sizes[stage] > index);
    if (reached === undefined) throw new Error(`entry ${String(index)} was not ${stage} within a minute`);
    return Math.max(0, reached.at - at);
  });
}
