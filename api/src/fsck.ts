// The operator's command `npm run fsck`: checks everything that the ledger stores, against itself and against the chain. A
// process of its own, beside the running service or without it. Progress goes to standard error, the report to standard
// output.
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';
import {
  formatProgress,
  formatReport,
  FsckBusyError,
  FsckService,
  FsckStoppedError,
  jsonOfReport,
  type FsckProgress,
  type FsckReport,
} from './ledger/index.ts';
import { ConfigError, loadConfig } from './platform/config/config.schema.ts';
import { migrateFor } from './platform/database/migrate.ts';
import { createLogger, NestLogger } from './platform/logger/logger.ts';
import { Metrics } from './platform/metrics/metrics.ts';
import { installFastSha256 } from './platform/sha256.ts';

const USAGE = `usage: npm run fsck -- [--incremental] [--anew] [--json]
  --incremental  only what is new since the last sweep without findings
  --anew         from the first entry, even when a sweep was stopped half-way
  --json         the report as JSON
exit code: 0 nothing found, 1 findings, 2 usage or configuration, 3 not everything could be checked
`;

const EXIT = { clean: 0, findings: 1, usage: 2, incomplete: 3 } as const;
const PLAIN_EVERY_MS = 5000;

async function main(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  if (options === null) return EXIT.usage;
  // Same bytes, faster than the portable implementation; the verifier checks it against a known vector.
  await installFastSha256();
  // The stages run in the service.
  const config = loadConfig({ ...process.env, STAGES: 'off' });
  await migrateFor(config);
  const app = await NestFactory.createApplicationContext(AppModule.with(config, createLogger('fatal'), new Metrics()), {
    logger: new NestLogger(createLogger('fatal')),
    abortOnError: false,
  });
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  const progress = progressPrinter();
  try {
    const report = await app.get(FsckService).sweep({
      mode: options.incremental ? 'incremental' : 'full',
      anew: options.anew,
      signal: abort.signal,
      onProgress: progress.show,
    });
    progress.end();
    process.stdout.write(options.json ? `${jsonOfReport(report)}\n` : formatReport(report));
    return exitCode(report);
  } catch (error) {
    progress.end();
    if (error instanceof FsckBusyError || error instanceof FsckStoppedError) {
      process.stderr.write(`${error.message}\n`);
      return EXIT.incomplete;
    }
    throw error;
  } finally {
    await app.close();
  }
}

function optionsOf(argv: readonly string[]): { incremental: boolean; anew: boolean; json: boolean } | null {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args: [...argv], options: { incremental: flag, anew: flag, json: flag } }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return null;
  }
}

function exitCode({ findingCount, checks }: FsckReport): number {
  if (findingCount > 0n) return EXIT.findings;
  return checks.some(({ result }) => result === 'skipped') ? EXIT.incomplete : EXIT.clean;
}

/** A line that is rewritten on a terminal; elsewhere a line now and then. */
function progressPrinter(): { show: (progress: FsckProgress) => void; end: () => void } {
  const terminal = process.stderr.isTTY;
  let began: { at: number; from: bigint } | null = null;
  let last = 0;
  const show = (progress: FsckProgress): void => {
    const now = performance.now();
    if (began === null) began = { at: now, from: progress.done };
    else if (now - last < (terminal ? 100 : PLAIN_EVERY_MS)) return;
    last = now;
    const line = formatProgress(progress, began.from, (now - began.at) / 1000);
    process.stderr.write(terminal ? `\r\u001b[K${line}` : `${line}\n`);
  };
  return { show, end: () => void (terminal && process.stderr.write('\r\u001b[K')) };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT.usage : EXIT.incomplete;
}
