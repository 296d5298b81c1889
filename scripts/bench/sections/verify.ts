// Verifying and proving at several sizes of the log, records drawn at random from all of it; beside a bare route with one
// indexed SELECT over as many rows, on the same PostgreSQL, with the same requests from the same load generator.

import { describeRun, LOAD_COLUMNS, loadCells, medianRun, rateOf } from '../harness/load-table.ts';
import type { GrownLog } from '../harness/grown-log.ts';
import type { Context } from '../harness/context.ts';
import { atLeast, atMost, type Findings } from '../harness/findings.ts';
import type { LogSection, LogVisit } from '../harness/section.ts';
import { generateLoad, type Measured } from '../load/generator.ts';
import type { RequestPlan } from '../load/job.ts';

export const verify: LogSection = {
  name: 'verify',
  about: 'verify and proof by size of the log, beside a bare route with one indexed SELECT',
  visit: (context) => new VerifyVisit(context),
};

const CLIENTS = 64;
const WARM_UP = 3000;

const ROWS = [
  { what: 'verify', route: 'verify', beside: 'bare SELECT, POST' },
  { what: 'bare SELECT, POST', route: 'row-read', beside: null },
  { what: 'proof', route: 'proof', beside: 'bare SELECT, GET' },
  { what: 'bare SELECT, GET', route: 'row-get', beside: null },
] as const;

interface AtSize {
  readonly entries: number;
  readonly medians: ReadonlyMap<string, Measured>;
}

class VerifyVisit implements LogVisit {
  readonly #quick: boolean;
  readonly #say: (text: string) => void;
  readonly #sizes: AtSize[] = [];

  constructor({ quick, say }: Context) {
    this.#quick = quick;
    this.#say = say;
  }

  async atSize(log: GrownLog): Promise<void> {
    if (log.entries === 0) return;
    const runs = new Map<string, Measured[]>();
    for (let round = 0; round < (this.#quick ? 1 : 3); round++) {
      for (const { what, route } of ROWS) {
        const measured = await this.#measure(log, route);
        runs.set(what, [...(runs.get(what) ?? []), measured]);
        this.#say(`${what} at ${log.entries.toLocaleString('en')}: ${describeRun(measured)}`);
      }
    }
    this.#sizes.push({
      entries: log.entries,
      medians: new Map([...runs].map(([what, all]) => [what, medianRun(all)])),
    });
  }

  async #measure(log: GrownLog, route: RequestPlan['route']): Promise<Measured> {
    const { service, baseline } = log;
    const ofLedger = route === 'verify' || route === 'proof';
    return await generateLoad(
      {
        kind: 'http',
        port: ofLedger ? service.port : baseline.port,
        connections: CLIENTS,
        ...(ofLedger ? { token: await service.token() } : {}),
        warmUp: this.#quick ? WARM_UP / 3 : WARM_UP,
        maxMs: this.#quick ? 1000 : 3000,
        requests: {
          route,
          resource: '1kB',
          fields: 'off',
          records: {
            count: this.#quick ? 15_000 : 40_000,
            first: 0,
            order: 'random',
            versions: 1,
            population: log.entries,
          },
        },
      },
      { parts: { ...service.parts, baseline: baseline.pid } },
    );
  }

  findings(): Findings {
    const rows = this.#sizes.flatMap((at) =>
      ROWS.flatMap(({ what, route, beside }) => {
        const measured = at.medians.get(what);
        if (measured === undefined) return [];
        const server = route === 'verify' || route === 'proof' ? 'api' : 'baseline';
        const ratio = beside === null ? null : ratioAt(at, what, beside);
        return [[what, at.entries, ...loadCells(measured, server), ratio]];
      }),
    );
    return {
      tables: [
        {
          title: `Verify and proof, ${String(CLIENTS)} clients, random records, 1 kB resources`,
          columns: [
            { title: 'what' },
            { title: 'entries', digits: 0 },
            ...LOAD_COLUMNS,
            { title: '× bare SELECT', digits: 2 },
          ],
          rows,
        },
      ],
      targets: ROWS.flatMap(({ what, beside }) => (beside === null ? [] : this.#targets(what, beside))),
      notes: [],
    };
  }

  /** Judged at the largest size that was reached. */
  #targets(what: string, beside: string): Findings['targets'] {
    const [smallest, largest] = [this.#sizes[0], this.#sizes.at(-1)];
    const measured = largest?.medians.get(what);
    const at = `at ${(largest?.entries ?? 0).toLocaleString('en')} entries`;
    const [small, large] = [ratioAt(smallest, what, beside), ratioAt(largest, what, beside)];
    return [
      atLeast(`${what} ${at}`, 5000, '/s', measured === undefined ? null : rateOf(measured)),
      atMost(`${what} ${at}, p99`, 30, 'ms', measured?.latency?.p99 ?? null),
      atLeast(`${what} ${at}, beside the bare SELECT`, 0.5, '×', large),
      // Flat within what two runs differ by. Of the ratios, since minutes lie between the sizes, and the machine may have got busier.
      atLeast(
        `that ratio, beside the one at ${(smallest?.entries ?? 0).toLocaleString('en')} entries`,
        0.85,
        '×',
        smallest === largest || small === null || large === null ? null : large / small,
      ),
    ];
  }
}

function ratioAt(at: AtSize | undefined, what: string, beside: string): number | null {
  const [measured, baseline] = [at?.medians.get(what), at?.medians.get(beside)];
  return measured === undefined || baseline === undefined ? null : rateOf(measured) / rateOf(baseline);
}
