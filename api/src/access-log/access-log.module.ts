// Wires the access log. The only file of this folder that names adapters. Global: everybody records through the port.
import { Global, Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LedgerModule, LedgerService, LOG_IDENTITY, StageLoop, type LogIdentity } from '../ledger/index.ts';
import { AccessLog } from '../platform/auth/access-log.port.ts';
import { Clock } from '../platform/clock/clock.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { POOL, type Pool } from '../platform/database/pool.ts';
import { Health } from '../platform/health/health.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { PgAccessAnchorStore } from './access-anchor-store.pg.ts';
import { AccessAnchorStore } from './access-anchor-store.port.ts';
import { AccessAnchorService } from './access-anchor.service.ts';
import { PgAccessEventStore } from './access-event-store.pg.ts';
import { AccessEventStore } from './access-event-store.port.ts';
import { AccessLogController } from './access-log.controller.ts';
import { AccessLogService } from './access-log.service.ts';
import { ExportService } from './export.service.ts';

const ANCHOR_LOOP = Symbol('ANCHOR_LOOP');

@Global()
@Module({
  imports: [LedgerModule],
  controllers: [AccessLogController],
  providers: [
    { provide: AccessEventStore, useFactory: (pool: Pool) => new PgAccessEventStore(pool), inject: [POOL] },
    {
      provide: AccessAnchorStore,
      useFactory: (pool: Pool, log: LogIdentity) => new PgAccessAnchorStore(pool, log.id),
      inject: [POOL, LOG_IDENTITY],
    },
    {
      provide: AccessLogService,
      useFactory: (store: AccessEventStore, clock: Clock, logger: Logger, metrics: Metrics) =>
        new AccessLogService(store, clock, logger, metrics),
      inject: [AccessEventStore, Clock, LOGGER, Metrics],
    },
    { provide: AccessLog, useExisting: AccessLogService },
    {
      provide: AccessAnchorService,
      useFactory: (anchors: AccessAnchorStore, ledger: LedgerService, clock: Clock, metrics: Metrics) =>
        new AccessAnchorService(anchors, ledger, clock, metrics),
      inject: [AccessAnchorStore, LedgerService, Clock, Metrics],
    },
    {
      provide: ExportService,
      useFactory: (events: AccessEventStore, anchors: AccessAnchorStore, ledger: LedgerService, log: LogIdentity) =>
        new ExportService(events, anchors, ledger, log.origin),
      inject: [AccessEventStore, AccessAnchorStore, LedgerService, LOG_IDENTITY],
    },
    {
      provide: ANCHOR_LOOP,
      useFactory: (config: Config, service: AccessAnchorService, logger: Logger, metrics: Metrics) =>
        new StageLoop('access-anchor', () => service.run(), config.ACCESS_LOG_ANCHOR_INTERVAL_MS, logger, metrics),
      inject: [CONFIG, AccessAnchorService, LOGGER, Metrics],
    },
  ],
  exports: [AccessLog],
})
export class AccessLogModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #config: Config;
  readonly #log: AccessLogService;
  readonly #loop: StageLoop;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(AccessLogService) log: AccessLogService,
    @Inject(ANCHOR_LOOP) loop: StageLoop,
    @Inject(AccessAnchorService) anchors: AccessAnchorService,
    @Inject(Health) health: Health,
  ) {
    this.#config = config;
    this.#log = log;
    this.#loop = loop;
    health.register('access-log', async () => {
      const seen = await anchors.health();
      if (loop.failure === null) return seen;
      return { ...seen, status: 'degraded', code: 'stage-failed', detail: `access-anchor: ${loop.shownFailure}` };
    });
  }

  onApplicationBootstrap(): void {
    if (this.#config.STAGES === 'on') this.#loop.start(this.#config.ACCESS_LOG_ANCHOR_INTERVAL_MS);
  }

  /** Before the ledger stops and the connections end. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
    await this.#log.close();
  }
}
