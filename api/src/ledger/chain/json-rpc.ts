// A plain JSON-RPC client in the shape of EIP-1193, for the verifier's anchor check. One request per call, with a time-out.
import { type Eip1193Provider } from '@medanchor/verifier';

export class JsonRpcClient implements Eip1193Provider {
  readonly #url: string;
  readonly #timeoutMs: number;
  #id = 0;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  async request({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.#id += 1;
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: this.#id, method, params: params ?? [] }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const answer = (await response.json()) as { result?: unknown; error?: { message?: unknown } } | null;
    if (answer === null || typeof answer !== 'object' || answer.error !== undefined || !('result' in answer)) {
      throw new Error(`${method} was refused by the chain's endpoint (HTTP ${response.status})`);
    }
    return answer.result;
  }
}
