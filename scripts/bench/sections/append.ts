// Appends per second, durable, one version per request and many in a stream; beside the prototype with group commit and
// plain INSERTs, on the same PostgreSQL in the same run. Every round runs all rows once, so that a machine that gets busier
// makes all of them slower.

import { prepareTables, startBaselineServer, type BaselineServer } from '../baseline/start-server.ts';
import { describeRun, LOAD_COLUMNS, loadCells, medianRun, rateOf } from '../harness/load-table.ts';
import type { Context } from '../harness/context.ts';
import { atLeast, atMost, type Cell, type Findings } from '../harness/findings.ts';
import type { Section } from '../harness/section.ts';
import type { Service } from '../harness/service.ts';
import { generateLoad, type Measured } from '../load/generator.ts';
import type { Job, RecordPlan } from '../load/job.ts';

export const append: Section = {
  name: 'append',
  about: 'appends per second (one per request, NDJSON) beside a prototype with group commit and plain INSERTs',
  run,
};

interface Row {
  readonly what: string;
  readonly clients: number;
  readonly server: 'api' | 'prototype' | null;
  /** How often it is measured; the median is shown. */
  readonly rounds: number;
  /** Made anew for each run: a record is submitted once. */
  job(): Job;
}

const TARGET_CLIENTS = 64;
const SINGLE = 'ledger, one per request';
const STREAM = 'ledger, NDJSON';
const PROTOTYPE = 'prototype, one per request';

async function run(context: Context): Promise<Findings> {
  const service = await context.service();
  await prepareTables(service.baselineUrl, 0);
  const prototype = await startBaselineServer(service.baselineUrl);
  context.cleanUp(() => prototype.stop());
  const rows = rowsOf(context.quick, service, prototype);
  const parts = { ...service.parts, prototype: prototype.pid };
  const runs = new Map<Row, Measured[]>();
  const rounds = Math.max(...rows.map((row) => row.rounds));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows.filter((row) => row.rounds > round)) {
      const signedIn = row.server === 'api' ? { token: await service.token() } : {};
      const measured = await generateLoad({ ...row.job(), ...signedIn }, { parts });
      context.say(`${row.what}, ${String(row.clients)} clients: ${describeRun(measured)}`);
      runs.set(row, [...(runs.get(row) ?? []), measured]);
    }
  }
  return findings(new Map([...runs].map(([row, all]) => [row, medianRun(all)])));
}

function rowsOf(quick: boolean, service: Service, prototype: BaselineServer): Row[] {
  let used = 0;
  const take = (count: number, versions = 1): RecordPlan => {
    const first = used;
    used += count;
    return { count, first, order: 'sequence', versions, population: 0 };
  };
  const clients = quick ? [TARGET_CLIENTS] : [1, 8, TARGET_CLIENTS];
  const rounds = (count: number): number => (quick || count < TARGET_CLIENTS ? 1 : 3);
  const maxMs = quick ? 1500 : 4000;
  const most = quick ? 20_000 : 50_000;
  const single = (
    what: string,
    count: number,
    route: 'append' | 'row-post',
    more: { fields?: 'on'; resource?: '2.5kB'; versions?: number } = {},
  ): Row => ({
    what,
    clients: count,
    server: route === 'append' ? 'api' : 'prototype',
    rounds: rounds(count),
    job: () => ({
      kind: 'http',
      port: route === 'append' ? service.port : prototype.port,
      connections: count,
      warmUp: Math.min(2000, 50 * count),
      maxMs,
      requests: {
        route,
        resource: more.resource ?? '1kB',
        fields: more.fields ?? 'off',
        records: take(most, more.versions),
      },
    }),
  });
  const stream = (what: string, count: number, fields: 'on' | 'off', lines: number, versions = 1): Row => ({
    what,
    clients: count,
    server: 'api',
    rounds: rounds(count),
    job: () => ({
      kind: 'ndjson',
      port: service.port,
      clients: count,
      resource: '1kB',
      fields,
      records: take(lines, versions),
      prepared: true,
    }),
  });
  const insert = (what: string, count: number, rowsEach: number): Row => ({
    what,
    clients: count,
    server: null,
    rounds: rounds(count),
    job: () => ({
      kind: 'insert',
      databaseUrl: service.baselineUrl,
      clients: count,
      rowsEach,
      count: 1_000_000,
      warmUp: rowsEach * count,
      maxMs,
    }),
  });
  const lines = quick ? 8000 : 40_000;
  return [
    ...clients.flatMap((count) => [single(SINGLE, count, 'append'), single(PROTOTYPE, count, 'row-post')]),
    single(`${SINGLE}, fields on`, TARGET_CLIENTS, 'append', { fields: 'on' }),
    single(`${SINGLE}, 4 versions a record`, TARGET_CLIENTS, 'append', { versions: 4 }),
    single(`${SINGLE}, 2.5 kB`, TARGET_CLIENTS, 'append', { resource: '2.5kB' }),
    ...clients.map((count) => stream(STREAM, count, 'off', lines)),
    stream(`${STREAM}, fields on`, 8, 'on', lines / 4),
    stream(`${STREAM}, 4 versions a record`, 8, 'off', lines, 4),
    ...clients.map((count) => insert('plain INSERT, one row a transaction', count, 1)),
    ...(quick ? [8] : [1, 8]).map((count) => insert('plain INSERT, 512 rows a transaction', count, 512)),
  ];
}

function findings(medians: ReadonlyMap<Row, Measured>): Findings {
  const named = (what: string, clients?: number): Measured | undefined =>
    [...medians]
      .filter(([row]) => row.what === what && (clients === undefined || row.clients === clients))
      .map(([, measured]) => measured)
      .toSorted((a, b) => rateOf(b) - rateOf(a))[0];
  const ratio = (row: Row, measured: Measured, what: string): number | null => {
    const baseline = named(what, row.clients);
    return !row.what.startsWith(SINGLE) || baseline === undefined ? null : rateOf(measured) / rateOf(baseline);
  };
  const rows = [...medians].map(([row, measured]): Cell[] => [
    row.what,
    row.clients,
    ...loadCells(measured, row.server),
    ratio(row, measured, PROTOTYPE),
    ratio(row, measured, 'plain INSERT, one row a transaction'),
    row.what.startsWith(STREAM) ? rateOver(measured, named('plain INSERT, 512 rows a transaction')) : null,
  ]);
  const single = named(SINGLE, TARGET_CLIENTS);
  const prototype = named(PROTOTYPE, TARGET_CLIENTS);
  const streamed = named(STREAM);
  const atTarget = `one per request, ${String(TARGET_CLIENTS)} clients`;
  return {
    tables: [
      {
        title: 'Durable appends (1 kB resources, new records and fields off unless the row says otherwise)',
        columns: [
          { title: 'what' },
          { title: 'clients', digits: 0 },
          ...LOAD_COLUMNS,
          { title: '× prototype', digits: 2 },
          { title: '× single INSERTs', digits: 2 },
          { title: '× INSERTs of 512', digits: 2 },
        ],
        rows,
      },
    ],
    targets: [
      atLeast(`appends, ${atTarget}`, 5000, '/s', single === undefined ? null : rateOf(single)),
      atMost(`appends, ${atTarget}, p99`, 50, 'ms', single?.latency?.p99 ?? null),
      atLeast(`appends, ${atTarget}, beside the prototype`, 0.6, '×', rateOver(single, prototype)),
      atLeast(
        'appends, NDJSON, best number of clients',
        15_000,
        '/s',
        streamed === undefined ? null : rateOf(streamed),
      ),
    ],
    notes: [],
  };
}

function rateOver(measured: Measured | undefined, baseline: Measured | undefined): number | null {
  return measured === undefined || baseline === undefined ? null : rateOf(measured) / rateOf(baseline);
}
