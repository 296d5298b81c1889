// Wires backup and restore. No container: they are commands with a handful of parts, and their adapters are named here only.
import { type BackupConfig, type RestoreConfig } from '../platform/config/config.schema.ts';
import { SystemClock } from '../platform/clock/clock.ts';
import { createKeyProvider } from '../platform/keys/keys.module.ts';
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
  const { CHAIN_RPC_URL: url, CHAIN_ID: chainId, ANCHOR_CONTRACT: contract } = config;
  const chain = url === undefined ? null : new ChainReader(url, config.CHAIN_TIMEOUT_MS);
  const restore = new RestoreService(
    {
      databaseUrl: config.DATABASE_URL,
      origin: config.LOG_ORIGIN,
      checkpointSeed,
      configured: chainId === undefined || contract === undefined ? null : { chainId: chainId.toString(), contract },
      acceptFindings: options.acceptFindings,
    },
    // Data keys come with the backup: they are read in the transaction that loads it.
    (client) => createKeyProvider(config, client, new SystemClock()),
    chain,
    options.step,
  );
  return { restore, chain };
}
