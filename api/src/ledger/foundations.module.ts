// What the stages stand on, as providers: the log's identity and signer, the stores, the chain. With ledger.module.ts and
// fsck.module.ts the only files of this folder that name adapters.
import { formatVerifierKey, logIdOf, noteSigner, noteVerifier, type NoteSigner } from '@medanchor/verifier';
import { Clock } from '../platform/clock/clock.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { erasureJournalFile, type Config } from '../platform/config/config.schema.ts';
import { POOL, type Pool } from '../platform/database/pool.ts';
import { RotationTargets } from '../platform/keys/rotation/rotation-targets.ts';
import { readSecretFile } from '../platform/keys/secret-file.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { EvmAnchorRegistry } from './chain/anchor-registry.evm.ts';
import { AnchorRegistry } from './chain/anchor-registry.port.ts';
import { ChainMonitor } from './chain/chain-monitor.ts';
import { FileErasureJournal } from './erase/erasure-journal.file.ts';
import { ErasureJournal } from './erase/erasure-journal.port.ts';
import { LOG_IDENTITY, type LogIdentity } from './log-identity.ts';
import { PgAnchorStore } from './store/anchor-store.pg.ts';
import { AnchorStore } from './store/anchor-store.port.ts';
import { PgEntryStore } from './store/entry-store.pg.ts';
import { EntryStore } from './store/entry-store.port.ts';
import { PgErasureStore } from './store/erasure-store.pg.ts';
import { ErasureStore } from './store/erasure-store.port.ts';
import { registerLog } from './store/log-registration.pg.ts';
import { RecordKeyTarget } from './store/record-key-target.pg.ts';
import { PgPreparedRecordStore } from './store/prepared-record-store.pg.ts';
import { PreparedRecordStore } from './store/prepared-record-store.port.ts';
import { PgRecordStore } from './store/record-store.pg.ts';
import { RecordStore } from './store/record-store.port.ts';
import { PgSourceKeyStore } from './store/source-key-store.pg.ts';
import { SourceKeyStore } from './store/source-key-store.port.ts';
import { KeptTiles, StoredTiles } from './store/tile-source.ts';
import { TreeReader } from './store/tree-reader.ts';
import { PgTreeStore } from './store/tree-store.pg.ts';
import { TreeStore } from './store/tree-store.port.ts';

/** Signs checkpoints for this log. */
export const SIGNER = Symbol('SIGNER');

export const stores = [
  {
    provide: ErasureStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgErasureStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: ErasureJournal,
    useFactory: (config: Config) => new FileErasureJournal(erasureJournalFile(config)),
    inject: [CONFIG],
  },
  {
    provide: EntryStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgEntryStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: RecordStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgRecordStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: SourceKeyStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgSourceKeyStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: PreparedRecordStore,
    useFactory: (pool: Pool) => new PgPreparedRecordStore(pool),
    inject: [POOL],
  },
  {
    provide: TreeStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgTreeStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: AnchorStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgAnchorStore(pool, log.id),
    inject: [POOL, LOG_IDENTITY],
  },
  {
    provide: TreeReader,
    useFactory: (trees: TreeStore) => new TreeReader(new StoredTiles(trees)),
    inject: [TreeStore],
  },
  {
    provide: KeptTiles,
    useFactory: (config: Config, trees: TreeStore) => new KeptTiles(trees, config.TILE_CACHE_BYTES),
    inject: [CONFIG, TreeStore],
  },
];

/** Makes the records' keys known to key rotation. */
export const rotation = [
  {
    provide: RecordKeyTarget,
    useFactory: (pool: Pool, targets: RotationTargets): RecordKeyTarget => {
      const target = new RecordKeyTarget(pool);
      targets.add(target);
      targets.add(new RecordKeyTarget(pool, 'prepared_record'));
      return target;
    },
    inject: [POOL, RotationTargets],
  },
];

export const identity = [
  {
    provide: SIGNER,
    useFactory: (config: Config) =>
      noteSigner(config.LOG_ORIGIN, readSecretFile(config.CHECKPOINT_KEY_FILE, 'checkpoint key (CHECKPOINT_KEY_FILE)')),
    inject: [CONFIG],
  },
  {
    provide: LOG_IDENTITY,
    useFactory: async (config: Config, pool: Pool, signer: NoteSigner): Promise<LogIdentity> => {
      const verifierKey = formatVerifierKey({ name: signer.name, publicKey: signer.publicKey });
      noteVerifier(verifierKey);
      const { id } = await registerLog(pool, config.LOG_ORIGIN, verifierKey);
      return {
        id,
        origin: config.LOG_ORIGIN,
        verifierKey,
        logId: logIdOf(config.LOG_ORIGIN),
        chainId: config.CHAIN_ID,
        contract: config.ANCHOR_CONTRACT,
      };
    },
    inject: [CONFIG, POOL, SIGNER],
  },
];

export const chain = [
  {
    provide: AnchorRegistry,
    useFactory: (config: Config, log: LogIdentity) =>
      new EvmAnchorRegistry({
        rpcUrl: config.CHAIN_RPC_URL,
        timeoutMs: config.CHAIN_TIMEOUT_MS,
        chainId: config.CHAIN_ID,
        contract: config.ANCHOR_CONTRACT,
        logId: log.logId,
        privateKey: readSecretFile(config.ANCHOR_KEY_FILE, 'anchoring key (ANCHOR_KEY_FILE)'),
      }),
    inject: [CONFIG, LOG_IDENTITY],
  },
  {
    provide: ChainMonitor,
    useFactory: (clock: Clock, logger: Logger, metrics: Metrics) => new ChainMonitor(clock, logger, metrics),
    inject: [Clock, LOGGER, Metrics],
  },
];
