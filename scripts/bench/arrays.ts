// What a row of the append path costs by `unnest` of arrays as text, as node-postgres sends them, and in PostgreSQL's binary
// format (api/src/platform/database/binary-array.ts): CPU time per row in this process and in the back-end, in turns.
//
//     node scripts/medanchor.mjs run scripts/bench/arrays.ts

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { byteaArray, int4Array, int8Array, textArray } from '../../api/src/platform/database/binary-array.ts';
import { freePort } from '../launch/ports.ts';
import { databaseAccount } from '../launch/postgres-account.ts';
import { newPassword, startPostgres } from '../launch/postgres.ts';

const ROWS = 512;
const BATCHES = 100;
/** Microseconds in a tick of /proc/PID/stat. */
const TICK = 10_000;

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-bench-'));
chmodSync(folder, 0o711);
const server = await startPostgres({
  clusterDir: path.join(folder, 'postgres'),
  account: databaseAccount(),
  port: await freePort(),
  password: newPassword(),
  onLine: () => undefined,
});
const client = new pg.Client(server.url('postgres'));
await client.connect();
try {
  await client.query(
    'CREATE TABLE sent (id bigint PRIMARY KEY, position int, version text, scheme text, media_type text, leaf bytea, components bytea)',
  );
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid ?? 0;
  for (let round = 0; round < 3; round += 1)
    for (const kind of ['text', 'binary'] as const) await measure(kind, pid, BigInt(round) * 1_000_000n);
} finally {
  await client.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(kind: 'text' | 'binary', pid: number, first: bigint): Promise<void> {
  const before = backendTicks(pid);
  let own = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const columns = columnsOf(first + (kind === 'text' ? 0n : 500_000n) + BigInt(batch * ROWS));
    const usage = process.cpuUsage();
    const { ids, positions, texts, octets } = columns;
    const values =
      kind === 'text'
        ? [ids, positions, ...texts, ...octets]
        : [int8Array(ids), int4Array(positions), ...texts.map(textArray), ...octets.map(byteaArray)];
    await client.query({
      name: 'sent',
      text: 'INSERT INTO sent SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])',
      values,
    });
    const used = process.cpuUsage(usage);
    own += used.user + used.system;
  }
  const count = ROWS * BATCHES;
  const theirs = ((backendTicks(pid) - before) * TICK) / count;
  console.log(
    `${kind.padEnd(6)}  this process ${(own / count).toFixed(2)} µs/row, PostgreSQL ${theirs.toFixed(2)} µs/row`,
  );
}

function columnsOf(first: bigint) {
  const positions = Array.from({ length: ROWS }, (_, position) => position);
  const same = (text: string): string[] => positions.map(() => text);
  return {
    ids: positions.map((position) => first + BigInt(position)),
    positions,
    texts: [same('1'), same('fhir-json-static/1'), same('application/fhir+json')],
    octets: [positions.map(() => randomBytes(32)), positions.map(() => randomBytes(128))],
  };
}

function backendTicks(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
