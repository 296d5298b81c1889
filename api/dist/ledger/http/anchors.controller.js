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
// GET /v1/anchors, /v1/anchors/{size}: every anchor with its transaction, block, gas and state.
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { DomainError } from '../../platform/errors/domain-error.js';
import { decimal } from '../../platform/http/schemas.js';
import { ChainMonitor } from '../chain/chain-monitor.js';
import { AnchorStore } from '../store/anchor-store.port.js';
export const anchorSchema = z
    .strictObject({
    id: z.string(),
    epoch: z.int(),
    chainId: z.string(),
    contract: z.string(),
    size: z.string(),
    root: z.string(),
    transaction: z.string(),
    state: z.enum(['sent', 'anchored', 'confirmed', 'dropped', 'failed']),
    visible: z.boolean().describe('false while the chain is not seen to be the one that this anchor is on'),
    block: z.string().nullable(),
    blockHash: z.string().nullable(),
    blockTime: z.string().nullable(),
    gasUsed: z.string().nullable(),
    sentAt: z.string(),
    updatedAt: z.string(),
})
    .meta({ id: 'Anchor' });
const pageSchema = z.strictObject({
    before: decimal('an anchor id').optional(),
    limit: decimal('a number').pipe(z.bigint().min(1n).max(500n)).optional(),
});
const sizeSchema = z.strictObject({ size: decimal('a log size') });
let AnchorsController = class AnchorsController {
    #anchors;
    #monitor;
    constructor(anchors, monitor) {
        this.#anchors = anchors;
        this.#monitor = monitor;
    }
    async list(query) {
        const limit = Number(query.limit ?? 100n);
        const rows = await this.#anchors.list(query.before ?? null, limit);
        const epochs = await this.#epochs();
        const last = rows.at(-1);
        return {
            anchors: rows.map((row) => this.#view(row, epochs)),
            next: rows.length < limit || last === undefined ? null : last.id.toString(),
        };
    }
    async bySize({ size }) {
        const rows = await this.#anchors.bySize(size);
        if (rows.length === 0)
            throw new DomainError('unknown-anchor', `no anchor of size ${size}: see GET /v1/anchors for those that exist`);
        const epochs = await this.#epochs();
        return { anchors: rows.map((row) => this.#view(row, epochs)) };
    }
    async #epochs() {
        return new Map((await this.#anchors.epochs()).map((epoch) => [epoch.epoch, epoch]));
    }
    #view(anchor, epochs) {
        const epoch = epochs.get(anchor.epoch);
        return {
            id: anchor.id.toString(),
            epoch: anchor.epoch,
            chainId: epoch?.chainId.toString() ?? '',
            contract: epoch?.contract ?? '',
            size: anchor.size.toString(),
            root: toHex(anchor.root),
            transaction: anchor.transaction,
            state: anchor.state,
            visible: this.#monitor.anchorsVisible && anchor.epoch === this.#monitor.current.epoch,
            block: anchor.blockNumber?.toString() ?? null,
            blockHash: anchor.blockHash,
            blockTime: anchor.blockTime?.toISOString() ?? null,
            gasUsed: anchor.gasUsed?.toString() ?? null,
            sentAt: anchor.sentAt.toISOString(),
            updatedAt: anchor.updatedAt.toISOString(),
        };
    }
};
__decorate([
    Get(),
    ApiOperation({ summary: 'Anchors, newest first', description: 'Page with `before` = the last `id` seen.' }),
    ApiResponse({
        status: 200,
        standardSchema: z.strictObject({ anchors: z.array(anchorSchema), next: z.string().nullable() }),
    }),
    __param(0, Query({ schema: pageSchema })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], AnchorsController.prototype, "list", null);
__decorate([
    Get(':size'),
    ApiOperation({ summary: 'The anchors of one log size (several when one was dropped and sent again)' }),
    ApiResponse({ status: 200, standardSchema: z.strictObject({ anchors: z.array(anchorSchema) }) }),
    __param(0, Param({ schema: sizeSchema })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], AnchorsController.prototype, "bySize", null);
AnchorsController = __decorate([
    ApiTags('anchors'),
    Controller('v1/anchors'),
    __param(0, Inject(AnchorStore)),
    __param(1, Inject(ChainMonitor)),
    __metadata("design:paramtypes", [AnchorStore, ChainMonitor])
], AnchorsController);
export { AnchorsController };
//# sourceMappingURL=anchors.controller.js.map