// Erasure, legal hold and retention. The job runs in processes that run the stages.
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { IdentityModule, SubjectRefs } from '../identity/index.ts';
import { LedgerModule, LedgerService, StageLoop } from '../ledger/index.ts';
import { AccessLog } from '../platform/auth/access-log.port.ts';
import { Clock } from '../platform/clock/clock.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { POOL, type Pool } from '../platform/database/pool.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { ErasureRequests } from './erasure-requests.store.ts';
import { ErasuresController } from './erasures.controller.ts';
import { ErasuresService } from './erasures.service.ts';
import { LegalHoldsController } from './legal-holds.controller.ts';
import { LegalHoldsService } from './legal-holds.service.ts';
import { LegalHolds } from './legal-holds.store.ts';
import { RecordsInQuestion } from './records-in-question.store.ts';
import { RetentionRules } from './retention-rules.store.ts';
import { RetentionController } from './retention.controller.ts';
import { RetentionJob } from './retention.job.ts';
import { RetentionService } from './retention.service.ts';

const stores = [
  { provide: ErasureRequests, useFactory: (pool: Pool) => new ErasureRequests(pool), inject: [POOL] },
  { provide: RecordsInQuestion, useFactory: (pool: Pool) => new RecordsInQuestion(pool), inject: [POOL] },
  { provide: LegalHolds, useFactory: (pool: Pool) => new LegalHolds(pool), inject: [POOL] },
  { provide: RetentionRules, useFactory: (pool: Pool) => new RetentionRules(pool), inject: [POOL] },
];

const services = [
  {
    provide: ErasuresService,
    useFactory: (
      subjects: SubjectRefs,
      ledger: LedgerService,
      requests: ErasureRequests,
      records: RecordsInQuestion,
      log: AccessLog,
      clock: Clock,
    ) => new ErasuresService(subjects, ledger, { requests, records }, log, clock),
    inject: [SubjectRefs, LedgerService, ErasureRequests, RecordsInQuestion, AccessLog, Clock],
  },
  {
    provide: LegalHoldsService,
    useFactory: (subjects: SubjectRefs, ledger: LedgerService, holds: LegalHolds, log: AccessLog, clock: Clock) =>
      new LegalHoldsService(subjects, ledger, holds, log, clock),
    inject: [SubjectRefs, LedgerService, LegalHolds, AccessLog, Clock],
  },
  {
    provide: RetentionService,
    useFactory: (rules: RetentionRules, log: AccessLog, clock: Clock) => new RetentionService(rules, log, clock),
    inject: [RetentionRules, AccessLog, Clock],
  },
  {
    provide: RetentionJob,
    useFactory: (
      pool: Pool,
      rules: RetentionRules,
      requests: ErasureRequests,
      records: RecordsInQuestion,
      erasures: ErasuresService,
      ledger: LedgerService,
      log: AccessLog,
      clock: Clock,
      logger: Logger,
    ) => new RetentionJob({ pool, rules, requests, records, erasures, ledger, log, clock, logger }),
    inject: [
      POOL,
      RetentionRules,
      ErasureRequests,
      RecordsInQuestion,
      ErasuresService,
      LedgerService,
      AccessLog,
      Clock,
      LOGGER,
    ],
  },
];

@Module({
  imports: [LedgerModule, IdentityModule],
  controllers: [ErasuresController, LegalHoldsController, RetentionController],
  providers: [...stores, ...services],
})
export class PrivacyModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #loop: StageLoop;
  readonly #runs: boolean;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(RetentionJob) job: RetentionJob,
    @Inject(LOGGER) logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.#runs = config.STAGES === 'on' && config.RETENTION_INTERVAL_MS > 0;
    this.#loop = new StageLoop('retention', () => job.run(), config.RETENTION_INTERVAL_MS, logger, metrics);
  }

  onApplicationBootstrap(): void {
    if (this.#runs) this.#loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }
}
