import { Module } from '@nestjs/common';
import { IdentityModule, SourcesService, SubjectRefs } from '../identity/index.ts';
import { LedgerModule, LedgerService } from '../ledger/index.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { BatchController } from './batch.controller.ts';
import { BatchService } from './batch.service.ts';
import { ProvenanceController } from './provenance.controller.ts';
import { ProofsController } from './proofs.controller.ts';
import { RecordsController } from './records.controller.ts';
import { RecordsService } from './records.service.ts';
import { SigningController } from './signing.controller.ts';
import { LOG_ORIGIN } from './records.tokens.ts';

@Module({
  imports: [LedgerModule, IdentityModule],
  controllers: [RecordsController, SigningController, ProvenanceController, BatchController, ProofsController],
  providers: [
    { provide: LOG_ORIGIN, useFactory: (config: Config) => config.LOG_ORIGIN, inject: [CONFIG] },
    {
      provide: RecordsService,
      useFactory: (config: Config, sources: SourcesService, subjects: SubjectRefs, ledger: LedgerService) =>
        new RecordsService(sources, subjects, ledger, config.FIELDS === 'on'),
      inject: [CONFIG, SourcesService, SubjectRefs, LedgerService],
    },
    {
      provide: BatchService,
      useFactory: (config: Config, records: RecordsService, ledger: LedgerService, logger: Logger) =>
        new BatchService(
          records,
          ledger,
          config.LOG_ORIGIN,
          {
            lineBytes: config.BATCH_LINE_LIMIT_BYTES,
            lines: config.BATCH_MAX_LINES,
            window: 2 * config.SEQUENCER_BATCH_SIZE,
          },
          logger,
        ),
      inject: [CONFIG, RecordsService, LedgerService, LOGGER],
    },
  ],
})
export class RecordsModule {}
