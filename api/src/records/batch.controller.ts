import { Controller, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { type z } from 'zod';
import { Gate, LineGate } from '../identity/index.ts';
import { Requires, ThisAccess } from '../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { RateLimits } from '../platform/http/rate-limits.ts';
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
  readonly #gate: Gate;
  readonly #limits: RateLimits;

  constructor(
    @Inject(BatchService) batches: BatchService,
    @Inject(Gate) gate: Gate,
    @Inject(RateLimits) limits: RateLimits,
  ) {
    this.#batches = batches;
    this.#gate = gate;
    this.#limits = limits;
  }

  @Post('versions')
  @Requires('version.submit')
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
    @ThisAccess() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): void {
    const stream = requireLines(request.body, contentType, STREAMED_TYPES);
    const defaults = {
      source: query.source,
      versionId: query.versionId,
      activity: query.activity,
      fields: query.fields,
    };
    const gate = new LineGate(this.#gate, this.#limits, access, 'POST /v1/versions');
    const read = reader(contentType, defaults);
    const { tenant, clientId } = access.caller;
    this.#answer(
      reply,
      this.#batches.submit(tenant, { stream, gate, requestId: request.id, read, submittedBy: clientId }),
    );
  }

  @Post('verify')
  @Requires('version.verify')
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
    @ThisAccess() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): void {
    const stream = requireLines(request.body, contentType, STREAMED_TYPES);
    const defaults = { source: query.source, versionId: query.versionId, activity: undefined, fields: undefined };
    const gate = new LineGate(this.#gate, this.#limits, access, 'POST /v1/verify');
    const read = reader(contentType, defaults);
    this.#answer(reply, this.#batches.verify(access.caller.tenant, { stream, gate, requestId: request.id, read }));
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
