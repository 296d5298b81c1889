var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Module } from '@nestjs/common';
import { IdentityModule, SourcesService } from '../identity/index.js';
import { LedgerModule, LedgerService } from '../ledger/index.js';
import { CONFIG } from '../platform/config/config.module.js';
import { LOGGER } from '../platform/logger/logger.js';
import { BatchController } from './batch.controller.js';
import { BatchService } from './batch.service.js';
import { ProofsController } from './proofs.controller.js';
import { RecordsController } from './records.controller.js';
import { RecordsService } from './records.service.js';
import { LOG_ORIGIN } from './records.tokens.js';
let RecordsModule = class RecordsModule {
};
RecordsModule = __decorate([
    Module({
        imports: [LedgerModule, IdentityModule],
        controllers: [RecordsController, BatchController, ProofsController],
        providers: [
            { provide: LOG_ORIGIN, useFactory: (config) => config.LOG_ORIGIN, inject: [CONFIG] },
            {
                provide: RecordsService,
                useFactory: (config, sources, ledger) => new RecordsService(sources, ledger, config.FIELDS === 'on'),
                inject: [CONFIG, SourcesService, LedgerService],
            },
            {
                provide: BatchService,
                useFactory: (config, records, ledger, logger) => new BatchService(records, ledger, config.LOG_ORIGIN, {
                    lineBytes: config.BATCH_LINE_LIMIT_BYTES,
                    lines: config.BATCH_MAX_LINES,
                    window: 2 * config.SEQUENCER_BATCH_SIZE,
                }, logger),
                inject: [CONFIG, RecordsService, LedgerService, LOGGER],
            },
        ],
    })
], RecordsModule);
export { RecordsModule };
//# sourceMappingURL=records.module.js.map