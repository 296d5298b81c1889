import { Module } from '@nestjs/common';
import { LedgerModule, LedgerService } from '../ledger/index.ts';
import { AccessLog } from '../platform/auth/access-log.port.ts';
import { IdentityModule } from './identity.module.ts';
import { SourceKeysController } from './source-keys.controller.ts';
import { SourceKeysService } from './source-keys.service.ts';
import { SourcesService } from './sources.service.ts';

@Module({
  imports: [IdentityModule, LedgerModule],
  controllers: [SourceKeysController],
  providers: [
    {
      provide: SourceKeysService,
      useFactory: (sources: SourcesService, ledger: LedgerService, log: AccessLog) =>
        new SourceKeysService(sources, ledger, log),
      inject: [SourcesService, LedgerService, AccessLog],
    },
  ],
})
export class SourceKeysModule {}
