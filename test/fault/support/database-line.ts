// The line between the service and PostgreSQL: a TCP proxy that reads the wire protocol and knows each write point before
// the server does. Severed, it is to the service as if its own process had died at that very message: what was in work is
// rolled back by the server, and nothing passes any more, on no connection.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { commitOf, writePointOf, type Judge } from './write-point.ts';

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
 * no type (nobody asks for TLS here). Statements are prepared (`P`), bound (`B`), executed and ended by a `S`, or sent as text
 * (`Q`). Several may be under way; the server says that it is ready (`Z`) once at the start and once for each of them.
 */
class Session {
  readonly #judge: Judge;
  readonly #statements = new Map<string, string>();
  readonly #service = new Messages(false);
  readonly #server = new Messages(true);
  /** The last write point of the transaction that is open; empty when it has written nothing. */
  #written = '';
  /** Statements that were passed on, and how often the server was ready: one ahead, for the start. */
  #asked = 0;
  #ready = -1;
  /** The statement that is the last one is on its way, or it is passed on and its answer must not arrive. */
  #last: 'none' | 'passing' | 'passed' = 'none';

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  fromService(octets: Buffer): Passage {
    const passed: Buffer[] = [];
    for (const message of this.#service.take(octets)) {
      if (this.#last === 'passed') break;
      const fate = this.#fateOf(message);
      if (fate === 'die-before') return { forward: Buffer.concat(passed), die: true };
      if (fate === 'die-after') this.#last = 'passing';
      passed.push(message);
      if (typeOf(message) !== 'S' && typeOf(message) !== 'Q') continue;
      this.#asked += 1;
      if (this.#last === 'passing') this.#last = 'passed';
    }
    return { forward: Buffer.concat(passed), die: false };
  }

  #fateOf(message: Buffer): ReturnType<Judge> {
    const type = typeOf(message);
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
      return written === '' ? 'pass' : this.#judge(commitOf(written));
    }
    const point = writePointOf(name, text);
    if (point === null) return 'pass';
    this.#written = point;
    return this.#judge(point);
  }

  /** Everything passes as it comes, until the last statement is under way: then nothing does. */
  fromServer(octets: Buffer): Passage {
    for (const message of this.#server.take(octets)) if (typeOf(message) === 'Z') this.#ready += 1;
    if (this.#last === 'none') return { forward: octets, die: false };
    return { forward: Buffer.alloc(0), die: this.#last === 'passed' && this.#ready >= this.#asked };
  }
}

/** Cuts a stream into whole messages. */
class Messages {
  #typed: boolean;
  #rest: Buffer = Buffer.alloc(0);

  constructor(typed: boolean) {
    this.#typed = typed;
  }

  take(octets: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, octets]);
    const whole: Buffer[] = [];
    for (;;) {
      const header = this.#typed ? 1 : 0;
      if (this.#rest.length < header + 4) return whole;
      const length = header + this.#rest.readUInt32BE(header);
      if (this.#rest.length < length) return whole;
      whole.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      this.#typed = true;
    }
  }
}

/** The start has none; its length is far below 2^24, so it reads as a zero octet. */
function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
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
