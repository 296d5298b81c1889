import { type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { type DataSourceOptions, type MixedList } from 'typeorm';
import { type Config } from '../config/config.schema.ts';
import { Health } from '../health/health.ts';
import { type Pool } from './pool.ts';
export declare function dataSourceOptions(url: string, entities: MixedList<Function>): DataSourceOptions;
export declare class DatabaseModule implements OnApplicationShutdown {
    #private;
    constructor(pool: Pool, health: Health);
    static with(config: Config, entities: Function[]): DynamicModule;
    onApplicationShutdown(): Promise<void>;
}
