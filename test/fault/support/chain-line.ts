// The line between the service and its chain: a JSON-RPC proxy in front of the real node. It can be cut and mended, it can
// alter what chosen methods answer, and it knows a transaction before the node does.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Judge } from './write-point.ts';

export interface RpcCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface RpcAnswer {
  id?: unknown;
  result?: unknown;
  error?: unknown;
  [member: string]: unknown;
}

/** Takes over a response: `answer` gets what the node says. Null leaves it as it is. */
export type Alteration = (
  call: RpcCall,
  answer: () => Promise<RpcAnswer>,
  response: ServerResponse,
) => Promise<void> | null;

export const SEND = 'eth_sendRawTransaction';

export class ChainLine {
  readonly #target: string;
  readonly #judge: Judge;
  readonly #onDeath: () => void;
  #server: Server | undefined;
  #port = 0;
  #alteration: Alteration = () => null;
  /** Methods as they were asked, since the last look. */
  readonly asked: string[] = [];

  private constructor(target: string, judge: Judge, onDeath: () => void) {
    this.#target = target;
    this.#judge = judge;
    this.#onDeath = onDeath;
  }

  static async to(target: string, judge: Judge = () => 'pass', onDeath = (): void => undefined): Promise<ChainLine> {
    const line = new ChainLine(target, judge, onDeath);
    await line.mend();
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on; without an argument, answers pass as they are. */
  alter(alteration: Alteration = () => null): void {
    this.#alteration = alteration;
  }

  async mend(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    // One that was on its way when the line was severed would wait for an answer in vain.
    server.on('connection', (socket) => {
      if (!server.listening) socket.destroy();
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async sever(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const call = JSON.parse(Buffer.concat(parts).toString('utf8')) as RpcCall;
    this.asked.push(call.method);
    const fate = call.method === SEND ? this.#judge(SEND) : 'pass';
    if (fate === 'die-before') {
      this.#onDeath();
      return;
    }
    const answer = (): Promise<RpcAnswer> => ask(this.#target, call);
    if (fate === 'die-after') {
      await answer();
      this.#onDeath();
      return;
    }
    await (this.#alteration(call, answer, response) ?? answer().then((given) => sendJson(response, given)));
  }
}

export function sendJson(response: ServerResponse, answer: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

async function ask(target: string, call: RpcCall): Promise<RpcAnswer> {
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...call, jsonrpc: '2.0' }),
  });
  return (await response.json()) as RpcAnswer;
}
