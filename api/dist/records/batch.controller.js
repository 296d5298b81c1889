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
import { Controller, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { ApiProblems } from '../platform/http/api-problems.js';
import { jsonSchema } from '../platform/http/openapi.js';
import { STREAMED_TYPES } from '../platform/http/http-server.js';
import { readEnvelope, readFhirLine } from './batch-line.rules.js';
import { BatchService } from './batch.service.js';
import { requireLines } from './body.js';
import { batchQuery, envelopeSchema, verifyBatchQuery } from './records.schema.js';
const NDJSON = 'application/x-ndjson';
let BatchController = class BatchController {
    #batches;
    constructor(batches) {
        this.#batches = batches;
    }
    submit(query, contentType, request, reply) {
        const stream = requireLines(request.body, contentType, STREAMED_TYPES);
        const defaults = {
            source: query.source,
            versionId: query.versionId,
            activity: query.activity,
            fields: query.fields,
        };
        this.#answer(reply, this.#batches.submit({ stream, requestId: request.id, read: reader(contentType, defaults) }));
    }
    verify(query, contentType, request, reply) {
        const stream = requireLines(request.body, contentType, STREAMED_TYPES);
        const defaults = { source: query.source, versionId: query.versionId, activity: undefined, fields: undefined };
        this.#answer(reply, this.#batches.verify({ stream, requestId: request.id, read: reader(contentType, defaults) }));
    }
    #answer(reply, results) {
        void reply
            .status(200)
            .header('content-type', NDJSON)
            .header('cache-control', 'no-store')
            .send(Readable.from(results));
    }
};
__decorate([
    Post('versions'),
    ApiOperation({
        summary: 'Submit many versions (NDJSON)',
        description: 'application/x-ndjson: one envelope a line (source, recordId, versionId, content or contentBase64). application/fhir+ndjson: one resource a line, as Bulk Data exports it, with `source` in the query. One line of result for each line, in order; a bad line fails alone.',
    }),
    ApiConsumes(...STREAMED_TYPES),
    ApiBody({ required: true, schema: jsonSchema(envelopeSchema) }),
    ApiProduces(NDJSON),
    ApiResponse({ status: 200, description: '`{"line","status","receipt"}` or `{"line","status","problem"}` a line' }),
    ApiProblems(400, 415),
    __param(0, Query({ schema: batchQuery })),
    __param(1, Headers('content-type')),
    __param(2, Req()),
    __param(3, Res()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object, Object]),
    __metadata("design:returntype", void 0)
], BatchController.prototype, "submit", null);
__decorate([
    Post('verify'),
    ApiOperation({
        summary: 'Verify many versions (NDJSON)',
        description: 'Lines as for POST /v1/versions; `versionId` may be left out to compare with the latest version.',
    }),
    ApiConsumes(...STREAMED_TYPES),
    ApiBody({ required: true, schema: jsonSchema(envelopeSchema) }),
    ApiProduces(NDJSON),
    ApiResponse({ status: 200, description: '`{"line","status","verdict",…}` or `{"line","status","problem"}` a line' }),
    ApiProblems(400, 415),
    __param(0, Query({ schema: verifyBatchQuery })),
    __param(1, Headers('content-type')),
    __param(2, Req()),
    __param(3, Res()),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object, Object]),
    __metadata("design:returntype", void 0)
], BatchController.prototype, "verify", null);
BatchController = __decorate([
    ApiTags('records'),
    Controller('v1'),
    __param(0, Inject(BatchService)),
    __metadata("design:paramtypes", [BatchService])
], BatchController);
export { BatchController };
function reader(contentType, defaults) {
    return contentType?.toLowerCase().startsWith('application/fhir+ndjson') === true
        ? (line) => readFhirLine(line, defaults)
        : readEnvelope;
}
//# sourceMappingURL=batch.controller.js.map