import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock, SystemClock } from './clock/clock.ts';
import { CONFIG } from './config/config.module.ts';
import { type Config } from './config/config.schema.ts';
import { Health } from './health/health.ts';
import { HealthController } from './http/health.controller.ts';
import { KeyProvider } from './keys/key-provider.port.ts';
import { LocalKeyProvider } from './keys/local-key-provider.file.ts';
import { readSecretFile } from './keys/secret-file.ts';
import { LOGGER, type Logger } from './logger/logger.ts';
import { Metrics } from './metrics/metrics.ts';

@Global()
@Module({})
export class PlatformModule {
  static with(logger: Logger, metrics: Metrics): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController],
      providers: [
        Health,
        { provide: LOGGER, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: Clock, useClass: SystemClock },
        {
          provide: KeyProvider,
          useFactory: (config: Config) =>
            new LocalKeyProvider(readSecretFile(config.KEK_FILE, 'key-encryption key (KEK_FILE)')),
          inject: [CONFIG],
        },
      ],
      exports: [Health, LOGGER, Metrics, Clock, KeyProvider],
    };
  }
}
