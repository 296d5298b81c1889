// `node scripts/medanchor.mjs run scripts/bench/backup.ts [--entries 200000]`: fills a throw-away ledger through its API,
// backs it up while it runs and at rest, restores it, and prints time, size and peak memory of each.

import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startThrowAway } from '../demo/throw-away.ts';
import { tokenSource } from '../launch/token.ts';
import type { Instance } from '../launch/instance.ts';
import { PROJECT_ROOT } from '../launch/settings.ts';

const LINES = 5000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({ options: { entries: { type: 'string', default: '200000' } } });
const entries = Number.parseInt(values.entries, 10);
if (!(entries > 0)) throw new Error('--entries must be a positive number');

say(
  `machine: ${String(cpus().length)} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${String(entries)} entries`,
);
const throwAway = await startThrowAway(() => undefined);
try {
  const { instance } = throwAway;
  await fill(instance, 0, entries);
  await untilConfirmed(instance, entries);
  const at = (name: string): string => path.join(instance.folder.root, name);
  const rest = await measure('backup', ['--to', at('rest.backup')], instance.env);
  report('backup at rest', rest, at('rest.backup'));
  report('check of the file', await measure('restore', ['--check', '--from', at('rest.backup')], instance.env));
  const env = { ...instance.env, DATABASE_URL: await emptyDatabase(instance.databaseUrl) };
  report('restore and proof', await measure('restore', ['--from', at('rest.backup')], env));
  const plain = await time(() => fill(instance, entries, LINES * 4));
  const [busy, loaded] = await Promise.all([
    measure('backup', ['--to', at('busy.backup')], instance.env),
    time(() => fill(instance, entries + LINES * 4, LINES * 4)),
  ]);
  report('backup under load', busy, at('busy.backup'));
  say(
    `appends of ${String(LINES * 4)}: ${plain.toFixed(1)} s without, ${loaded.toFixed(1)} s beside a backup of ${busy.seconds.toFixed(1)} s`,
  );
} finally {
  await throwAway.end();
}

async function fill({ apiUrl, env }: Instance, from: number, count: number): Promise<void> {
  for (let start = from; start < from + count; start += LINES) {
    const lines = Array.from({ length: Math.min(LINES, from + count - start) }, (_, at) => {
      const id = String(start + at);
      const content = `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"Potassium"},"valueQuantity":{"value":4.${id},"unit":"mmol/L"}}`;
      return JSON.stringify({
        source: 'bench',
        recordId: `Observation/${id}`,
        versionId: '1',
        mediaType: 'application/fhir+json',
        contentBase64: Buffer.from(content).toString('base64'),
      });
    });
    const response = await fetch(`${apiUrl}/v1/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${await tokenSource(env)()}` },
      body: `${lines.join('\n')}\n`,
    });
    const answers = (await response.text()).trimEnd().split('\n');
    if (answers.length !== lines.length || answers.some((answer) => !answer.includes('"receipt"')))
      throw new Error(
        `not every version was recorded: ${answers.find((answer) => !answer.includes('"receipt"')) ?? ''}`,
      );
  }
}

async function untilConfirmed({ apiUrl }: Instance, size: number): Promise<void> {
  for (;;) {
    const log = (await (await fetch(`${apiUrl}/v1/log`)).json()) as { sizes: { confirmed: string } };
    if (Number(log.sizes.confirmed) >= size) return;
    await delay(200);
  }
}

async function emptyDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE DATABASE bench_restore');
  await client.end();
  const empty = new URL(url);
  empty.pathname = '/bench_restore';
  return empty.href;
}

interface Measured {
  readonly seconds: number;
  /** Of the program itself, without PostgreSQL's share: what a busy machine does not inflate. */
  readonly cpuSeconds: number;
  readonly peakRssOctets: number;
  readonly code: number | null;
}

/** The program as an operator runs it; its peak memory as the kernel saw it last. */
async function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'api', 'dist', `${program}.js`), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakRssOctets = 0;
  let cpuSeconds = 0;
  const poll = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      peakRssOctets = Number(/VmHWM:\s+([0-9]+) kB/.exec(status)?.[1] ?? 0) * 1024 || peakRssOctets;
      // Fields 14 and 15, in ticks of 10 ms; the name in field 2 may hold anything.
      const stat = readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100 || cpuSeconds;
    } catch {
      // It has just ended.
    }
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(poll);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, peakRssOctets, code };
}

async function time(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function report(what: string, { seconds, cpuSeconds, peakRssOctets, code }: Measured, file?: string): void {
  const size = file === undefined ? '' : `, file ${megabytes(statSync(file).size)}`;
  say(
    `${what}: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of CPU), peak RSS ${megabytes(peakRssOctets)}${size}, exit ${String(code)}`,
  );
}

function megabytes(octets: number): string {
  return `${(octets / 1e6).toFixed(0)} MB`;
}
