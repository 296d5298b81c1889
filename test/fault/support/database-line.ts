// The line between the service and PostgreSQL: a TCP proxy that reads the wire protocol and knows each write point before
// the server does. Severed, it is to the service as if its own process had died at that very message: what was in work is
// rolled back by the server, and nothing passes any more, on no connection.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { writePointOf, type Judge } from './write-point.ts';

export class DatabaseLine {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #judge: Judge;
  readonly #onDeath: () => void;
  #severed = false;

  private constructor(target: string, judge: Judge, onDeath: () => void) {
    this.#target = new URL(target);
    this.#judge = judge;
    this.#onDeath = onDeath;
    this.#server = createServer((near) => this.#join(near));
  }

  /** @param onDeath called when `judge` has decided that the service dies here */
  static async to(target: string, judge: Judge, onDeath: () => void): Promise<DatabaseLine> {
    const line = new DatabaseLine(target, judge, onDeath);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  #join(near: Socket): void {
    if (this.#severed) {
      near.destroy();
      return;
    }
    const far = connect(Number(this.#target.port), this.#target.hostname);
    // The service's own writes are small and answered one by one: Nagle's delay would be all that is measured.
    near.setNoDelay(true);
    far.setNoDelay(true);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    const session = new Session(this.#judge);
    near.on('data', (octets: Buffer) => {
      const { forward, die } = session.fromService(octets);
      if (forward.length > 0 && !this.#severed) far.write(forward);
      if (die) this.#die();
    });
    far.on('data', (octets: Buffer) => {
      const { forward, die } = session.fromServer(octets);
      if (forward.length > 0 && !this.#severed) near.write(forward);
      if (die) this.#die();
    });
  }

  #die(): void {
    if (this.#severed) return;
    this.#onDeath();
  }

  /** Now and for ever; the address refuses connections from here on. */
  async sever(): Promise<void> {
    if (this.#severed) return;
    this.#severed = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

interface Passage {
  readonly forward: Buffer;
  readonly die: boolean;
}

/**
 * One connection. Messages are a type octet, a length that counts itself, and a body; only the service's first message has
 * no type. Statements are prepared (`P`), bound (`B`) and executed, or sent as text (`Q`); node-postgres waits for the
 * server to be ready (`Z`) before the next one.
 */
class Session {
  readonly #judge: Judge;
  readonly #statements = new Map<string, string>();
  #fromService: Buffer = Buffer.alloc(0);
  #fromServer: Buffer = Buffer.alloc(0);
  #started = false;
  /** The last write point of the transaction that is open; empty when it has written nothing. */
  #written = '';
  #dieWhenReady = false;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  fromService(octets: Buffer): Passage {
    this.#fromService = Buffer.concat([this.#fromService, octets]);
    const passed: Buffer[] = [];
    for (;;) {
      const message = this.#take();
      if (message === null) return { forward: Buffer.concat(passed), die: false };
      const fate = this.#fateOf(message);
      if (fate === 'die-before') return { forward: Buffer.concat(passed), die: true };
      if (fate === 'die-after') this.#dieWhenReady = true;
      passed.push(message);
    }
  }

  #take(): Buffer | null {
    const header = this.#started ? 1 : 0;
    if (this.#fromService.length < header + 4) return null;
    const length = header + this.#fromService.readUInt32BE(header);
    if (this.#fromService.length < length) return null;
    const message = this.#fromService.subarray(0, length);
    this.#fromService = this.#fromService.subarray(length);
    // A request for TLS (80877103) is answered by a single octet, and the real start follows.
    if (!this.#started && message.readUInt32BE(4) !== 80_877_103) {
      this.#started = true;
      return message;
    }
    return message;
  }

  #fateOf(message: Buffer): ReturnType<Judge> {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'P') {
      const [name = '', text = ''] = texts(message, 5, 2);
      this.#statements.set(name, text);
      return 'pass';
    }
    if (type === 'Q') return this.#judged('', texts(message, 5, 1)[0] ?? '');
    if (type !== 'B') return 'pass';
    const [, name = ''] = texts(message, 5, 2);
    return this.#judged(name, this.#statements.get(name) ?? '');
  }

  #judged(name: string, text: string): ReturnType<Judge> {
    if (/^\s*(BEGIN|START TRANSACTION|ROLLBACK)/i.test(text)) this.#written = '';
    if (/^\s*COMMIT/i.test(text)) {
      const written = this.#written;
      this.#written = '';
      return written === '' ? 'pass' : this.#judge(`COMMIT after ${written}`);
    }
    const point = writePointOf(name, text);
    if (point === null) return 'pass';
    this.#written = point;
    return this.#judge(point);
  }

  /** Whole messages are looked at, but passed on as they come, unless the answer is the one that must not arrive. */
  fromServer(octets: Buffer): Passage {
    if (!this.#dieWhenReady) return { forward: octets, die: false };
    this.#fromServer = Buffer.concat([this.#fromServer, octets]);
    for (;;) {
      if (this.#fromServer.length < 5) break;
      const length = 1 + this.#fromServer.readUInt32BE(1);
      if (this.#fromServer.length < length) break;
      if (this.#fromServer[0] === 'Z'.charCodeAt(0)) return { forward: Buffer.alloc(0), die: true };
      this.#fromServer = this.#fromServer.subarray(length);
    }
    return { forward: Buffer.alloc(0), die: false };
  }
}

/** `count` texts, each ended by a zero octet. */
function texts(message: Buffer, from: number, count: number): string[] {
  const found: string[] = [];
  let start = from;
  for (let one = 0; one < count; one += 1) {
    const end = message.indexOf(0, start);
    found.push(message.toString('utf8', start, end));
    start = end + 1;
  }
  return found;
}
