import { type DynamicModule } from '@nestjs/common';
import { type Logger } from './logger/logger.ts';
import { Metrics } from './metrics/metrics.ts';
export declare class PlatformModule {
    static with(logger: Logger, metrics: Metrics): DynamicModule;
}
