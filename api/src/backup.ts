// The program behind `npm run backup -- --to FILE`: one consistent copy of the database, while the service runs or not.
// In a container: `node --env-file=/data/service.env api/dist/backup.js --to FILE`.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createBackup } from './backup/backup.module.ts';
import { NothingToBackUpError } from './backup/backup.service.ts';
import { BackupTargetError } from './backup/container-writer.ts';
import { describeBackup } from './backup/report.ts';
import { ConfigError, loadBackupConfig } from './platform/config/config.schema.ts';

const USAGE = 'usage: npm run backup -- --to FILE   (FILE must not exist; FILE.partial… while it is written)\n';

/** @returns the exit code: 0 written, 1 not written, 2 usage or configuration */
async function main(argv: readonly string[]): Promise<number> {
  let target: string | undefined;
  try {
    target = parseArgs({ args: [...argv], options: { to: { type: 'string' } } }).values.to;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  if (target === undefined || target === '') {
    process.stderr.write(USAGE);
    return 2;
  }
  const abort = new AbortController();
  const giveUp = (name: string): void => abort.abort(new Error(name));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, giveUp);
  const written = await createBackup(loadBackupConfig(process.env))
    .write(target, new Date(), abort.signal)
    .catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
      throw new BackupTargetError(`stopped by ${(abort.signal.reason as Error).message}; ${target} was not written`);
    });
  process.stdout.write(`${describeBackup(path.resolve(target), written)}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected =
    error instanceof BackupTargetError || error instanceof NothingToBackUpError || error instanceof ConfigError;
  process.stderr.write(
    `${expected ? '' : 'the backup failed: '}${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
