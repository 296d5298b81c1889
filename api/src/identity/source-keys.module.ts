import { Module } from '@nestjs/common';
import { LedgerModule, LedgerService } from '../ledger/index.ts';
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
      useFactory: (sources: SourcesService, ledger: LedgerService) => new SourceKeysService(sources, ledger),
      inject: [SourcesService, LedgerService],
    },
  ],
})
export class SourceKeysModule {}
