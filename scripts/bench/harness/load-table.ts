// Load measurements as rows of a table: rate, latency, and CPU microseconds per operation for each process.

import type { Measured } from '../load/generator.ts';
import type { Cell, Column } from './findings.ts';

export const LOAD_COLUMNS: readonly Column[] = [
  { title: 'per second', digits: 0 },
  { title: 'p50', digits: 1, unit: 'ms' },
  { title: 'p95', digits: 1, unit: 'ms' },
  { title: 'p99', digits: 1, unit: 'ms' },
  { title: 'max', digits: 1, unit: 'ms' },
  { title: 'server CPU', digits: 0, unit: 'µs/op' },
  { title: 'PostgreSQL CPU', digits: 0, unit: 'µs/op' },
  { title: 'load CPU', digits: 0, unit: 'µs/op' },
  { title: 'others', digits: 0, unit: '% of cores' },
];

/** `server` is the process that answers: the API, a baseline server, or none. */
export function loadCells(measured: Measured, server: string | null): Cell[] {
  const { latency, cpu } = measured;
  const perOperation = (part: string): number | null => {
    const seconds = cpu.seconds[part];
    return seconds === undefined || seconds === null ? null : (seconds / measured.count) * 1e6;
  };
  return [
    rateOf(measured),
    latency?.p50 ?? null,
    latency?.p95 ?? null,
    latency?.p99 ?? null,
    latency?.max ?? null,
    server === null ? null : perOperation(server),
    perOperation('postgres'),
    perOperation('load'),
    cpu.othersShare === null ? null : cpu.othersShare * 100,
  ];
}

export function rateOf({ count, seconds }: Measured): number {
  return count / seconds;
}

/** The run with the middle rate: one disturbed run among three changes nothing. */
export function medianRun(runs: readonly Measured[]): Measured {
  const middle = runs.toSorted((a, b) => rateOf(a) - rateOf(b))[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('no run to take the median of');
  return middle;
}

/** For the line that is shown while the bench runs. */
export function describeRun(measured: Measured): string {
  const { latency, cpu } = measured;
  const p99 = latency === null ? '' : `, p99 ${latency.p99.toFixed(1)} ms`;
  const others = cpu.othersShare === null ? '' : `, others use ${(cpu.othersShare * 100).toFixed(0)} % of the cores`;
  return `${rateOf(measured).toFixed(0)}/s${p99}${others}`;
}
