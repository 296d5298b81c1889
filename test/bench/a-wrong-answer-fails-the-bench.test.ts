// A rate of wrong answers is no rate: the load generator looks at every answer and gives up at the first one that is not
// what was asked for, with the answer in its message.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateLoad } from '../../scripts/bench/load/generator.ts';
import type { HttpJob, NdjsonJob } from '../../scripts/bench/load/job.ts';

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
});

type Answer = (response: ServerResponse, number: number, body: string) => void;

async function serve(answer: Answer): Promise<number> {
  let number = 0;
  const listening = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(response, ++number, Buffer.concat(parts).toString('utf8')));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return (listening.address() as AddressInfo).port;
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
}

const records = { first: 0, order: 'sequence', versions: 1, population: 0 } as const;

function appends(port: number, count: number, route: 'append' | 'verify' = 'append'): HttpJob {
  const requests = { route, resource: '1kB', fields: 'off', records: { count, ...records } } as const;
  return { kind: 'http', port, connections: 3, warmUp: 10, maxMs: 20_000, requests };
}

function lines(port: number, count: number): NdjsonJob {
  const records = { count, first: 0, order: 'sequence', versions: 1, population: 0 } as const;
  return { kind: 'ndjson', port, clients: 2, resource: '1kB', fields: 'off', records, prepared: true };
}

const line = (number: number, status: number): string => `{"line":${number},"status":${status},"receipt":{}}\n`;

describe('one version per request', () => {
  test('all answers are right: those after the warm-up are counted', async () => {
    const bodies = new Set<string>();
    const port = await serve((response, _number, body) => {
      bodies.add(body);
      reply(response, 201, '{}');
    });
    const { count, latency } = await generateLoad(appends(port, 200), { parts: {} });
    expect(count).toBe(190);
    expect(latency?.p99).toBeGreaterThan(0);
    // Each of them is a record of its own.
    expect(bodies.size).toBe(200);
  });

  test('one of them is refused', async () => {
    const port = await serve((response, number) =>
      number === 150 ? reply(response, 503, 'overloaded') : reply(response, 201, '{}'),
    );
    await expect(generateLoad(appends(port, 200), { parts: {} })).rejects.toThrow(/wanted 201[^]*503[^]*overloaded/);
  });

  test('one verdict is not the one that the content deserves', async () => {
    const port = await serve((response, number) =>
      reply(response, 200, `{"verdict":"${number === 60 ? 'altered' : 'identical'}","outcome":"intact"}`),
    );
    await expect(generateLoad(appends(port, 200, 'verify'), { parts: {} })).rejects.toThrow(/"verdict":"altered"/);
  });

  test('the server goes away', async () => {
    const port = await serve((response, number) => (number === 100 ? response.destroy() : reply(response, 201, '{}')));
    await expect(generateLoad(appends(port, 200), { parts: {} })).rejects.toThrow(/closed|hang up|reset/i);
  });
});

describe('a stream of lines', () => {
  const answerAll = (status: (line: number) => number): Answer => {
    return (response, _number, body) => {
      const count = body.split('\n').length - 1;
      response.writeHead(200).end(Array.from({ length: count }, (_, i) => line(i + 1, status(i + 1))).join(''));
    };
  };

  test('every line is answered', async () => {
    const port = await serve(answerAll(() => 201));
    const { count } = await generateLoad(lines(port, 301), { parts: {} });
    expect(count).toBe(301);
  });

  test('one line was there before', async () => {
    const port = await serve(answerAll((number) => (number === 77 ? 200 : 201)));
    await expect(generateLoad(lines(port, 301), { parts: {} })).rejects.toThrow(/status 201[^]*"line":77,"status":200/);
  });

  test('some lines are not answered at all', async () => {
    const port = await serve((response) => response.writeHead(200).end(line(1, 201)));
    await expect(generateLoad(lines(port, 301), { parts: {} })).rejects.toThrow('301 lines sent, 2 answered');
  });
});
