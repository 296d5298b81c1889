// The only way to a server: an HTTP proxy that can be shut. Closed, it refuses connections; silent, it takes requests and
// never answers; open, it passes everything on. That is how an endpoint looks from outside when it is gone or hangs.

import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Door {
  readonly #target: URL;
  #server: Server | undefined;
  #port = 0;
  #silent = false;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the same port each time. */
  async open(): Promise<void> {
    this.#silent = false;
    if (this.#server !== undefined) return;
    const server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Requests are taken from now on and never answered. */
  async silence(): Promise<void> {
    await this.open();
    this.#silent = true;
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (this.#silent) return;
    const { method, headers } = incoming;
    const onwards = request(this.#target, { method, headers: { ...headers, host: this.#target.host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.once('error', () => outgoing.destroy());
    incoming.pipe(onwards);
  }
}
