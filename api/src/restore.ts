// The program behind `npm run restore -- --from FILE`: loads a backup into an empty database and proves it against the chain.
// In a container: `node --env-file=/data/service.env api/dist/restore.js --from FILE`.
import { parseArgs } from 'node:util';
import { createRestore } from './backup/backup.module.ts';
import { verifyContainer } from './backup/container-reader.ts';
import { TargetRefusedError } from './backup/load.ts';
import { BackupDamagedError } from './backup/manifest.ts';
import { describeManifest, describeRestore, exitCodeOf } from './backup/report.ts';
import { ErasureJournalError } from './ledger/erase/erasure-journal.port.ts';
import { ConfigError, loadRestoreConfig } from './platform/config/config.schema.ts';
import { SecretFileError } from './platform/keys/secret-file.ts';
import { installFastSha256 } from './platform/sha256.ts';

const USAGE = `usage: npm run restore -- --from FILE [--check] [--accept-findings]
  --check             only verify the file and say what it holds; touches no database
  --accept-findings   keep what was loaded although it contradicts itself, the chain or the keys
`;

interface Arguments {
  readonly from: string;
  readonly check: boolean;
  readonly acceptFindings: boolean;
}

function parse(argv: readonly string[]): Arguments | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        from: { type: 'string' },
        check: { type: 'boolean', default: false },
        'accept-findings': { type: 'boolean', default: false },
      },
    });
    if (values.from === undefined || values.from === '') return null;
    return { from: values.from, check: values.check, acceptFindings: values['accept-findings'] };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return null;
  }
}

/** @returns the exit code: 0 proven and complete, 1 findings or refused, 2 usage or configuration, 3 could not be checked */
async function main(argv: readonly string[]): Promise<number> {
  const given = parse(argv);
  if (given === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  // Same bytes, faster than the portable implementation; the verifier checks it against a known vector.
  await installFastSha256();
  if (given.check) {
    process.stdout.write(`${describeManifest(given.from, await verifyContainer(given.from))}\n`);
    return 0;
  }
  const { restore, chain } = createRestore(loadRestoreConfig(process.env), {
    acceptFindings: given.acceptFindings,
    step: (text) => void process.stdout.write(`restore: ${text}\n`),
  });
  const report = await restore.restore(given.from);
  process.stdout.write(`\n${await describeRestore(report, chain)}\n`);
  return exitCodeOf(report);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const refused =
    error instanceof BackupDamagedError || error instanceof TargetRefusedError || error instanceof ErasureJournalError;
  const wrong = error instanceof ConfigError || error instanceof SecretFileError;
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${refused ? 'refused: ' : wrong ? '' : 'the restore failed: '}${said}\n`);
  process.exitCode = wrong ? 2 : 1;
}
