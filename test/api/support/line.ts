// A line to a server that a test can cut and mend: a TCP proxy on a port of its own. What was connected is torn down, what
// comes while it is cut is refused; on a dead line, what comes is taken and never answered.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Line {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #dead = false;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async to(target: string): Promise<Line> {
    const line = new Line(target);
    await line.mend();
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async mend(): Promise<void> {
    await this.cut();
    this.#dead = false;
    const server = createServer((near) => {
      if (this.#dead) {
        this.#sockets.add(near);
        near.on('error', () => undefined).once('close', () => this.#sockets.delete(near));
        return;
      }
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Whoever connects from now on waits for an answer in vain. */
  async deaden(): Promise<void> {
    await this.mend();
    this.#dead = true;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
