// HTTP for erasure: count, ask, approve or refuse, and the receipts with their proofs.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BUNDLE_MEDIA_TYPE, formatBundle } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SourcesService } from '../identity/index.ts';
import { LedgerService } from '../ledger/index.ts';
import { Caller, Requires, ThisAccess } from '../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { nextOf } from '../platform/http/page.ts';
import { jsonBody } from '../platform/http/json-body.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { noQuery } from '../platform/http/schemas.ts';
import { actorOf } from './caller.ts';
import { ErasuresService, type Wanted } from './erasures.service.ts';
import {
  erasureBody,
  extentSchema,
  itemParams,
  listQuery,
  previewQuery,
  proofParams,
  requestSchema,
  requestWithReceiptsSchema,
  sourceParams,
} from './privacy.schema.ts';
import { extentView, receiptsView, requestView } from './views.ts';

@ApiTags('privacy')
@Controller('v1/sources/:source/erasures')
export class ErasuresController {
  readonly #erasures: ErasuresService;
  readonly #ledger: LedgerService;
  readonly #sources: SourcesService;

  constructor(
    @Inject(ErasuresService) erasures: ErasuresService,
    @Inject(LedgerService) ledger: LedgerService,
    @Inject(SourcesService) sources: SourcesService,
  ) {
    this.#sources = sources;
    this.#erasures = erasures;
    this.#ledger = ledger;
  }

  @Post()
  @Requires('record.erase')
  @ApiOperation({
    summary: 'Ask for the erasure of records, or of all records of a patient',
    description:
      'With `preview=true` only counts what there is. Else a request is made, which another person must approve: POST …/erasures/{id}/approval.',
  })
  @ApiBody({ required: true, schema: jsonSchema(erasureBody) })
  @ApiResponse({ status: 200, standardSchema: extentSchema, description: 'With preview=true' })
  @ApiResponse({ status: 201, standardSchema: requestWithReceiptsSchema })
  @ApiProblems(400, 403, 404, 409)
  async request(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: previewQuery }) query: z.output<typeof previewQuery>,
    @Headers('content-type') contentType: string | undefined,
    @ThisAccess() access: RequestAccess,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const actor = actorOf(access);
    const body = jsonBody(request.body, contentType, erasureBody);
    const wanted = wantedOf(body);
    const asked = await this.#sources.get(access.caller.tenant, source);
    if (query.preview === 'true') {
      void reply.status(200);
      return extentView(await this.#erasures.preview(asked, wanted));
    }
    const made = await this.#erasures.request(asked, wanted, { basis: body.basis, note: body.note ?? null }, actor);
    void reply.status(201).header('location', `/v1/sources/${source}/erasures/${made.request.id}`);
    return receiptsView(source, made);
  }

  @Get()
  @Requires('record.erase')
  @ApiOperation({ summary: 'Requests for erasure of a source, newest first', description: 'Page with `before`.' })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ erasures: z.array(requestSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400, 404)
  async list(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
    @Caller() caller: Principal,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 50n);
    const found = await this.#erasures.list(
      await this.#sources.get(caller.tenant, source),
      query.before ?? null,
      limit,
    );
    return { erasures: found.map(requestView), next: nextOf(found, limit, ({ id }) => id) };
  }

  @Get(':id')
  @Requires('record.erase')
  @ApiOperation({ summary: 'One request, with the receipts of what is erased' })
  @ApiResponse({ status: 200, standardSchema: requestWithReceiptsSchema })
  @ApiProblems(400, 404)
  async one(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Caller() caller: Principal,
  ): Promise<unknown> {
    return receiptsView(source, await this.#erasures.get(await this.#sources.get(caller.tenant, source), id));
  }

  @Post(':id/approval')
  @Requires('record.erase')
  @ApiOperation({
    summary: 'Approve and carry out',
    description:
      'By another person than the one who asked. Answers when everything is erased. Repeating it goes on with what was interrupted.',
  })
  @ApiResponse({ status: 200, standardSchema: requestWithReceiptsSchema })
  @ApiProblems(400, 403, 404, 409)
  async approve(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const actor = actorOf(access);
    const asked = await this.#sources.get(access.caller.tenant, source);
    const done = await this.#erasures.approve(asked, id, actor);
    void reply.status(200);
    return receiptsView(source, done);
  }

  @Post(':id/refusal')
  @Requires('record.erase')
  @ApiOperation({ summary: 'Refuse a request: by another person than the one who asked' })
  @ApiResponse({ status: 200, standardSchema: requestWithReceiptsSchema })
  @ApiProblems(400, 403, 404, 409)
  async refuse(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const actor = actorOf(access);
    const asked = await this.#sources.get(access.caller.tenant, source);
    const refused = await this.#erasures.refuse(asked, id, actor);
    void reply.status(200);
    return receiptsView(source, refused);
  }

  @Get(':id/proofs/:index')
  @Requires('record.erase')
  @ApiOperation({ summary: 'The proof bundle of one erasure: that the log says so' })
  @ApiProduces(BUNDLE_MEDIA_TYPE)
  @ApiResponse({ status: 200, description: 'docs/spec/formats.md section 9, without an opening' })
  @ApiProblems(400, 404, 409)
  async proof(
    @Param({ schema: proofParams }) { source, id, index }: z.output<typeof proofParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const asked = await this.#sources.get(caller.tenant, source);
    const bundle = await this.#ledger.erasureBundle(await this.#erasures.receipt(asked, id, index));
    void reply
      .header('content-type', `${BUNDLE_MEDIA_TYPE}; charset=utf-8`)
      .header('cache-control', 'private, no-store');
    return formatBundle(bundle);
  }
}

function wantedOf({ recordId, recordIds, subject }: z.output<typeof erasureBody>): Wanted {
  if (subject !== undefined) return { subject };
  return { recordIds: recordIds ?? (recordId === undefined ? [] : [recordId]) };
}
