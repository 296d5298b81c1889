// What the load generator is told and what it answers. Plain data: it crosses a process boundary.

import type { ResourceSize } from './resources.ts';

/** A closed loop over HTTP: each connection sends its next request when the answer to the last one is there. */
export interface HttpJob {
  readonly kind: 'http';
  readonly port: number;
  readonly connections: number;
  /** Access token for the ledger’s routes; the baseline servers want none. */
  readonly token?: string;
  readonly requests: RequestPlan;
  readonly warmUp: number;
  readonly maxMs: number;
}

export interface RequestPlan {
  /** append, verify, proof: the ledger's routes; row-…: those of the baseline servers. */
  readonly route: 'append' | 'verify' | 'proof' | 'row-post' | 'row-get' | 'row-read';
  readonly resource: ResourceSize;
  readonly fields: 'on' | 'off';
  readonly records: RecordPlan;
}

/** Which (record, version) pairs, in which order. Prepared before the clock starts. */
export interface RecordPlan {
  readonly count: number;
  readonly first: number;
  /** sequence: `first`, `first + 1`, …, each in `versions` versions, some hundred records at a time. random: any of `first … first + population`. */
  readonly order: 'sequence' | 'random';
  readonly versions: number;
  readonly population: number;
}

/** Each client streams its part of the lines in one request of POST /v1/versions. */
export interface NdjsonJob {
  readonly kind: 'ndjson';
  readonly port: number;
  readonly clients: number;
  /** Access token. It is looked at when the stream begins, however long that lasts. */
  readonly token?: string;
  readonly resource: ResourceSize;
  readonly fields: 'on' | 'off';
  readonly records: RecordPlan;
  /** Lines are made before the clock starts, or while it runs (for a million of them there is no room). */
  readonly prepared: boolean;
}

/** The same rows by plain INSERT: `rowsEach` of them in one statement and transaction. */
export interface InsertJob {
  readonly kind: 'insert';
  readonly databaseUrl: string;
  readonly clients: number;
  readonly rowsEach: number;
  readonly count: number;
  readonly warmUp: number;
  readonly maxMs: number;
}

export type Job = HttpJob | NdjsonJob | InsertJob;

export interface LoadResult {
  /** Requests, lines or rows that were answered as they should be. */
  readonly count: number;
  readonly seconds: number;
  /** Of one request or statement; null for streams. */
  readonly latency: Latency | null;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export type ToLoad = { readonly job: Job } | 'go';
export type FromLoad =
  'ready' | { readonly result: LoadResult } | { readonly error: string } | { readonly progress: number };
