// The operator's command `npm run epoch -- --reason "…"`: leaves the chain that this log was anchored to and begins a new
// anchoring epoch where the configuration points to now. A process of its own, beside the running service.
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';
import { EpochRefusedError, EpochService } from './ledger/index.ts';
import { byOperator } from './platform/auth/unattended.ts';
import { ConfigError, loadConfig } from './platform/config/config.schema.ts';
import { createLogger, NestLogger } from './platform/logger/logger.ts';
import { Metrics } from './platform/metrics/metrics.ts';

const USAGE = 'usage: npm run epoch -- --reason "why the log is anchored elsewhere from now on"\n';

/** @returns the exit code: 0 done, 1 refused, 2 usage or configuration */
async function main(argv: readonly string[]): Promise<number> {
  let reason: string | undefined;
  try {
    reason = parseArgs({ args: [...argv], options: { reason: { type: 'string' } } }).values.reason;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  if (reason === undefined || reason.trim() === '') {
    process.stderr.write(USAGE);
    return 2;
  }
  // The stages run in the service; this process only writes the entry.
  const config = loadConfig({ ...process.env, STAGES: 'off' });
  const logger = createLogger('warn');
  const app = await NestFactory.createApplicationContext(AppModule.with(config, logger, new Metrics()), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  try {
    const { epoch, index } = await app.get(EpochService).start(reason.trim(), byOperator('epoch', 'epoch.begin'));
    process.stdout.write(
      `Epoch ${epoch.epoch} has begun: this log is anchored in ${epoch.contract} on chain ${epoch.chainId}.\n` +
        `It is recorded in the log at index ${index}. Proofs of the earlier epochs stay valid on the chains they name.\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof EpochRefusedError)) throw error;
    process.stderr.write(`No new epoch: ${error.message}\n`);
    return 1;
  } finally {
    await app.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
