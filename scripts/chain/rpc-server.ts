// JSON-RPC 2.0 over HTTP POST for the local chain, single requests and batches. No WebSocket, no subscriptions.
// Everything here may come from any program on the machine, so sizes are bounded and state changes are refused.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChainNode } from './hardhat-node.ts';
import { classifyMethod, refusalOf } from './method-policy.ts';
import { RpcError, toRpcErrorBody, type RpcErrorBody } from './rpc-error.ts';
import { JournalLostError, type Sequencer } from './sequencer.ts';

const MAX_BODY_OCTETS = 8 * 1024 * 1024;
const MAX_BATCH = 1000;

export interface RpcServerOptions {
  readonly node: ChainNode;
  readonly sequencer: Sequencer;
  readonly host: string;
  readonly port: number;
  /** Lets evm_*, hardhat_* and unlocked accounts through: for tests only. */
  readonly allowAdmin: boolean;
  /** Called once when the chain can no longer be trusted to be what its journal says. */
  readonly onFatal: (error: JournalLostError) => void;
}

interface RpcResponse {
  readonly jsonrpc: '2.0';
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: RpcErrorBody;
}

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #server: Server;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) sendJson(response, 500, failure(null, error));
        else response.destroy();
      });
    });
  }

  async listen(): Promise<{ url: string; port: number }> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address() as AddressInfo;
    return { url: `http://${host}:${String(address.port)}`, port: address.port };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    // Answers on their way get a moment; clients that keep their connection open do not hold up the end.
    const impatience = setTimeout(() => this.#server.closeAllConnections(), 1000);
    await closed;
    clearTimeout(impatience);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Readable from any web page: all that is served is public, and nothing changes without a signature.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'content-type');
    response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    if (request.method !== 'POST') {
      sendJson(response, 405, failure(null, new RpcError(-32600, 'use POST with a JSON-RPC 2.0 body')));
      return;
    }
    const body = await readBody(request);
    if (body === null) {
      response.setHeader('connection', 'close');
      sendJson(response, 413, failure(null, new RpcError(-32600, `a body may have ${String(MAX_BODY_OCTETS)} octets`)));
      return;
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      sendJson(response, 200, failure(null, new RpcError(-32700, 'parse error: the body is not JSON')));
      return;
    }
    sendJson(response, 200, await this.#answerAll(parsed));
  }

  async #answerAll(parsed: unknown): Promise<RpcResponse | RpcResponse[]> {
    if (!Array.isArray(parsed)) return await this.#answer(parsed);
    if (parsed.length === 0 || parsed.length > MAX_BATCH) {
      return failure(null, new RpcError(-32600, `a batch has 1 to ${String(MAX_BATCH)} requests`));
    }
    // In order, so that a batch of transactions is mined in the order in which it was written.
    const answers: RpcResponse[] = [];
    for (const request of parsed) answers.push(await this.#answer(request));
    return answers;
  }

  async #answer(request: unknown): Promise<RpcResponse> {
    const { id, method, params } = readRequest(request);
    if (method === null || params === null) return failure(id, new RpcError(-32600, 'not a JSON-RPC 2.0 request'));
    try {
      return { jsonrpc: '2.0', id, result: await this.#dispatch(method, params) };
    } catch (error) {
      if (error instanceof JournalLostError) this.#options.onFatal(error);
      return failure(id, error);
    }
  }

  async #dispatch(method: string, params: readonly unknown[]): Promise<unknown> {
    const verdict = classifyMethod(method);
    if (verdict === 'send-raw') return await this.#options.sequencer.send(params);
    if (verdict === 'admin' && !this.#options.allowAdmin) throw new RpcError(-32601, refusalOf(method));
    return await this.#options.node.request(method, params);
  }
}

function readRequest(request: unknown): { id: unknown; method: string | null; params: readonly unknown[] | null } {
  if (typeof request !== 'object' || request === null) return { id: null, method: null, params: null };
  const id: unknown = Reflect.get(request, 'id');
  const method: unknown = Reflect.get(request, 'method');
  const params: unknown = Reflect.get(request, 'params') ?? [];
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    method: typeof method === 'string' && Reflect.get(request, 'jsonrpc') === '2.0' ? method : null,
    params: Array.isArray(params) ? params : null,
  };
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request) {
    const buffer = part as Buffer;
    octets += buffer.length;
    if (octets > MAX_BODY_OCTETS) return null;
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

function failure(id: unknown, error: unknown): RpcResponse {
  return { jsonrpc: '2.0', id, error: toRpcErrorBody(error) };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
