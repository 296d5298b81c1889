import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock, SystemClock } from './clock/clock.ts';
import { Health } from './health/health.ts';
import { HealthController } from './http/health.controller.ts';
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
      ],
      exports: [Health, LOGGER, Metrics, Clock],
    };
  }
}
