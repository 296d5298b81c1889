import { Controller, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { type z } from 'zod';
import { callerOf } from '../platform/auth/caller-of.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { STREAMED_TYPES } from '../platform/http/http-server.ts';
import { readEnvelope, readFhirLine, type BatchLine } from './batch-line.rules.ts';
import { BatchService } from './batch.service.ts';
import { requireLines } from './body.ts';
import { batchQuery, envelopeSchema, verifyBatchQuery } from './records.schema.ts';

const NDJSON = 'application/x-ndjson';

@ApiTags('records')
@Controller('v1')
export class BatchController {
  readonly #batches: BatchService;

  constructor(@Inject(BatchService) batches: BatchService) {
    this.#batches = batches;
  }

  @Post('versions')
  @ApiOperation({
    summary: 'Submit many versions (NDJSON)',
    description:
      'application/x-ndjson: one envelope a line (source, recordId, versionId, content or contentBase64, or commitment in digest mode; jws when the source signs). application/fhir+ndjson: one resource a line, as Bulk Data exports it, with `source` in the query. One line of result for each line, in order; a bad line fails alone.',
  })
  @ApiConsumes(...STREAMED_TYPES)
  @ApiBody({ required: true, schema: jsonSchema(envelopeSchema) })
  @ApiProduces(NDJSON)
  @ApiResponse({ status: 200, description: '`{"line","status","receipt"}` or `{"line","status","problem"}` a line' })
  @ApiProblems(400, 415)
  submit(
    @Query({ schema: batchQuery }) query: z.output<typeof batchQuery>,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const stream = requireLines(request.body, contentType, STREAMED_TYPES);
    const defaults = {
      source: query.source,
      versionId: query.versionId,
      activity: query.activity,
      fields: query.fields,
    };
    this.#answer(
      reply,
      this.#batches.submit({
        stream,
        requestId: request.id,
        read: reader(contentType, defaults),
        submittedBy: callerOf(request)?.clientId ?? null,
      }),
    );
  }

  @Post('verify')
  @ApiOperation({
    summary: 'Verify many versions (NDJSON)',
    description: 'Lines as for POST /v1/versions; `versionId` may be left out to compare with the latest version.',
  })
  @ApiConsumes(...STREAMED_TYPES)
  @ApiBody({ required: true, schema: jsonSchema(envelopeSchema) })
  @ApiProduces(NDJSON)
  @ApiResponse({ status: 200, description: '`{"line","status","verdict",…}` or `{"line","status","problem"}` a line' })
  @ApiProblems(400, 415)
  verify(
    @Query({ schema: verifyBatchQuery }) query: z.output<typeof verifyBatchQuery>,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const stream = requireLines(request.body, contentType, STREAMED_TYPES);
    const defaults = { source: query.source, versionId: query.versionId, activity: undefined, fields: undefined };
    this.#answer(reply, this.#batches.verify({ stream, requestId: request.id, read: reader(contentType, defaults) }));
  }

  #answer(reply: FastifyReply, results: AsyncGenerator<string>): void {
    void reply
      .status(200)
      .header('content-type', NDJSON)
      .header('cache-control', 'no-store')
      .send(Readable.from(results));
  }
}

function reader(
  contentType: string | undefined,
  defaults: Parameters<typeof readFhirLine>[1],
): (line: Uint8Array) => BatchLine {
  return contentType?.toLowerCase().startsWith('application/fhir+ndjson') === true
    ? (line) => readFhirLine(line, defaults)
    : readEnvelope;
}
