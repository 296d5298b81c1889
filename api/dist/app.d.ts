import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config } from './platform/config/config.schema.ts';
import { type Logger } from './platform/logger/logger.ts';
/**
 * Migrates the database, wires everything, and checks the stored tree. Does not listen yet.
 *
 * @throws when the database cannot be reached, a key file is unusable, or the stored tree does not match its checkpoint
 */
export declare function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication>;
