import { Module, type DynamicModule } from '@nestjs/common';
import { AccessLogModule } from './access-log/index.ts';
import { IdentityModule, SourceKeysModule } from './identity/index.ts';
import { IssuerModule } from './identity/issuer/issuer.module.ts';
import { Source } from './identity/source.entity.ts';
import { Tenant } from './identity/tenant.entity.ts';
import { LedgerModule } from './ledger/index.ts';
import { ConfigModule } from './platform/config/config.module.ts';
import { type Config } from './platform/config/config.schema.ts';
import { DatabaseModule } from './platform/database/database.module.ts';
import { KeysModule } from './platform/keys/keys.module.ts';
import { type Logger } from './platform/logger/logger.ts';
import { type Metrics } from './platform/metrics/metrics.ts';
import { PlatformModule } from './platform/platform.module.ts';
import { PrivacyModule } from './privacy/privacy.module.ts';
import { RecordsModule } from './records/records.module.ts';

@Module({})
export class AppModule {
  static with(config: Config, logger: Logger, metrics: Metrics): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        PlatformModule.with(logger, metrics),
        DatabaseModule.with(config, [Tenant, Source]),
        KeysModule,
        IdentityModule,
        LedgerModule,
        AccessLogModule,
        RecordsModule,
        PrivacyModule,
        SourceKeysModule,
        ...(config.EMBEDDED_ISSUER === 'on' ? [IssuerModule] : []),
      ],
    };
  }
}
