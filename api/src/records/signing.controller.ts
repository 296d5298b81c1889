// The first of the two steps of a signed submission: what has to be signed. The second is the submission itself.
import { Controller, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { fromUtf8, toHex } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller, Requires } from '../platform/auth/access.decorators.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { readBody } from './body.ts';
import { ACTIVITIES, prepareQuery, recordParams } from './records.schema.ts';
import { RecordsService } from './records.service.ts';

const preparedSchema = z
  .strictObject({
    statement: z.string().describe('Sign its UTF-8 octets, as they are (docs/spec/formats.md section 6.1)'),
    activity: z.enum(ACTIVITIES).describe('To be named again in the submission: it is part of what is signed'),
    scheme: z.string(),
    commitment: z.string(),
    versionSalt: z
      .string()
      .describe('Of this version alone. With it the source sees that the commitment is that of its content'),
    sourceId: z.string(),
    expiresAt: z.string().describe('Until then a new record’s key is reserved under its name'),
  })
  .meta({ id: 'PreparedVersion' });

@ApiTags('records')
@Controller('v1/records/:source/:recordId')
export class SigningController {
  readonly #records: RecordsService;
  readonly #config: Config;

  constructor(@Inject(RecordsService) records: RecordsService, @Inject(CONFIG) config: Config) {
    this.#records = records;
    this.#config = config;
  }

  @Post('versions/prepare')
  @Requires('version.submit')
  @ApiOperation({
    summary: 'What the source has to sign for a version',
    description:
      'The body is the content, as it will be submitted. Nothing is recorded. Sign the statement and submit the same content with the detached JWS in `x-medanchor-signature`.',
  })
  @ApiConsumes('*/*')
  @ApiBody({ required: false, schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 200, standardSchema: preparedSchema })
  @ApiProblems(400, 409, 413, 415, 422, 503)
  async prepare(
    @Caller() caller: Principal,
    @Param({ schema: recordParams }) name: z.output<typeof recordParams>,
    @Query({ schema: prepareQuery }) query: z.output<typeof prepareQuery>,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof preparedSchema>> {
    const { source, prepared } = await this.#records.prepare(caller.tenant, {
      ...name,
      versionId: query.versionId,
      activity: query.activity ?? null,
      fields: query.fields === undefined ? null : query.fields === 'on',
      mediaType: contentType ?? '',
      content: await readBody(request.body, this.#config.BODY_LIMIT_BYTES),
    });
    void reply.status(200).header('cache-control', 'private, no-store');
    return {
      statement: fromUtf8(prepared.statement),
      activity: prepared.activity,
      scheme: prepared.scheme,
      commitment: toHex(prepared.commitment),
      versionSalt: toHex(prepared.versionSalt),
      sourceId: source.id,
      expiresAt: prepared.expiresAt.toISOString(),
    };
  }
}
