// Streams of lines: each client sends its part in one request of POST /v1/versions and reads the results as they come.
// Every line must be answered 201.

import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import type { LoadResult, NdjsonJob } from './job.ts';
import { lineTemplate, pairs } from './requests.ts';

const LINES_PER_CHUNK = 64;
const GOOD = /^\{"line":[0-9]+,"status":201,/;

export async function runNdjson(
  job: NdjsonJob,
  ready: () => Promise<void>,
  progress: (answered: number) => void,
): Promise<LoadResult> {
  const parts = Array.from({ length: job.clients }, (_, client) => chunksOf(job, client));
  const sources = job.prepared ? parts.map((part) => [...part]) : parts;
  await ready();
  const start = performance.now();
  let count = 0;
  const reporter = setInterval(() => progress(count), 500);
  try {
    await Promise.all(sources.map((chunks) => stream(job, chunks, (lines) => (count += lines))));
  } finally {
    clearInterval(reporter);
  }
  const seconds = (performance.now() - start) / 1000;
  if (count !== job.records.count)
    throw new Error(`${String(job.records.count)} lines sent, ${String(count)} answered`);
  return { count, seconds, latency: null };
}

/** The lines of one client: its share of the records, so that no two clients race for the versions of one record. */
function* chunksOf({ records, clients, resource, fields }: NdjsonJob, client: number): Generator<Buffer> {
  const template = lineTemplate(resource, fields);
  let chunk = Buffer.allocUnsafe(LINES_PER_CHUNK * template.length);
  let at = 0;
  for (const [record, version] of pairs(records)) {
    if (record % clients !== client) continue;
    at = template.fillInto(chunk, at, record, version);
    if (at < chunk.length) continue;
    yield chunk;
    chunk = Buffer.allocUnsafe(LINES_PER_CHUNK * template.length);
    at = 0;
  }
  if (at > 0) yield chunk.subarray(0, at);
}

async function stream(
  { port, token }: NdjsonJob,
  chunks: Iterable<Buffer>,
  answered: (lines: number) => void,
): Promise<void> {
  const outgoing = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/versions',
    headers: {
      'content-type': 'application/x-ndjson',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  const answers = readAnswers(outgoing, answered);
  // A refusal comes before all is sent; it must stop the sender, which would wait for room for ever.
  await Promise.race([answers, send(outgoing, chunks)]);
  await answers;
}

async function send(outgoing: ClientRequest, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  outgoing.end();
}

function readAnswers(outgoing: ClientRequest, answered: (lines: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`POST /v1/versions: ${String(response.statusCode)}`));
      let rest = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        const bad = lines.find((line) => !GOOD.test(line));
        if (bad !== undefined) reject(new Error(`wanted a line with status 201, got:\n${bad.slice(0, 2000)}`));
        answered(lines.length);
      });
      response.once('error', reject);
      response.once('end', resolve);
    });
  });
}
