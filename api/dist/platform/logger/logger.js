import { pino } from 'pino';
/** Injection token of the service's logger. */
export const LOGGER = Symbol('LOGGER');
export function createLogger(level) {
    return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
/** Nest's logger interface on top of pino; its start-up chatter is debug information. */
export class NestLogger {
    #logger;
    constructor(logger) {
        this.#logger = logger;
    }
    log(message, context) {
        this.#logger.debug({ context }, String(message));
    }
    error(message, stack, context) {
        this.#logger.error({ context, stack }, String(message));
    }
    warn(message, context) {
        this.#logger.warn({ context }, String(message));
    }
    debug(message, context) {
        this.#logger.debug({ context }, String(message));
    }
    verbose(message, context) {
        this.#logger.trace({ context }, String(message));
    }
}
//# sourceMappingURL=logger.js.map