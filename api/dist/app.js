// Builds the application; nothing happens on import. main.ts and the tests call this.
import { hash } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { installSha256 } from '@medanchor/verifier';
import { AppModule } from './app.module.js';
import { migrate } from './platform/database/migrate.js';
import { configureHttp, createAdapter } from './platform/http/http-server.js';
import { serveOpenApi } from './platform/http/openapi.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { validationPipe } from './platform/http/validation.js';
import { NestLogger } from './platform/logger/logger.js';
import { Metrics } from './platform/metrics/metrics.js';
/**
 * Migrates the database, wires everything, and checks the stored tree. Does not listen yet.
 *
 * @throws when the database cannot be reached, a key file is unusable, or the stored tree does not match its checkpoint
 */
export async function createApp(config, logger) {
    // Same bytes, faster than the portable implementation; the verifier checks it against a known vector.
    installSha256((bytes) => hash('sha256', bytes, 'buffer'));
    const applied = await migrate(config.DATABASE_URL);
    if (applied.length > 0)
        logger.info({ migrations: applied }, 'database migrated');
    const metrics = new Metrics();
    const adapter = createAdapter(config);
    configureHttp(adapter.getInstance(), metrics);
    const app = await NestFactory.create(AppModule.with(config, logger, metrics), adapter, {
        logger: new NestLogger(logger),
        bodyParser: false,
        abortOnError: false,
    });
    app.useGlobalFilters(new ProblemFilter(logger));
    app.useGlobalPipes(validationPipe());
    serveOpenApi(app);
    await app.init();
    return app;
}
//# sourceMappingURL=app.js.map