// The baseline without a ledger: the same rows by plain INSERT, one or many in a transaction, on the same PostgreSQL.

import { createHash } from 'node:crypto';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import pg from 'pg';
import { latencyOf, recordMs } from './http-load.ts';
import type { InsertJob, LoadResult } from './job.ts';

/** What the ledger stores per version, as one row: name, entry, leaf hash, commitments. */
export const PLAIN_TABLE = `CREATE TABLE IF NOT EXISTS plain_version (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_id text NOT NULL,
  version_id text NOT NULL,
  leaf_hash bytea NOT NULL,
  entry bytea NOT NULL,
  commitments bytea NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (record_id, version_id))`;

const COLUMNS = ['record_id', 'version_id', 'leaf_hash', 'entry', 'commitments'] as const;
/** Octets of an entry and of six commitments in the ledger. */
const ENTRY = Buffer.alloc(450, 7);
const COMMITMENTS = Buffer.alloc(6 * 32, 7);

export async function runInserts(job: InsertJob, ready: () => Promise<void>): Promise<LoadResult> {
  const clients = await Promise.all(Array.from({ length: job.clients }, () => connectTo(job.databaseUrl)));
  const run = `${String(process.pid)}-${String(Date.now())}`;
  let next = 0;
  let rows = 0;
  const loop = async (end: number, deadline: number, latency: RecordableHistogram): Promise<void> => {
    await Promise.all(
      clients.map(async (client) => {
        for (;;) {
          const size = Math.min(job.rowsEach, end - next);
          if (size <= 0 || performance.now() > deadline) return;
          const values = Array.from({ length: size }, () => row(run, next++)).flat();
          const sent = performance.now();
          await client.query({ name: `insert-${String(size)}`, text: statement(size), values });
          recordMs(latency, performance.now() - sent);
          rows += size;
        }
      }),
    );
  };
  await loop(job.warmUp, Infinity, createHistogram());
  next = job.warmUp;
  rows = 0;
  await ready();
  const latency = createHistogram();
  const start = performance.now();
  await loop(job.count, start + job.maxMs, latency);
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return { count: rows, seconds, latency: latencyOf(latency) };
}

async function connectTo(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

function row(run: string, number: number): unknown[] {
  const name = `Observation/${run}-${String(number)}`;
  return [name, '0001', createHash('sha256').update(name).digest(), ENTRY, COMMITMENTS];
}

function statement(rows: number): string {
  const places = Array.from(
    { length: rows },
    (_, position) => `(${COLUMNS.map((_column, i) => `$${String(position * COLUMNS.length + i + 1)}`).join(',')})`,
  );
  return `INSERT INTO plain_version (${COLUMNS.join(',')}) VALUES ${places.join(',')}`;
}
