// Starts baseline/server.ts on tables of its own in the database of the baselines.

import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { startChild } from '../../launch/child.ts';
import { PROJECT_ROOT } from '../../launch/settings.ts';
import { findDescendant } from '../harness/processes.ts';
import { PLAIN_TABLE } from '../load/insert-load.ts';
import { PROTOTYPE_TABLE } from './group-commit.ts';

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url));

export interface BaselineServer {
  readonly port: number;
  readonly pid: number | null;
  stop(): Promise<void>;
}

/** Makes the baselines' tables; `rows` of them are there already, named as the bench names its records. */
export async function prepareTables(databaseUrl: string, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(PLAIN_TABLE);
    await client.query(PROTOTYPE_TABLE);
    await client.query(
      `INSERT INTO prototype_version (record_id, version_id, digest)
       SELECT 'Observation/bench-' || lpad(n::text, 10, '0'), '0001', sha256(n::text::bytea) FROM generate_series(0, $1::bigint - 1) AS n
       ON CONFLICT DO NOTHING`,
      [rows],
    );
    await client.query('VACUUM ANALYZE prototype_version');
  } finally {
    await client.end();
  }
}

export async function startBaselineServer(databaseUrl: string): Promise<BaselineServer> {
  const complaints: string[] = [];
  let firstLine: (line: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (firstLine = resolve));
  const child = startChild({
    name: 'the baseline server',
    command: process.execPath,
    args: [SERVER],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', DATABASE_URL: databaseUrl },
    cwd: PROJECT_ROOT,
    stopSignal: 'TERM',
    graceMs: 5000,
    onLine: (line, stream) => {
      if (stream === 'stdout') firstLine(line);
      else complaints.push(line);
    },
  });
  const line = await Promise.race([
    ready,
    child.exited.then((text) => {
      throw new Error([text, ...complaints].join('\n  '));
    }),
  ]);
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(line));
  return { port, pid: findDescendant('baseline/server.ts'), stop: () => child.stop() };
}
