import { type DynamicModule } from '@nestjs/common';
import { type Config } from './config.schema.ts';
/** Injection token of the frozen settings. */
export declare const CONFIG: unique symbol;
export declare class ConfigModule {
    static with(config: Config): DynamicModule;
}
