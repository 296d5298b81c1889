// A line of the log for a request that was refused: a bearer token, input, a limit (ASVS 16.3.1, 16.3.3). It says from where and why,
// and nothing of what was sent. Bounded, so that nobody fills a disk by it: what is beyond is counted by the metrics alone.
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Logger } from '../logger/logger.ts';
import { addressKey } from './rate-limit.rules.ts';

export interface Refusal {
  readonly status: number;
  /** Of the problem document, or of Node's parser; null for a page. */
  readonly code: string | null;
  readonly address: string | null;
  readonly method: string | null;
  /** As it is declared: what stands in an address names records. */
  readonly route: string | null;
  readonly requestId: string | null;
}

/** Lines in a minute. A line has about 250 octets: a flood from everywhere makes 36 MB a day. */
const OF_ONE_ADDRESS = 5;
const OF_ALL = 100;
const WINDOW_S = 60;

/** What is refused in the course of honest work: an address that is not there, something that has changed meanwhile. */
const HARMLESS: readonly number[] = [404, 409, 410, 412];

export class RefusalLog {
  readonly #logger: Logger;
  readonly #address = new RateLimiterMemory({ points: OF_ONE_ADDRESS, duration: WINDOW_S });
  readonly #all = new RateLimiterMemory({ points: OF_ALL, duration: WINDOW_S });

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(refusal: Refusal): void {
    if (refusal.status < 400 || refusal.status >= 500 || HARMLESS.includes(refusal.status)) return;
    this.#line(refusal).catch((error: unknown) => this.#logger.error({ err: error }, 'a refusal is not in the log'));
  }

  async #line(refusal: Refusal): Promise<void> {
    const ofAddress = await take(this.#address, addressKey(refusal.address ?? ''), OF_ONE_ADDRESS);
    if (ofAddress === null) return;
    const ofAll = await take(this.#all, '', OF_ALL);
    if (ofAll === null) return;
    // The last one says that it is the last.
    const leftOut = ofAll === 'last' ? 'all addresses' : ofAddress === 'last' ? 'this address' : null;
    this.#logger.info({ ...refusal, ...(leftOut === null ? {} : { leftOut }) }, 'a request was refused');
  }
}

/** @returns null when there is no room */
async function take(limiter: RateLimiterMemory, key: string, points: number): Promise<'room' | 'last' | null> {
  // `penalty` counts and never rejects.
  const { consumedPoints } = await limiter.penalty(key, 1);
  if (consumedPoints > points) return null;
  return consumedPoints === points ? 'last' : 'room';
}

const codes = new WeakMap<FastifyReply, string>();

/** Called by whoever writes a problem document. */
export function rememberCode(reply: FastifyReply, code: string): void {
  codes.set(reply, code);
}

export function logRefusals(fastify: FastifyInstance, refusals: RefusalLog): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    refusals.note({
      status: reply.statusCode,
      code: codes.get(reply) ?? null,
      address: request.ip,
      method: request.method,
      route: request.routeOptions.url ?? null,
      requestId: request.id,
    });
    done();
  });
}
