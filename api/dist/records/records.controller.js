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
// HTTP for record systems: submit a version, read a history, fetch a proof, verify content.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BUNDLE_MEDIA_TYPE, formatBundle } from '@medanchor/verifier';
import { z } from 'zod';
import { LedgerService, stateOf } from '../ledger/index.js';
import { LOG_ORIGIN } from './records.tokens.js';
import { CONFIG } from '../platform/config/config.module.js';
import { ApiProblems } from '../platform/http/api-problems.js';
import { readBody, requireBody } from './body.js';
import { discloseQuery, historyQuery, proofQuery, receiptSchema, recordParams, submitQuery, verdictSchema, verifyQuery, versionParams, versionSchema, } from './records.schema.js';
import { RecordsService } from './records.service.js';
import { receiptView, verdictView, versionPath, versionView } from './views.js';
const DEFAULT_WAIT_MS = 10_000;
let RecordsController = class RecordsController {
    #records;
    #ledger;
    #config;
    #origin;
    constructor(records, ledger, config, origin) {
        this.#records = records;
        this.#ledger = ledger;
        this.#config = config;
        this.#origin = origin;
    }
    async submit(name, query, contentType, request, reply) {
        const receipt = await this.#records.submit({
            ...name,
            versionId: query.versionId,
            activity: query.activity ?? null,
            fields: query.fields === undefined ? null : query.fields === 'on',
            mediaType: contentType ?? '',
            content: await readBody(request.body, this.#config.BODY_LIMIT_BYTES),
        });
        const state = query.wait === undefined
            ? receipt.state
            : await this.#ledger.waitFor(receipt.version.index, query.wait, Number(query.timeoutMs ?? DEFAULT_WAIT_MS));
        void reply.status(receipt.created ? 201 : 200).header('location', versionPath(name, receipt.version.versionId));
        return receiptView(name, receipt.version, state, this.#origin);
    }
    async history(name, query) {
        const limit = Number(query.limit ?? 100n);
        const versions = await this.#records.history(name.source, name.recordId, query.after ?? 0n, limit);
        const sizes = await this.#ledger.sizes();
        const last = versions.at(-1);
        return {
            versions: versions.map((version) => versionView(name, version, stateOf(version.index, sizes))),
            next: versions.length < limit || last === undefined ? null : last.seq.toString(),
        };
    }
    async version(params) {
        const { version } = await this.#records.locate(params.source, params.recordId, params.versionId);
        return receiptView(params, version, stateOf(version.index, await this.#ledger.sizes()), this.#origin);
    }
    async proof(params, query, reply) {
        const located = await this.#records.locate(params.source, params.recordId, params.versionId);
        const { bundle } = await this.#ledger.bundle(located);
        // It changes once: when the anchor comes. And it opens commitments, so no shared cache may keep it.
        void reply.header('cache-control', 'private, no-store');
        if (query.format === 'tlog-proof') {
            void reply
                .header('content-type', 'text/plain; charset=utf-8')
                .header('content-disposition', 'attachment; filename="version.tlog-proof"');
            return bundle.proof;
        }
        void reply.header('content-type', `${BUNDLE_MEDIA_TYPE}; charset=utf-8`);
        return formatBundle(bundle);
    }
    async disclose(params, query, request, reply) {
        const content = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
        const located = await this.#records.locate(params.source, params.recordId, params.versionId);
        const pointers = typeof query.disclose === 'string' ? [query.disclose] : query.disclose;
        const bundle = await this.#ledger.disclose(located, { content, pointers });
        void reply
            .status(200)
            .header('cache-control', 'private, no-store')
            .header('content-type', `${BUNDLE_MEDIA_TYPE}; charset=utf-8`);
        return formatBundle(bundle);
    }
    async verify(name, query, contentType, request, reply) {
        const content = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
        const result = await this.#records.verify({
            ...name,
            versionId: query.versionId ?? null,
            content,
            mediaType: contentType ?? '',
        });
        const sizes = await this.#ledger.sizes();
        void reply.status(200);
        return verdictView(name, result, (version) => stateOf(version.index, sizes));
    }
};
__decorate([
    Post('versions'),
    ApiOperation({
        summary: 'Submit a version of a record',
        description: 'The body is the content, in any media type. It is digested and not kept. Repeating a submission is safe.',
    }),
    ApiConsumes('*/*'),
    ApiBody({ required: false, schema: { type: 'string', format: 'binary' } }),
    ApiResponse({ status: 201, standardSchema: receiptSchema, description: 'Recorded: durable, at this index' }),
    ApiResponse({
        status: 200,
        standardSchema: receiptSchema,
        description: 'This very version was recorded before: its first receipt',
    }),
    ApiProblems(400, 409, 413, 415, 422, 503),
    __param(0, Param({ schema: recordParams })),
    __param(1, Query({ schema: submitQuery })),
    __param(2, Headers('content-type')),
    __param(3, Req()),
    __param(4, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object, Object, Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "submit", null);
__decorate([
    Get('versions'),
    ApiOperation({
        summary: 'The versions of a record, in the order of arrival',
        description: 'No content, since none is kept. Page with `after` = the last `seq` seen.',
    }),
    ApiResponse({
        status: 200,
        standardSchema: z.strictObject({ versions: z.array(versionSchema), next: z.string().nullable() }),
    }),
    ApiProblems(400, 404),
    __param(0, Param({ schema: recordParams })),
    __param(1, Query({ schema: historyQuery })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "history", null);
__decorate([
    Get('versions/:versionId'),
    ApiOperation({ summary: 'One version: its receipt as it stands now' }),
    ApiResponse({ status: 200, standardSchema: receiptSchema }),
    ApiProblems(400, 404),
    __param(0, Param({ schema: versionParams })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "version", null);
__decorate([
    Get('versions/:versionId/proof'),
    ApiOperation({
        summary: 'The proof bundle of a version',
        description: '`format=tlog-proof` gives the bare C2SP proof.',
    }),
    ApiProduces(BUNDLE_MEDIA_TYPE, 'text/plain'),
    ApiResponse({ status: 200, description: 'docs/spec/formats.md section 9' }),
    ApiProblems(400, 404, 409),
    __param(0, Param({ schema: versionParams })),
    __param(1, Query({ schema: proofQuery })),
    __param(2, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "proof", null);
__decorate([
    Post('versions/:versionId/proof'),
    ApiOperation({
        summary: 'A proof bundle that discloses chosen fields',
        description: 'The body is the content of the version (the ledger keeps none). The bundle shows the fields asked for and hides the rest.',
    }),
    ApiConsumes('*/*'),
    ApiBody({ required: true, schema: { type: 'string', format: 'binary' } }),
    ApiProduces(BUNDLE_MEDIA_TYPE),
    ApiResponse({ status: 200, description: 'docs/spec/formats.md section 9, with `disclosed`' }),
    ApiProblems(400, 404, 409, 413, 422),
    __param(0, Param({ schema: versionParams })),
    __param(1, Query({ schema: discloseQuery })),
    __param(2, Req()),
    __param(3, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object, Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "disclose", null);
__decorate([
    Post('verify'),
    ApiOperation({
        summary: 'Compare content with what was recorded',
        description: 'The body is the content. Without `versionId` the latest version is compared, and older ones are named when the content equals one.',
    }),
    ApiConsumes('*/*'),
    ApiBody({ required: true, schema: { type: 'string', format: 'binary' } }),
    ApiResponse({ status: 200, standardSchema: verdictSchema }),
    ApiProblems(400, 413, 415, 422),
    __param(0, Param({ schema: recordParams })),
    __param(1, Query({ schema: verifyQuery })),
    __param(2, Headers('content-type')),
    __param(3, Req()),
    __param(4, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object, Object, Object]),
    __metadata("design:returntype", Promise)
], RecordsController.prototype, "verify", null);
RecordsController = __decorate([
    ApiTags('records'),
    Controller('v1/records/:source/:recordId'),
    __param(0, Inject(RecordsService)),
    __param(1, Inject(LedgerService)),
    __param(2, Inject(CONFIG)),
    __param(3, Inject(LOG_ORIGIN)),
    __metadata("design:paramtypes", [RecordsService,
        LedgerService, Object, String])
], RecordsController);
export { RecordsController };
//# sourceMappingURL=records.controller.js.map