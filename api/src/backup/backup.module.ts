// Wires backup and restore. No container: they are commands with a handful of parts, and their adapters are named here only.
import { PgAccessEventStore } from '../access-log/access-event-store.pg.ts';
import { AccessLogService } from '../access-log/access-log.service.ts';
import { PgAccessSource } from '../ledger/store/access-source.pg.ts';
import { EraseService } from '../ledger/erase/erase.service.ts';
import { erasuresWithin } from '../ledger/erase/erasure-events.ts';
import { FileErasureJournal } from '../ledger/erase/erasure-journal.file.ts';
import { type ErasureJournal } from '../ledger/erase/erasure-journal.port.ts';
import { PgErasureStore } from '../ledger/store/erasure-store.pg.ts';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { byOperator } from '../platform/auth/unattended.ts';
import { SystemClock } from '../platform/clock/clock.ts';
import { erasureJournalFile, type BackupConfig, type RestoreConfig } from '../platform/config/config.schema.ts';
import { createPool, withBigints, type Pool } from '../platform/database/pool.ts';
import { createKeyProvider } from '../platform/keys/keys.module.ts';
import { createLogger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { readSecretFile } from '../platform/keys/secret-file.ts';
import { BackupService } from './backup.service.ts';
import { ChainReader } from './chain-history.ts';
import { RestoreService } from './restore.service.ts';

export function createBackup(config: BackupConfig): BackupService {
  return new BackupService(config.DATABASE_URL);
}

/** @throws {SecretFileError} when a key file is missing or unusable */
export function createRestore(
  config: RestoreConfig,
  options: { readonly acceptFindings: boolean; readonly step: (text: string) => void },
): { readonly restore: RestoreService; readonly chain: ChainReader | null } {
  const checkpointSeed = readSecretFile(config.CHECKPOINT_KEY_FILE, 'checkpoint key (CHECKPOINT_KEY_FILE)');
  const journal = new FileErasureJournal(erasureJournalFile(config));
  const { CHAIN_RPC_URL: url, CHAIN_ID: chainId, ANCHOR_CONTRACT: contract } = config;
  const chain = url === undefined ? null : new ChainReader(url, config.CHAIN_TIMEOUT_MS);
  // Connects when it is used: to erase again, after everything is loaded.
  const pool = createPool(config.DATABASE_URL, 2);
  const accessLog = accessLogOn(pool);
  const restore = new RestoreService(
    {
      database: config,
      accessSource: (client, log) => new PgAccessSource(withBigints(client), log),
      accessLog,
      origin: config.LOG_ORIGIN,
      checkpointSeed,
      configured: chainId === undefined || contract === undefined ? null : { chainId: chainId.toString(), contract },
      acceptFindings: options.acceptFindings,
    },
    // Data keys come with the backup: they are read in the transaction that loads it.
    (client) => createKeyProvider(config, client, new SystemClock()),
    chain,
    {
      check: () => checkJournal(journal, erasureJournalFile(config)),
      repeat: () => eraseAgain(config.LOG_ORIGIN, pool, journal, accessLog),
    },
    options.step,
  );
  return { restore, chain };
}

async function checkJournal(journal: ErasureJournal, file: string): Promise<string> {
  const { length } = await journal.read();
  return length > 0
    ? `the erasure journal ${file} has ${length} lines`
    : `there is no erasure journal at ${file}, or nothing in it: if anything was erased after this backup was made, bring it before the service is started`;
}

/** What the service does at its start, so that nobody meets an erased record before. */
async function eraseAgain(origin: string, pool: Pool, journal: ErasureJournal, accessLog: AccessLog): Promise<number> {
  try {
    const { rows } = await pool.query<{ id: number }>('SELECT id FROM log WHERE origin = $1', [origin]);
    const [log] = rows;
    if (log === undefined) return 0;
    const eraser = new EraseService({
      log: { origin },
      store: new PgErasureStore(pool, log.id),
      journal,
      again: erasuresWithin(accessLog, byOperator('restore', 'record.erase')),
      clock: new SystemClock(),
      logger: createLogger('silent'),
      metrics: new Metrics(),
    });
    return await eraser.reconcile();
  } finally {
    await pool.end();
  }
}

function accessLogOn(pool: Pool): AccessLog {
  return new AccessLogService(new PgAccessEventStore(pool), new SystemClock(), createLogger('silent'), new Metrics());
}
