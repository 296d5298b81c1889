// The caller of a request, where a route can be reached without one. Null only where no guard has run.
import { type FastifyRequest } from 'fastify';
import { type Principal } from './principal.ts';

export function callerOf(request: FastifyRequest): Principal | null {
  return (request as FastifyRequest & { caller?: Principal }).caller ?? null;
}
