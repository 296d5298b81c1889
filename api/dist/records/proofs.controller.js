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
// POST /v1/proofs/verify: checks a bundle that somebody presents. Uses no database.
import { Controller, Headers, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BUNDLE_MEDIA_TYPE, canonicalJson, fromBase64, isJsonObject, parseBundle, parseJson, VerifyError, } from '@medanchor/verifier';
import { z } from 'zod';
import { ProofCheckService } from '../ledger/index.js';
import { CONFIG } from '../platform/config/config.module.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { ApiProblems } from '../platform/http/api-problems.js';
import { jsonSchema } from '../platform/http/openapi.js';
import { requireBody } from './body.js';
import { proofReportSchema } from './records.schema.js';
import { proofReportView } from './views.js';
const presentedSchema = z
    .strictObject({
    bundle: z.unknown().describe('The proof bundle, docs/spec/formats.md section 9'),
    contentBase64: z.string().optional().describe('The content to compare'),
    mediaType: z.string().min(1).max(255).optional(),
    source: z.string().optional().describe('What the presenter says that the bundle is about'),
    recordId: z.string().optional(),
    versionId: z.string().optional(),
})
    .meta({ id: 'PresentedProof' });
let ProofsController = class ProofsController {
    #proofs;
    #config;
    constructor(proofs, config) {
        this.#proofs = proofs;
        this.#config = config;
    }
    async verify(contentType, request, reply) {
        const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
        const body = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
        void reply.status(200);
        if (type === BUNDLE_MEDIA_TYPE)
            return proofReportView(await this.#proofs.check(readBundle(body), {}));
        if (type !== 'application/json')
            throw new DomainError('media-type-unsupported', `this route reads application/json or ${BUNDLE_MEDIA_TYPE}`);
        const object = readObject(body);
        const presented = readPresented(object);
        const { source, recordId, versionId, mediaType, contentBase64 } = presented;
        const identity = { ...(source && { source }), ...(recordId && { recordId }), ...(versionId && { versionId }) };
        const report = await this.#proofs.check(readBundle(canonicalJson(object.get('bundle') ?? null)), {
            ...(contentBase64 === undefined ? {} : { content: readContent(contentBase64) }),
            ...(mediaType === undefined ? {} : { mediaType }),
            ...(Object.keys(identity).length === 0 ? {} : { identity }),
        });
        return proofReportView(report);
    }
};
__decorate([
    Post('verify'),
    ApiOperation({
        summary: 'Check a proof bundle, with or without content',
        description: `Either the bundle itself as ${BUNDLE_MEDIA_TYPE}, or application/json with bundle, contentBase64 and the identity that it should have.`,
    }),
    ApiConsumes('application/json', BUNDLE_MEDIA_TYPE),
    ApiBody({ required: true, schema: jsonSchema(presentedSchema) }),
    ApiResponse({ status: 200, standardSchema: proofReportSchema }),
    ApiProblems(400, 413, 415, 422),
    __param(0, Headers('content-type')),
    __param(1, Req()),
    __param(2, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object, Object, Object]),
    __metadata("design:returntype", Promise)
], ProofsController.prototype, "verify", null);
ProofsController = __decorate([
    ApiTags('proofs'),
    Controller('v1/proofs'),
    __param(0, Inject(ProofCheckService)),
    __param(1, Inject(CONFIG)),
    __metadata("design:paramtypes", [ProofCheckService, Object])
], ProofsController);
export { ProofsController };
function readObject(body) {
    const value = refusing('bad-request', () => parseJson(body));
    if (!isJsonObject(value))
        throw new DomainError('bad-request', 'the body must be a JSON object');
    return value;
}
function readPresented(object) {
    const plain = Object.fromEntries([...object].map(([name, value]) => [name, name === 'bundle' ? null : value]));
    const parsed = presentedSchema.safeParse(plain);
    if (!parsed.success)
        throw new DomainError('bad-request', parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '));
    if (!object.has('bundle'))
        throw new DomainError('bad-request', 'bundle: the proof bundle is missing');
    return parsed.data;
}
function readBundle(input) {
    return refusing('bundle-malformed', () => parseBundle(input));
}
function readContent(text) {
    return refusing('bad-request', () => fromBase64(text));
}
function refusing(code, read) {
    try {
        return read();
    }
    catch (error) {
        if (error instanceof VerifyError)
            throw new DomainError(code, error.message, { reason: error.code }, { cause: error });
        throw error;
    }
}
//# sourceMappingURL=proofs.controller.js.map