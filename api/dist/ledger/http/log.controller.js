var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
// GET /v1/log: what an auditor needs to know to check this log without trusting it. GET /v1/alarms: what went wrong.
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { ChainMonitor } from '../chain/chain-monitor.js';
import { LedgerService } from '../ledger.service.js';
import { LOG_IDENTITY } from '../log-identity.js';
import { AnchorStore } from '../store/anchor-store.port.js';
import { RecordStore } from '../store/record-store.port.js';
const logSchema = z
    .strictObject({
    origin: z.string(),
    verifierKey: z.string().describe('C2SP verifier key of the checkpoints'),
    logId: z.string().describe('SHA-256 of the origin, as in the contract'),
    chainId: z.string(),
    contract: z.string(),
    chain: z.strictObject({
        state: z.string(),
        detail: z.string(),
        block: z.string().nullable(),
        seenAt: z.string().nullable(),
    }),
    sizes: z.strictObject({
        sequenced: z.string(),
        integrated: z.string(),
        checkpointed: z.string(),
        anchored: z.string(),
        confirmed: z.string(),
    }),
    epochs: z.array(z.strictObject({
        epoch: z.int(),
        chainId: z.string(),
        contract: z.string(),
        reason: z.string(),
        startedAt: z.string(),
    })),
})
    .meta({ id: 'Log' });
const alarmSchema = z
    .strictObject({ id: z.string(), kind: z.string(), detail: z.string(), raisedAt: z.string() })
    .meta({ id: 'IntegrityAlarm' });
let LogController = class LogController {
    #log;
    #ledger;
    #anchors;
    #records;
    #monitor;
    constructor(log, ledger, anchors, records, monitor) {
        this.#log = log;
        this.#ledger = ledger;
        this.#anchors = anchors;
        this.#records = records;
        this.#monitor = monitor;
    }
    async log() {
        const { code, detail, blockNumber, seenAt } = this.#monitor.current;
        const sizes = await this.#ledger.sizes();
        const epochs = await this.#anchors.epochs();
        return {
            origin: this.#log.origin,
            verifierKey: this.#log.verifierKey,
            logId: toHex(this.#log.logId),
            chainId: this.#log.chainId.toString(),
            contract: this.#log.contract,
            chain: { state: code, detail, block: blockNumber?.toString() ?? null, seenAt: seenAt?.toISOString() ?? null },
            sizes: {
                sequenced: sizes.sequenced.toString(),
                integrated: sizes.integrated.toString(),
                checkpointed: sizes.checkpointed.toString(),
                anchored: sizes.anchored.toString(),
                confirmed: sizes.confirmed.toString(),
            },
            epochs: epochs.map((epoch) => ({
                epoch: epoch.epoch,
                chainId: epoch.chainId.toString(),
                contract: epoch.contract,
                reason: epoch.reason,
                startedAt: epoch.createdAt.toISOString(),
            })),
        };
    }
    async alarms() {
        const alarms = await this.#records.alarms(100);
        return {
            alarms: alarms.map(({ id, kind, detail, raisedAt }) => ({
                id: id.toString(),
                kind,
                detail,
                raisedAt: raisedAt.toISOString(),
            })),
        };
    }
};
__decorate([
    Get('log'),
    ApiOperation({ summary: 'The log: its name, keys, contract, and how far each stage has come' }),
    ApiResponse({ status: 200, standardSchema: logSchema }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], LogController.prototype, "log", null);
__decorate([
    Get('alarms'),
    ApiOperation({ summary: 'Integrity alarms, newest first (the last 100)' }),
    ApiResponse({ status: 200, standardSchema: z.strictObject({ alarms: z.array(alarmSchema) }) }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], LogController.prototype, "alarms", null);
LogController = __decorate([
    ApiTags('log'),
    Controller('v1'),
    __param(0, Inject(LOG_IDENTITY)),
    __param(1, Inject(LedgerService)),
    __param(2, Inject(AnchorStore)),
    __param(3, Inject(RecordStore)),
    __param(4, Inject(ChainMonitor)),
    __metadata("design:paramtypes", [Object, LedgerService,
        AnchorStore,
        RecordStore,
        ChainMonitor])
], LogController);
export { LogController };
//# sourceMappingURL=log.controller.js.map