// Rate limits: of every address, of addresses on sensitive routes, and of every client. Counted in this process; several
// processes behind a balancer allow as many times as much (a shared counter would be a round trip for each request).
import { type FastifyInstance } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Principal } from '../auth/principal.ts';
import { DomainError } from '../errors/domain-error.ts';
import { type Metrics } from '../metrics/metrics.ts';
import { addressKey, isSensitive } from './rate-limit.rules.ts';

export interface RateSettings {
  readonly RATE_LIMIT_ADDRESS_PER_MINUTE: number;
  readonly RATE_LIMIT_SENSITIVE_PER_MINUTE: number;
  readonly RATE_LIMIT_CLIENT_PER_MINUTE: number;
}

type Scope = 'address' | 'sensitive' | 'client';

const WINDOW_S = 60;

export class RateLimits {
  readonly #limiters: Readonly<Record<Scope, RateLimiterMemory | null>>;
  readonly #metrics: Metrics;

  /** 0 switches a limit off. */
  constructor(settings: RateSettings, metrics: Metrics) {
    this.#metrics = metrics;
    this.#limiters = {
      address: limiter(settings.RATE_LIMIT_ADDRESS_PER_MINUTE),
      sensitive: limiter(settings.RATE_LIMIT_SENSITIVE_PER_MINUTE),
      client: limiter(settings.RATE_LIMIT_CLIENT_PER_MINUTE),
    };
  }

  /** @throws {DomainError} `rate-limited`, with the seconds to wait */
  async takeAddress(address: string, url: string): Promise<void> {
    const key = addressKey(address);
    await this.#take('address', key, 1);
    if (isSensitive(url)) await this.#take('sensitive', key, 1);
  }

  /** @param points requests, or lines of a stream @throws {DomainError} `rate-limited` */
  async takeClient({ issuer, clientId }: Pick<Principal, 'issuer' | 'clientId'>, points = 1): Promise<void> {
    // Another issuer may have a client of the same id.
    await this.#take('client', `${issuer} ${clientId}`, points);
  }

  async #take(scope: Scope, key: string, points: number): Promise<void> {
    try {
      await this.#limiters[scope]?.consume(key, points);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      this.#metrics.rateLimited.inc({ scope });
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw new DomainError('rate-limited', `too many requests of this ${NAMES[scope]}; try again in ${seconds} s`, {
        retryAfterSeconds: seconds,
      });
    }
  }
}

const NAMES: Readonly<Record<Scope, string>> = {
  address: 'address',
  sensitive: 'address on this route',
  client: 'client',
};

/** Runs before anything is read or looked up, so that a refused request costs next to nothing. */
export function limitAddresses(fastify: FastifyInstance, limits: RateLimits): void {
  fastify.addHook('onRequest', async (request) => {
    await limits.takeAddress(request.ip, request.url);
  });
}

function limiter(points: number): RateLimiterMemory | null {
  return points === 0 ? null : new RateLimiterMemory({ points, duration: WINDOW_S });
}
