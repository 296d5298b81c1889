import { type DynamicModule } from '@nestjs/common';
import { type Config } from './platform/config/config.schema.ts';
import { type Logger } from './platform/logger/logger.ts';
import { type Metrics } from './platform/metrics/metrics.ts';
export declare class AppModule {
    static with(config: Config, logger: Logger, metrics: Metrics): DynamicModule;
}
