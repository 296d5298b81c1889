// A chain's endpoint as public ones are: it gives events of a few blocks at a time, and refuses more. All else is the
// real chain behind it.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface NarrowEndpoint {
  readonly url: string;
  /** How many requests for events were refused, and how many answered. */
  readonly refused: number;
  readonly answered: number;
  stop(): Promise<void>;
}

export async function startNarrowEndpoint(chainUrl: string, blocks: number): Promise<NarrowEndpoint> {
  const counts = { refused: 0, answered: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
      response.setHeader('content-type', 'application/json');
      if (method === 'eth_getLogs') {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        if (Number(toBlock) - Number(fromBlock) >= blocks) {
          counts.refused += 1;
          const error = { code: -32005, message: `at most ${blocks} blocks` };
          response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
          return;
        }
        counts.answered += 1;
      }
      const answer = await fetch(chainUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      response.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return counts.refused;
    },
    get answered() {
      return counts.answered;
    },
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
