// The operator's command `npm run rotate-kek`: wraps the keys of all records, and everything else that is encrypted, with the key
// that wraps now. A process of its own, beside the running service or without it. Progress goes to standard error, what came of
// it to standard output.
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';
import { AccessLog } from './platform/auth/access-log.port.ts';
import { byOperator } from './platform/auth/unattended.ts';
import { ConfigError, loadConfig } from './platform/config/config.schema.ts';
import { migrate } from './platform/database/migrate.ts';
import { DomainError } from './platform/errors/domain-error.ts';
import { formatResult, formatRotationProgress } from './platform/keys/rotation/print.ts';
import { rotationWithin } from './platform/keys/rotation/rotation-events.ts';
import { RotationBusyError, RotationService, RotationStoppedError } from './platform/keys/rotation/rotation.service.ts';
import { SecretFileError } from './platform/keys/secret-file.ts';
import { createLogger, NestLogger } from './platform/logger/logger.ts';
import { Metrics } from './platform/metrics/metrics.ts';

const USAGE = `usage: npm run rotate-kek
  key files: first start the service with KEK_FILE=the new key and KEK_PREVIOUS_FILES=the old one
  Vault:     first rotate the Transit key there
exit code: 0 the old keys can be destroyed, 1 they cannot, 2 usage or configuration, 3 it did not end: run it again
`;

const EXIT = { done: 0, keep: 1, usage: 2, incomplete: 3 } as const;
const PLAIN_EVERY_MS = 5000;

async function main(argv: readonly string[]): Promise<number> {
  try {
    parseArgs({ args: [...argv], options: {} });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return EXIT.usage;
  }
  // The stages run in the service.
  const config = loadConfig({ ...process.env, STAGES: 'off' });
  await migrate(config.DATABASE_URL);
  const logger = createLogger('fatal');
  const app = await NestFactory.createApplicationContext(AppModule.with(config, logger, new Metrics()), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  let last = 0;
  try {
    const result = await app.get(RotationService).rotate({
      signal: abort.signal,
      within: rotationWithin(app.get(AccessLog, { strict: false }), byOperator('rotate-kek', 'kek.rotate')),
      onProgress: (rotation) => {
        const now = performance.now();
        if (last !== 0 && now - last < PLAIN_EVERY_MS) return;
        last = now;
        process.stderr.write(`${formatRotationProgress(rotation)}\n`);
      },
    });
    process.stdout.write(formatResult(result));
    if (result.rotation.state !== 'finished') return EXIT.incomplete;
    return result.left.length === 0 ? EXIT.done : EXIT.keep;
  } catch (error) {
    const expected =
      error instanceof RotationBusyError || error instanceof RotationStoppedError || error instanceof DomainError;
    if (!expected) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.incomplete;
  } finally {
    await app.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError || error instanceof SecretFileError ? EXIT.usage : EXIT.incomplete;
}
