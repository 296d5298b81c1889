import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Config } from '../platform/config/config.schema.ts';
import { LedgerRuntime } from './runtime/ledger-runtime.ts';
export declare class LedgerModule implements OnApplicationBootstrap, OnApplicationShutdown {
    #private;
    constructor(runtime: LedgerRuntime, config: Config);
    onApplicationBootstrap(): Promise<void>;
    onApplicationShutdown(): Promise<void>;
}
