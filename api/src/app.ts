// Builds the application; nothing happens on import. main.ts and the tests call this.
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.ts';
import { TenantsService } from './identity/index.ts';
import { type Config } from './platform/config/config.schema.ts';
import { migrateFor } from './platform/database/migrate.ts';
import { configureHttp, createAdapter } from './platform/http/http-server.ts';
import { serveOpenApi } from './platform/http/openapi.ts';
import { ProblemFilter } from './platform/http/problem.filter.ts';
import { RateLimits } from './platform/http/rate-limits.ts';
import { RefusalLog } from './platform/http/refusal-log.ts';
import { keepTlsFresh, tlsFiles } from './platform/http/tls.ts';
import { validationPipe } from './platform/http/validation.ts';
import { NestLogger, type Logger } from './platform/logger/logger.ts';
import { Metrics } from './platform/metrics/metrics.ts';
import { installFastSha256 } from './platform/sha256.ts';

/**
 * Migrates the database, wires everything, and checks the stored tree. Does not listen yet.
 *
 * @throws when the database cannot be reached, a key file is unusable, or the stored tree does not match its checkpoint
 */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  await installFastSha256();
  const refusals = new RefusalLog(logger);
  const adapter = createAdapter(config, refusals);
  const applied = await migrateFor(config);
  if (applied.length > 0) logger.info({ migrations: applied }, 'database migrated');
  const metrics = new Metrics();
  const tls = tlsFiles(config);
  if (tls !== null) keepTlsFresh(adapter.getInstance(), tls, logger);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, logger, metrics), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  configureHttp(adapter.getInstance(), config, metrics, app.get(RateLimits), refusals);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(validationPipe());
  serveOpenApi(app);
  try {
    await app.init();
    await app.get(TenantsService).ensureOperator();
  } catch (error) {
    // Some parts run already: stages, timers, connections.
    await app.close().catch(() => undefined);
    throw error;
  }
  return app;
}
