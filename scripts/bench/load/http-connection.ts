// One keep-alive HTTP/1.1 connection of the load generator. Requests are octets made beforehand; of an answer only the
// status, the length and, where asked for, the presence of some octets are looked at. A client library would use more of
// the two cores than the service (see docs/performance.md); this is no general client: it wants a Content-Length.

import { connect, type Socket } from 'node:net';

export interface Wanted {
  readonly status: number;
  /** Each must occur in the body. */
  readonly contains: readonly Buffer[];
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

export class HttpConnection {
  readonly #socket: Socket;
  readonly #wanted: Wanted;
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #received: Buffer | null = null;

  private constructor(socket: Socket, wanted: Wanted) {
    this.#socket = socket;
    this.#wanted = wanted;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(port: number, wanted: Wanted): Promise<HttpConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new HttpConnection(socket, wanted);
  }

  /** Resolves when the wanted answer is there. Rejects with what came instead. */
  request(octets: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(octets);
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = received.indexOf(END_OF_HEAD);
    if (headEnd < 0) {
      this.#received = received;
      return;
    }
    const head = received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
    if (length === undefined) return this.#fail(new Error(`an answer without Content-Length:\n${head}`));
    const end = headEnd + END_OF_HEAD.length + Number(length);
    if (received.length < end) {
      this.#received = received;
      return;
    }
    this.#received = null;
    const { status, contains } = this.#wanted;
    if (Number(head.slice(9, 12)) !== status || !contains.every((part) => received.includes(part, headEnd))) {
      const wanted = `${String(status)}${contains.map((part) => ` with ${part.toString()}`).join()}`;
      return this.#fail(new Error(`wanted ${wanted}, got:\n${received.toString('utf8', 0, 2000)}`));
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve();
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
