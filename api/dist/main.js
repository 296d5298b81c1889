// The service's process.
import { ConfigError, loadConfig } from './platform/config/config.schema.js';
import { createLogger } from './platform/logger/logger.js';
import { createApp } from './app.js';
const SHUTDOWN_LIMIT_MS = 15_000;
async function main() {
    let config;
    try {
        config = loadConfig(process.env);
    }
    catch (error) {
        if (!(error instanceof ConfigError))
            throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 2;
        return;
    }
    const logger = createLogger(config.LOG_LEVEL);
    try {
        const app = await createApp(config, logger);
        const stop = (signal) => {
            logger.info({ signal }, 'stopping');
            // What is in flight is made durable first; a part that hangs must not keep the process for ever.
            setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
            app.close().then(() => process.exit(0), (error) => {
                logger.error({ err: error }, 'stopped with an error');
                process.exit(1);
            });
        };
        process.once('SIGINT', stop);
        process.once('SIGTERM', stop);
        // A launcher that dies closes this channel; a service without its launcher has no database to speak to.
        process.once('disconnect', () => stop('launcher gone'));
        await app.listen(config.PORT, config.HOST);
        logger.info({ url: await app.getUrl(), log: config.LOG_ORIGIN }, 'listening');
    }
    catch (error) {
        logger.fatal({ err: error }, startFailure(error, config));
        process.exitCode = 1;
        setTimeout(() => process.exit(1), 1000).unref();
    }
}
function startFailure(error, config) {
    if (error?.code === 'EADDRINUSE') {
        return `port ${config.PORT} on ${config.HOST} is in use: set PORT to a free one`;
    }
    return `the service cannot start: ${error instanceof Error ? error.message : String(error)}`;
}
await main();
//# sourceMappingURL=main.js.map