import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';
export type { Logger };
/** Injection token of the service's logger. */
export declare const LOGGER: unique symbol;
export declare function createLogger(level: string): Logger;
/** Nest's logger interface on top of pino; its start-up chatter is debug information. */
export declare class NestLogger implements LoggerService {
    #private;
    constructor(logger: Logger);
    log(message: unknown, context?: string): void;
    error(message: unknown, stack?: string, context?: string): void;
    warn(message: unknown, context?: string): void;
    debug(message: unknown, context?: string): void;
    verbose(message: unknown, context?: string): void;
}
