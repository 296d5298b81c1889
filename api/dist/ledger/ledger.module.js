var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
// Wires the stages. The only file of this folder that names adapters.
import { Module, Inject } from '@nestjs/common';
import { formatVerifierKey, logIdOf, noteSigner, noteVerifier } from '@medanchor/verifier';
import { Clock } from '../platform/clock/clock.js';
import { CONFIG } from '../platform/config/config.module.js';
import { POOL } from '../platform/database/pool.js';
import { Health } from '../platform/health/health.js';
import { KeyProvider } from '../platform/keys/key-provider.port.js';
import { readSecretFile } from '../platform/keys/secret-file.js';
import { LOGGER } from '../platform/logger/logger.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { AnchorService } from './anchor/anchor.service.js';
import { EpochService } from './anchor/epoch.service.js';
import { AppendService } from './append/append.service.js';
import { Sequencer } from './append/sequencer.js';
import { EvmAnchorRegistry } from './chain/anchor-registry.evm.js';
import { AnchorRegistry } from './chain/anchor-registry.port.js';
import { ChainMonitor } from './chain/chain-monitor.js';
import { JsonRpcClient } from './chain/json-rpc.js';
import { CheckpointService } from './checkpoint/checkpoint.service.js';
import { ConfirmService } from './confirm/confirm.service.js';
import { AnchorsController } from './http/anchors.controller.js';
import { LogController } from './http/log.controller.js';
import { TilesController } from './http/tiles.controller.js';
import { IntegrateService } from './integrate/integrate.service.js';
import { LedgerService } from './ledger.service.js';
import { LOG_IDENTITY } from './log-identity.js';
import { BundleService } from './prove/bundle.service.js';
import { ProofCheckService } from './prove/proof-check.service.js';
import { ProveService } from './prove/prove.service.js';
import { VerifyService } from './prove/verify.service.js';
import { LedgerRuntime } from './runtime/ledger-runtime.js';
import { PgAnchorStore } from './store/anchor-store.pg.js';
import { AnchorStore } from './store/anchor-store.port.js';
import { PgEntryStore } from './store/entry-store.pg.js';
import { EntryStore } from './store/entry-store.port.js';
import { registerLog } from './store/log-registration.pg.js';
import { PgRecordStore } from './store/record-store.pg.js';
import { RecordStore } from './store/record-store.port.js';
import { TreeReader } from './store/tree-reader.js';
import { PgTreeStore } from './store/tree-store.pg.js';
import { TreeStore } from './store/tree-store.port.js';
const SIGNER = Symbol('SIGNER');
const stores = [
    {
        provide: EntryStore,
        useFactory: (pool, log) => new PgEntryStore(pool, log.id),
        inject: [POOL, LOG_IDENTITY],
    },
    {
        provide: RecordStore,
        useFactory: (pool, log) => new PgRecordStore(pool, log.id),
        inject: [POOL, LOG_IDENTITY],
    },
    {
        provide: TreeStore,
        useFactory: (pool, log) => new PgTreeStore(pool, log.id),
        inject: [POOL, LOG_IDENTITY],
    },
    {
        provide: AnchorStore,
        useFactory: (pool, log) => new PgAnchorStore(pool, log.id),
        inject: [POOL, LOG_IDENTITY],
    },
    { provide: TreeReader, useFactory: (trees) => new TreeReader(trees), inject: [TreeStore] },
];
const identity = [
    {
        provide: SIGNER,
        useFactory: (config) => noteSigner(config.LOG_ORIGIN, readSecretFile(config.CHECKPOINT_KEY_FILE, 'checkpoint key (CHECKPOINT_KEY_FILE)')),
        inject: [CONFIG],
    },
    {
        provide: LOG_IDENTITY,
        useFactory: async (config, pool, signer) => {
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
const chain = [
    {
        provide: AnchorRegistry,
        useFactory: (config, log) => new EvmAnchorRegistry({
            rpcUrl: config.CHAIN_RPC_URL,
            timeoutMs: config.CHAIN_TIMEOUT_MS,
            contract: config.ANCHOR_CONTRACT,
            logId: log.logId,
            privateKey: readSecretFile(config.ANCHOR_KEY_FILE, 'anchoring key (ANCHOR_KEY_FILE)'),
        }),
        inject: [CONFIG, LOG_IDENTITY],
    },
    {
        provide: ChainMonitor,
        useFactory: (clock, logger, metrics) => new ChainMonitor(clock, logger, metrics),
        inject: [Clock, LOGGER, Metrics],
    },
];
const stages = [
    {
        provide: AppendService,
        useFactory: (records, entries, keys, clock) => new AppendService(records, entries, keys, clock),
        inject: [RecordStore, EntryStore, KeyProvider, Clock],
    },
    {
        provide: Sequencer,
        useFactory: (config, append, logger, metrics) => new Sequencer({
            batchSize: config.SEQUENCER_BATCH_SIZE,
            maxWaitMs: config.SEQUENCER_MAX_WAIT_MS,
            maxInFlight: config.SEQUENCER_MAX_IN_FLIGHT,
        }, (batch) => append.append(batch), logger, metrics),
        inject: [CONFIG, AppendService, LOGGER, Metrics],
    },
    {
        provide: IntegrateService,
        useFactory: (trees, metrics) => new IntegrateService(trees, metrics),
        inject: [TreeStore, Metrics],
    },
    {
        provide: CheckpointService,
        useFactory: (trees, signer, metrics) => new CheckpointService(trees, signer, metrics),
        inject: [TreeStore, SIGNER, Metrics],
    },
    {
        provide: AnchorService,
        useFactory: (config, anchors, trees, reader, registry, monitor, clock, logger, metrics) => new AnchorService({ anchors, trees, reader, registry, monitor, clock, logger, metrics }, { chainId: config.CHAIN_ID, contract: config.ANCHOR_CONTRACT }),
        inject: [CONFIG, AnchorStore, TreeStore, TreeReader, AnchorRegistry, ChainMonitor, Clock, LOGGER, Metrics],
    },
    {
        provide: ConfirmService,
        useFactory: (config, anchors, records, registry, monitor, clock, logger, metrics) => new ConfirmService({ anchors, records, registry, monitor, clock, logger, metrics }, config.ANCHOR_CONFIRMATIONS),
        inject: [CONFIG, AnchorStore, RecordStore, AnchorRegistry, ChainMonitor, Clock, LOGGER, Metrics],
    },
    {
        provide: EpochService,
        useFactory: (log, anchors, append, registry, clock) => new EpochService(log, anchors, append, registry, clock),
        inject: [LOG_IDENTITY, AnchorStore, AppendService, AnchorRegistry, Clock],
    },
];
const proofs = [
    {
        provide: ProveService,
        useFactory: (anchors, trees, reader, monitor, log) => new ProveService(anchors, trees, reader, monitor, log.origin),
        inject: [AnchorStore, TreeStore, TreeReader, ChainMonitor, LOG_IDENTITY],
    },
    {
        provide: BundleService,
        useFactory: (prove, keys) => new BundleService(prove, keys),
        inject: [ProveService, KeyProvider],
    },
    {
        provide: VerifyService,
        useFactory: (bundles, records, monitor, log) => new VerifyService(bundles, records, monitor, log.verifierKey),
        inject: [BundleService, RecordStore, ChainMonitor, LOG_IDENTITY],
    },
    {
        provide: ProofCheckService,
        useFactory: (config, log) => new ProofCheckService({
            logKeys: [log.verifierKey],
            contract: log.contract,
            chainId: log.chainId,
            confirmations: config.ANCHOR_CONFIRMATIONS,
        }, new JsonRpcClient(config.CHAIN_RPC_URL, config.CHAIN_TIMEOUT_MS)),
        inject: [CONFIG, LOG_IDENTITY],
    },
    {
        provide: LedgerService,
        useFactory: (sequencer, records, trees, bundles, verifier, monitor, clock, logger, metrics) => new LedgerService({ sequencer, records, trees, bundles, verifier, monitor, clock, logger, metrics }),
        inject: [Sequencer, RecordStore, TreeStore, BundleService, VerifyService, ChainMonitor, Clock, LOGGER, Metrics],
    },
];
const runtime = {
    provide: LedgerRuntime,
    useFactory: (config, trees, reader, sequencer, integrate, checkpoint, anchor, confirm, ledger, monitor, health, logger, metrics) => new LedgerRuntime({
        config,
        trees,
        reader,
        sequencer,
        integrate,
        checkpoint,
        anchor,
        confirm,
        ledger,
        monitor,
        health,
        logger,
        metrics,
    }),
    inject: [
        CONFIG,
        TreeStore,
        TreeReader,
        Sequencer,
        IntegrateService,
        CheckpointService,
        AnchorService,
        ConfirmService,
        LedgerService,
        ChainMonitor,
        Health,
        LOGGER,
        Metrics,
    ],
};
let LedgerModule = class LedgerModule {
    #runtime;
    #config;
    constructor(runtime, config) {
        this.#runtime = runtime;
        this.#config = config;
    }
    async onApplicationBootstrap() {
        if (this.#config.STAGES === 'on')
            await this.#runtime.start();
    }
    async onApplicationShutdown() {
        await this.#runtime.stop();
    }
};
LedgerModule = __decorate([
    Module({
        controllers: [TilesController, AnchorsController, LogController],
        providers: [...identity, ...stores, ...chain, ...stages, ...proofs, runtime],
        exports: [LedgerService, ProofCheckService, EpochService, LOG_IDENTITY],
    }),
    __param(0, Inject(LedgerRuntime)),
    __param(1, Inject(CONFIG)),
    __metadata("design:paramtypes", [LedgerRuntime, Object])
], LedgerModule);
export { LedgerModule };
//# sourceMappingURL=ledger.module.js.map