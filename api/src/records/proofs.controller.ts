// POST /v1/proofs/verify: checks a bundle that somebody presents. Uses no database.
import { Controller, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  BUNDLE_MEDIA_TYPE,
  canonicalJson,
  fromBase64,
  isJsonObject,
  parseBundle,
  parseJson,
  VerifyError,
  type Bundle,
  type JsonObject,
} from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProofCheckService } from '../ledger/index.ts';
import { Public } from '../platform/auth/access.decorators.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { noQuery } from '../platform/http/schemas.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { requireBody } from './body.ts';
import { proofReportSchema } from './records.schema.ts';
import { proofReportView } from './views.ts';

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

@ApiTags('proofs')
@Controller('v1/proofs')
export class ProofsController {
  readonly #proofs: ProofCheckService;
  readonly #config: Config;

  constructor(@Inject(ProofCheckService) proofs: ProofCheckService, @Inject(CONFIG) config: Config) {
    this.#proofs = proofs;
    this.#config = config;
  }

  @Post('verify')
  @Public('a proof that is presented with its content verifies for anybody; nothing stored is read')
  @ApiOperation({
    summary: 'Check a proof bundle, with or without content',
    description: `Either the bundle itself as ${BUNDLE_MEDIA_TYPE}, or application/json with bundle, contentBase64 and the identity that it should have.`,
  })
  @ApiConsumes('application/json', BUNDLE_MEDIA_TYPE)
  @ApiBody({ required: true, schema: jsonSchema(presentedSchema) })
  @ApiResponse({ status: 200, standardSchema: proofReportSchema })
  @ApiProblems(400, 413, 415, 422)
  async verify(
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof proofReportSchema>> {
    const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const body = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
    void reply.status(200);
    if (type === BUNDLE_MEDIA_TYPE) return proofReportView(await this.#proofs.check(readBundle(body), {}));
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
}

function readObject(body: Uint8Array): JsonObject {
  const value = refusing('bad-request', () => parseJson(body));
  if (!isJsonObject(value)) throw new DomainError('bad-request', 'the body must be a JSON object');
  return value;
}

function readPresented(object: JsonObject): z.output<typeof presentedSchema> {
  const plain = Object.fromEntries([...object].map(([name, value]) => [name, name === 'bundle' ? null : value]));
  const parsed = presentedSchema.safeParse(plain);
  if (!parsed.success)
    throw new DomainError(
      'bad-request',
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
    );
  if (!object.has('bundle')) throw new DomainError('bad-request', 'bundle: the proof bundle is missing');
  return parsed.data;
}

function readBundle(input: Uint8Array | string): Bundle {
  return refusing('bundle-malformed', () => parseBundle(input));
}

function readContent(text: string): Uint8Array {
  return refusing('bad-request', () => fromBase64(text));
}

function refusing<T>(code: 'bad-request' | 'bundle-malformed', read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerifyError)
      throw new DomainError(code, error.message, { reason: error.code }, { cause: error });
    throw error;
  }
}
