// The one filter: every error becomes application/problem+json with a stable code.
import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { VerifyError } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { isConnectionLoss, isOutOfRoom } from '../database/connection-loss.ts';
import { type Logger } from '../logger/logger.ts';
import { DomainError } from '../errors/domain-error.ts';
import { rememberCode } from './refusal-log.ts';
import { httpProblem, internalProblem, problemOf, type Problem } from './problem.ts';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getResponse<FastifyReply>(), this.problem(error, http.getRequest<FastifyRequest>()));
  }

  problem(error: unknown, request: FastifyRequest): Problem {
    const problem = toProblem(error);
    if (isConnectionLoss(error))
      this.#logger.warn({ err: error, requestId: request.id }, 'a request found no database');
    if (isOutOfRoom(error))
      this.#logger.error({ err: error, requestId: request.id }, 'a request found a database without room');
    if (problem !== null) return problem;
    this.#logger.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'request failed');
    return internalProblem(request.id);
  }
}

/** The problem document of an error that its sender may see; null for our own faults. */
export function toProblem(error: unknown): Problem | null {
  if (error instanceof DomainError) return problemOf(error.code, error.message, error.extensions);
  // Untrusted bytes that the verifier refused: its message says got and wanted, with a position.
  if (error instanceof VerifyError) return problemOf('content-malformed', error.message, { reason: error.code });
  // Nothing of the error is shown: it names hosts and databases.
  if (isConnectionLoss(error))
    return problemOf('unavailable', 'the database cannot be reached now; it is safe to ask again', {
      retryAfterSeconds: 2,
    });
  if (isOutOfRoom(error))
    return problemOf('unavailable', 'the database cannot store anything now; it is safe to ask again', {
      retryAfterSeconds: 10,
    });
  // Nest quotes the address, which names a record.
  if (error instanceof NotFoundException)
    return problemOf('not-found', 'no such address: GET /api/docs lists those that exist');
  if (error instanceof HttpException && error.getStatus() < 500) return httpProblem(error.getStatus(), error.message);
  // Fastify's own refusals (body too large, bad content length, …) carry a status code below 500.
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) return httpProblem(status, (error as Error).message);
  return null;
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (reply.sent) return;
  rememberCode(reply, problem.code);
  void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8');
  if (typeof problem['retryAfterSeconds'] === 'number')
    void reply.header('retry-after', String(problem['retryAfterSeconds']));
  void reply.send(JSON.stringify(problem));
}
