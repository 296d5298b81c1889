// What an erasure costs those who submit meanwhile: each erased record's entry and event are written under the lock that orders all
// entries. Submissions beside erasures, beside the same submissions alone, in turns.

import type { Context } from '../harness/context.ts';
import { atMost, type Cell, type Findings } from '../harness/findings.ts';
import { describeRun, medianRun, rateOf } from '../harness/load-table.ts';
import type { OwnSection } from '../harness/section.ts';
import type { Service } from '../harness/service.ts';
import { addPatients, erasePatient } from '../load/erasing.ts';
import { generateLoad, type Measured } from '../load/generator.ts';
import type { HttpJob } from '../load/job.ts';

export const erasure: OwnSection = {
  name: 'erasure',
  about: 'erasures per second, and submissions while patients are erased beside submissions alone',
  run,
};

const CLIENTS = 16;
/** More than elsewhere: a checkpoint of PostgreSQL's in one of the two loads is enough to spoil a p99. */
const ROUNDS = 5;

/** Records of one patient, and how many such patients: more than can be erased while the load lasts, and some to erase alone. */
interface Plan {
  readonly records: number;
  readonly beside: number;
  readonly alone: number;
}

const PLANS = {
  full: [
    { records: 1, beside: 150, alone: 50 },
    { records: 100, beside: 50, alone: 5 },
    { records: 1000, beside: 8, alone: 1 },
    { records: 10_000, beside: 1, alone: 1 },
  ],
  quick: [
    { records: 1, beside: 100, alone: 10 },
    { records: 100, beside: 20, alone: 2 },
  ],
} as const satisfies Record<string, readonly Plan[]>;

interface Round {
  readonly alone: Measured;
  readonly beside: Measured;
  /** Erased records a second, with nothing else going on and beside the submissions. */
  readonly erasedAlone: number;
  readonly erasedBeside: number;
}

async function run(context: Context): Promise<Findings> {
  const service = await context.service();
  const bench = new ErasureBench(service, context.quick ? 1500 : 4000);
  const plans: readonly Plan[] = PLANS[context.quick ? 'quick' : 'full'];
  const rounds = new Map<Plan, Round[]>();
  for (let round = 0; round < (context.quick ? 1 : ROUNDS); round++) {
    for (const plan of plans) {
      const measured = await bench.round(plan);
      const { alone, beside, erasedBeside } = measured;
      context.say(
        `patients of ${String(plan.records)}: submissions alone ${describeRun(alone)}; beside ${erasedBeside.toFixed(0)} erased/s ${describeRun(beside)}`,
      );
      rounds.set(plan, [...(rounds.get(plan) ?? []), measured]);
    }
  }
  return findings(rounds);
}

class ErasureBench {
  readonly #service: Service;
  readonly #maxMs: number;
  #patients = 0;
  #records = 0;

  constructor(service: Service, maxMs: number) {
    this.#service = service;
    this.#maxMs = maxMs;
  }

  async round({ records, beside: many, alone: few }: Plan): Promise<Round> {
    const first = this.#patients;
    this.#patients += many + few;
    await addPatients(this.#service, first, many + few, records);
    const alone = await this.#submit(() => undefined);
    const began = performance.now();
    for (let at = 0; at < few; at++) await erasePatient(this.#service, first + at);
    const erasedAlone = (few * records) / ((performance.now() - began) / 1000);
    const { beside, erased } = await this.#eraseBeside(first + few, many);
    return { alone, beside, erasedAlone, erasedBeside: erased / beside.seconds };
  }

  /** One patient after the other for as long as the load lasts; the last one is let end. */
  async #eraseBeside(first: number, many: number): Promise<{ beside: Measured; erased: number }> {
    const before = await this.#erased();
    const state = { going: true, left: many };
    let erasing: Promise<void> = Promise.resolve();
    const beside = await this.#submit(() => {
      erasing = (async () => {
        for (; state.going && state.left > 0; state.left--)
          await erasePatient(this.#service, first + many - state.left);
      })();
      erasing.catch(() => undefined);
    });
    state.going = false;
    const { left } = state;
    const erased = (await this.#erased()) - before;
    await erasing;
    if (left === 0) throw new Error(`all ${String(many)} patients were erased before the load ended: make more`);
    return { beside, erased };
  }

  /** Those of which the database knows, also within a request that goes on. */
  async #erased(): Promise<number> {
    const { rows } = await this.#service.pool.query<{ count: string }>('SELECT count(*) FROM erasure');
    return Number(rows[0]?.count);
  }

  async #submit(started: () => void): Promise<Measured> {
    const count = 30_000;
    const first = this.#records;
    this.#records += count;
    const job: HttpJob = {
      kind: 'http',
      port: this.#service.port,
      connections: CLIENTS,
      token: await this.#service.token(),
      warmUp: 500,
      maxMs: this.#maxMs,
      requests: {
        route: 'append',
        resource: '1kB',
        fields: 'off',
        records: { count, first, order: 'sequence', versions: 1, population: 0 },
      },
    };
    return generateLoad(job, { parts: this.#service.parts, started });
  }
}

function findings(rounds: ReadonlyMap<Plan, readonly Round[]>): Findings {
  const shown = [...rounds].map(([{ records }, all]) => ({ records, ...median(all), ...ratios(all) }));
  return {
    tables: [
      {
        title: `Submissions (1 kB, ${String(CLIENTS)} clients, one per request) while patients are erased one after the other`,
        columns: [
          { title: 'records of a patient', digits: 0 },
          { title: 'erased a second, nothing else', digits: 0 },
          { title: 'erased a second, beside', digits: 0 },
          { title: 'submissions a second', digits: 0 },
          { title: 'p50', digits: 1, unit: 'ms' },
          { title: 'p99', digits: 1, unit: 'ms' },
          { title: 'max', digits: 1, unit: 'ms' },
          { title: 'rate × alone', digits: 2 },
          { title: 'p50 × alone', digits: 2 },
          { title: 'p99 × alone', digits: 2 },
          { title: 'others', digits: 0, unit: '% of cores' },
        ],
        rows: shown.flatMap(({ records, alone, beside, erasedAlone, erasedBeside, rate, p50, p99 }): Cell[][] => [
          [null, null, null, ...loadOf(alone), null, null, null, sharePercent(alone)],
          [records, erasedAlone, erasedBeside, ...loadOf(beside), rate, p50, p99, sharePercent(beside)],
        ]),
      },
    ],
    targets: shown.map(({ records, p99 }) =>
      atMost(
        `submissions while patients of ${String(records)} records are erased, p99 beside the one alone`,
        2,
        '×',
        p99,
      ),
    ),
    notes: [
      'a row without a number of records is the same load with nothing erased, just before',
      'a ratio is the median of those of the rounds, each of two loads that followed each other',
    ],
  };
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

function ratios(all: readonly Round[]): { readonly rate: number; readonly p50: number; readonly p99: number } {
  const of = (figure: (measured: Measured) => number): number =>
    middle(all.map(({ alone, beside }) => figure(beside) / figure(alone)));
  return {
    rate: of(rateOf),
    p50: of((measured) => latency(measured, 'p50')),
    p99: of((measured) => latency(measured, 'p99')),
  };
}

/** Each figure's median by itself: the two loads of a round, and the erasures, are disturbed by others apart. */
function median(all: readonly Round[]): Round {
  return {
    alone: medianRun(all.map(({ alone }) => alone)),
    beside: medianRun(all.map(({ beside }) => beside)),
    erasedAlone: middle(all.map(({ erasedAlone }) => erasedAlone)),
    erasedBeside: middle(all.map(({ erasedBeside }) => erasedBeside)),
  };
}

function loadOf(measured: Measured): Cell[] {
  return [rateOf(measured), latency(measured, 'p50'), latency(measured, 'p99'), latency(measured, 'max')];
}

function latency(measured: Measured, which: 'p50' | 'p99' | 'max'): number {
  return measured.latency?.[which] ?? NaN;
}

function sharePercent({ cpu }: Measured): number | null {
  return cpu.othersShare === null ? null : cpu.othersShare * 100;
}
