// One pino logger for the service; Nest's own messages go through it too. No bodies, digests, salts or keys are ever logged,
// nor what a library quotes of them in its errors.
import { type LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import { errorFacts } from './error-facts.ts';

export type { Logger };

/** Injection token of the service's logger. */
export const LOGGER = Symbol('LOGGER');

/** @param destination default: standard output */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => errorFacts(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Nest's logger interface on top of pino; its start-up chatter is debug information. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, context?: string): void {
    this.#logger.debug({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.#logger.error({ context, stack }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.#logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.#logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.#logger.trace({ context }, String(message));
  }
}
