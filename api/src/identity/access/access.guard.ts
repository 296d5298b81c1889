// Stands before every route: reads what the route declares (access.decorators.ts), finds out who asks, and asks the gate.
import { Readable } from 'node:stream';
import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { ACCESS, type RouteAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { certificateThumbprint } from '../../platform/auth/client-certificate.ts';
import { type Principal } from '../../platform/auth/principal.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type RateLimits } from '../../platform/http/rate-limits.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type Authenticator } from './authenticator.ts';
import { challengeOf } from './challenge.rules.ts';
import { bearerToken, breakGlassReason, declaredPurpose } from './declared.rules.ts';
import { type Gate } from './gate.ts';

/** What the guard leaves on the request, for `@Caller()` and `@ThisAccess()`. */
interface GuardedRequest extends FastifyRequest {
  caller?: Principal;
  access?: RequestAccess;
}

export class AccessGuard implements CanActivate {
  readonly #authenticator: Authenticator;
  readonly #gate: Gate;
  readonly #config: Config;
  readonly #limits: RateLimits;
  readonly #metrics: Metrics;

  constructor(authenticator: Authenticator, gate: Gate, config: Config, limits: RateLimits, metrics: Metrics) {
    this.#authenticator = authenticator;
    this.#gate = gate;
    this.#config = config;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declared = declaredAccess(context.getHandler(), context.getClass());
    // The start-up has refused such a route already; should one appear, nobody gets in.
    if (declared === undefined) return false;
    if ('public' in declared || declared.publicWhen?.(this.#config) === true) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    try {
      const caller = await this.#authenticate(request);
      // Of the client and not of the person: a loop in a program is what this stops.
      await this.#limits.takeClient(caller);
      request.caller = caller;
      request.access = await this.#gate.admit({
        principal: caller,
        action: declared.action,
        source: sourceOf(request),
        route: `${request.method} ${request.routeOptions.url ?? ''}`,
        purpose: declaredPurpose(request.headers),
        breakGlass: breakGlassReason(request.headers),
        address: request.ip,
        requestId: request.id,
      });
      return true;
    } catch (error) {
      this.#refused(error, request, http.getResponse<FastifyReply>());
      throw error;
    }
  }

  #authenticate(request: GuardedRequest): Promise<Principal> {
    const token = bearerToken(request.headers);
    if (token === null)
      throw new DomainError(
        'token-missing',
        'this route needs an access token: Authorization: Bearer, a space, the token',
      );
    return this.#authenticator.authenticate(token, certificateThumbprint(request.raw.socket));
  }

  #refused(error: unknown, request: GuardedRequest, reply: FastifyReply): void {
    // A stream of lines that nobody will read must not hold the connection.
    if (request.body instanceof Readable && !request.raw.complete) void reply.header('connection', 'close');
    // What the limit refuses is counted there, and says nothing of rights.
    if (!(error instanceof DomainError) || error.code === 'rate-limited') return;
    this.#metrics.denials.inc({ code: error.code });
    const challenge = challengeOf(error, this.#config.PUBLIC_URL);
    if (challenge !== null) void reply.header('www-authenticate', challenge);
  }
}

/** Of the method, else of its class. */
export function declaredAccess(handler: Function, controller: Function): RouteAccess | undefined {
  return (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as RouteAccess | undefined;
}

function sourceOf({ params }: FastifyRequest): string | null {
  const source: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'source') : undefined;
  return typeof source === 'string' ? source : null;
}
