// Wires the stages. With the two other modules here, the only file of this folder that names adapters.
import { Module, type OnApplicationBootstrap, type OnApplicationShutdown, Inject } from '@nestjs/common';
import { type NoteSigner } from '@medanchor/verifier';
import { AccessLog } from '../platform/auth/access-log.port.ts';
import { byService } from '../platform/auth/unattended.ts';
import { Clock } from '../platform/clock/clock.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { type Pool } from '../platform/database/pool.ts';
import { Health } from '../platform/health/health.ts';
import { KeyProvider } from '../platform/keys/key-provider.port.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { AnchorService } from './anchor/anchor.service.ts';
import { EpochService } from './anchor/epoch.service.ts';
import { AppendService, type AppendResult, type VersionToAppend } from './append/append.service.ts';
import { PrepareService } from './append/prepare.service.ts';
import { RecordResolver } from './append/record-resolver.ts';
import { Sequencer } from './append/sequencer.ts';
import { SignatureChecker } from './append/signed-version.ts';
import { AnchorRegistry } from './chain/anchor-registry.port.ts';
import { ChainMonitor } from './chain/chain-monitor.ts';
import { JsonRpcClient } from './chain/json-rpc.ts';
import { CheckpointService } from './checkpoint/checkpoint.service.ts';
import { ConfirmService } from './confirm/confirm.service.ts';
import { EraseService } from './erase/erase.service.ts';
import { erasuresWithin } from './erase/erasure-events.ts';
import { ErasureJournal } from './erase/erasure-journal.port.ts';
import { FsckSchedule } from './fsck/fsck-schedule.ts';
import { FsckService } from './fsck/fsck.service.ts';
import { AnchorsController } from './http/anchors.controller.ts';
import { FsckController } from './http/fsck.controller.ts';
import { LogController } from './http/log.controller.ts';
import { TilesController } from './http/tiles.controller.ts';
import { IntegrateService } from './integrate/integrate.service.ts';
import { LedgerService } from './ledger.service.ts';
import { LOG_IDENTITY, type LogIdentity } from './log-identity.ts';
import { BundleService } from './prove/bundle.service.ts';
import { KeyHistoryService } from './prove/key-history.service.ts';
import { ProofCheckService } from './prove/proof-check.service.ts';
import { ProveService } from './prove/prove.service.ts';
import { VerifyService } from './prove/verify.service.ts';
import { LedgerRuntime } from './runtime/ledger-runtime.ts';
import { AnchorStore } from './store/anchor-store.port.ts';
import { EntryStore } from './store/entry-store.port.ts';
import { ErasureStore } from './store/erasure-store.port.ts';
import { PreparedRecordStore } from './store/prepared-record-store.port.ts';
import { RecordStore } from './store/record-store.port.ts';
import { SourceKeyStore } from './store/source-key-store.port.ts';
import { KeptTiles } from './store/tile-source.ts';
import { TreeReader } from './store/tree-reader.ts';
import { TreeStore } from './store/tree-store.port.ts';
import { chain, identity, rotation, SIGNER, stores } from './foundations.module.ts';
import { fsck, FSCK_POOL } from './fsck.module.ts';

const WEI_PER_GWEI = 1_000_000_000n;

const stages = [
  {
    provide: RecordResolver,
    useFactory: (records: RecordStore, prepared: PreparedRecordStore, keys: KeyProvider, clock: Clock) =>
      new RecordResolver(records, prepared, keys, clock),
    inject: [RecordStore, PreparedRecordStore, KeyProvider, Clock],
  },
  {
    provide: AppendService,
    useFactory: (resolver: RecordResolver, keys: SourceKeyStore, entries: EntryStore, clock: Clock) =>
      new AppendService(resolver, new SignatureChecker(keys), entries, clock),
    inject: [RecordResolver, SourceKeyStore, EntryStore, Clock],
  },
  {
    provide: PrepareService,
    useFactory: (
      records: RecordStore,
      prepared: PreparedRecordStore,
      resolver: RecordResolver,
      keys: KeyProvider,
      clock: Clock,
    ) => new PrepareService({ records, prepared, resolver, keys, clock }),
    inject: [RecordStore, PreparedRecordStore, RecordResolver, KeyProvider, Clock],
  },
  {
    provide: Sequencer,
    useFactory: (config: Config, append: AppendService, logger: Logger, metrics: Metrics) =>
      new Sequencer<VersionToAppend, AppendResult>(
        {
          batchSize: config.SEQUENCER_BATCH_SIZE,
          maxWaitMs: config.SEQUENCER_MAX_WAIT_MS,
          maxInFlight: config.SEQUENCER_MAX_IN_FLIGHT,
        },
        (batch) => append.append(batch),
        logger,
        metrics,
      ),
    inject: [CONFIG, AppendService, LOGGER, Metrics],
  },
  {
    provide: IntegrateService,
    useFactory: (trees: TreeStore, metrics: Metrics) => new IntegrateService(trees, metrics),
    inject: [TreeStore, Metrics],
  },
  {
    provide: CheckpointService,
    useFactory: (trees: TreeStore, signer: NoteSigner, metrics: Metrics) =>
      new CheckpointService(trees, signer, metrics),
    inject: [TreeStore, SIGNER, Metrics],
  },
  {
    provide: AnchorService,
    useFactory: (
      config: Config,
      anchors: AnchorStore,
      trees: TreeStore,
      reader: TreeReader,
      registry: AnchorRegistry,
      monitor: ChainMonitor,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) =>
      new AnchorService(
        { anchors, trees, reader, registry, monitor, clock, logger, metrics },
        { chainId: config.CHAIN_ID, contract: config.ANCHOR_CONTRACT },
        {
          maxFeePerGas: BigInt(config.ANCHOR_MAX_FEE_GWEI) * WEI_PER_GWEI,
          bumpAfterMs: config.ANCHOR_FEE_BUMP_AFTER_MS,
        },
      ),
    inject: [CONFIG, AnchorStore, TreeStore, TreeReader, AnchorRegistry, ChainMonitor, Clock, LOGGER, Metrics],
  },
  {
    provide: ConfirmService,
    useFactory: (
      config: Config,
      anchors: AnchorStore,
      records: RecordStore,
      registry: AnchorRegistry,
      monitor: ChainMonitor,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) =>
      new ConfirmService(
        { anchors, records, registry, monitor, clock, logger, metrics },
        config.CHAIN_ID,
        config.ANCHOR_CONFIRMATIONS,
      ),
    inject: [CONFIG, AnchorStore, RecordStore, AnchorRegistry, ChainMonitor, Clock, LOGGER, Metrics],
  },
  {
    provide: EraseService,
    useFactory: (
      log: LogIdentity,
      store: ErasureStore,
      journal: ErasureJournal,
      accessLog: AccessLog,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) => {
      const again = erasuresWithin(accessLog, byService('erasure-journal', 'record.erase'));
      return new EraseService({ log, store, journal, again, clock, logger, metrics });
    },
    inject: [LOG_IDENTITY, ErasureStore, ErasureJournal, AccessLog, Clock, LOGGER, Metrics],
  },
  {
    provide: EpochService,
    useFactory: (
      log: LogIdentity,
      anchors: AnchorStore,
      append: AppendService,
      registry: AnchorRegistry,
      clock: Clock,
      accessLog: AccessLog,
    ) => new EpochService(log, anchors, append, registry, clock, accessLog),
    inject: [LOG_IDENTITY, AnchorStore, AppendService, AnchorRegistry, Clock, AccessLog],
  },
];

const proofs = [
  {
    provide: ProveService,
    useFactory: (anchors: AnchorStore, trees: TreeStore, tiles: KeptTiles, monitor: ChainMonitor, log: LogIdentity) =>
      new ProveService(anchors, trees, tiles, monitor, log.origin),
    inject: [AnchorStore, TreeStore, KeptTiles, ChainMonitor, LOG_IDENTITY],
  },
  {
    provide: BundleService,
    useFactory: (prove: ProveService, keys: KeyProvider, sourceKeys: SourceKeyStore, entries: EntryStore) =>
      new BundleService(prove, keys, entries, new KeyHistoryService(sourceKeys, entries, prove)),
    inject: [ProveService, KeyProvider, SourceKeyStore, EntryStore],
  },
  {
    provide: VerifyService,
    useFactory: (bundles: BundleService, records: RecordStore, monitor: ChainMonitor, log: LogIdentity) =>
      new VerifyService(bundles, records, monitor, log.verifierKey),
    inject: [BundleService, RecordStore, ChainMonitor, LOG_IDENTITY],
  },
  {
    provide: ProofCheckService,
    useFactory: (config: Config, log: LogIdentity, eraser: EraseService) =>
      new ProofCheckService(
        {
          logKeys: [log.verifierKey],
          contract: log.contract,
          chainId: log.chainId,
          confirmations: config.ANCHOR_CONFIRMATIONS,
        },
        new JsonRpcClient(config.CHAIN_RPC_URL, config.CHAIN_TIMEOUT_MS),
        { origin: log.origin, ofRef: (recordRef) => eraser.ofRef(recordRef) },
      ),
    inject: [CONFIG, LOG_IDENTITY, EraseService],
  },
  {
    provide: LedgerService,
    useFactory: (
      sequencer: Sequencer<VersionToAppend, AppendResult>,
      append: AppendService,
      prepare: PrepareService,
      keys: SourceKeyStore,
      records: RecordStore,
      trees: TreeStore,
      bundles: BundleService,
      verifier: VerifyService,
      eraser: EraseService,
      monitor: ChainMonitor,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) =>
      new LedgerService({
        sequencer,
        append,
        prepare,
        keys,
        records,
        trees,
        bundles,
        verifier,
        eraser,
        monitor,
        clock,
        logger,
        metrics,
      }),
    inject: [
      Sequencer,
      AppendService,
      PrepareService,
      SourceKeyStore,
      RecordStore,
      TreeStore,
      BundleService,
      VerifyService,
      EraseService,
      ChainMonitor,
      Clock,
      LOGGER,
      Metrics,
    ],
  },
];

const runtime = {
  provide: LedgerRuntime,
  useFactory: (
    config: Config,
    entries: EntryStore,
    trees: TreeStore,
    reader: TreeReader,
    sequencer: Sequencer<never, unknown>,
    integrate: IntegrateService,
    checkpoint: CheckpointService,
    anchor: AnchorService,
    confirm: ConfirmService,
    fsck: FsckSchedule,
    eraser: EraseService,
    ledger: LedgerService,
    monitor: ChainMonitor,
    health: Health,
    logger: Logger,
    metrics: Metrics,
  ) =>
    new LedgerRuntime({
      config,
      entries,
      trees,
      reader,
      sequencer,
      integrate,
      checkpoint,
      anchor,
      confirm,
      fsck,
      eraser,
      ledger,
      monitor,
      health,
      logger,
      metrics,
    }),
  inject: [
    CONFIG,
    EntryStore,
    TreeStore,
    TreeReader,
    Sequencer,
    IntegrateService,
    CheckpointService,
    AnchorService,
    ConfirmService,
    FsckSchedule,
    EraseService,
    LedgerService,
    ChainMonitor,
    Health,
    LOGGER,
    Metrics,
  ],
};

@Module({
  controllers: [TilesController, AnchorsController, LogController, FsckController],
  providers: [...identity, ...stores, ...rotation, ...chain, ...stages, ...proofs, ...fsck, runtime],
  exports: [LedgerService, ProofCheckService, EpochService, FsckService, LOG_IDENTITY],
})
export class LedgerModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #runtime: LedgerRuntime;
  readonly #config: Config;
  readonly #fsckPool: Pool;
  readonly #eraser: EraseService;

  constructor(
    @Inject(LedgerRuntime) runtime: LedgerRuntime,
    @Inject(CONFIG) config: Config,
    @Inject(FSCK_POOL) fsckPool: Pool,
    @Inject(EraseService) eraser: EraseService,
  ) {
    this.#runtime = runtime;
    this.#config = config;
    this.#fsckPool = fsckPool;
    this.#eraser = eraser;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.#config.STAGES === 'on') await this.#runtime.start();
    else await this.#eraser.reconcile();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#runtime.stop();
    await this.#fsckPool.end();
  }
}
