// HTTP for legal holds.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SourcesService } from '../identity/index.ts';
import { Caller, Requires, ThisAccess } from '../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { nextOf } from '../platform/http/page.ts';
import { jsonBody } from '../platform/http/json-body.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { noQuery } from '../platform/http/schemas.ts';
import { actorOf } from './caller.ts';
import { LegalHoldsService, type HoldTarget } from './legal-holds.service.ts';
import { holdBody, holdSchema, itemParams, listQuery, sourceParams } from './privacy.schema.ts';
import { holdView } from './views.ts';

@ApiTags('privacy')
@Controller('v1/sources/:source/legal-holds')
export class LegalHoldsController {
  readonly #holds: LegalHoldsService;
  readonly #sources: SourcesService;

  constructor(@Inject(LegalHoldsService) holds: LegalHoldsService, @Inject(SourcesService) sources: SourcesService) {
    this.#sources = sources;
    this.#holds = holds;
  }

  @Post()
  @Requires('retention.manage')
  @ApiOperation({
    summary: 'Place a legal hold on a record, on a patient’s records, or on a source',
    description: 'While it is open, nothing under it is erased: 409 `legal-hold`.',
  })
  @ApiBody({ required: true, schema: jsonSchema(holdBody) })
  @ApiResponse({ status: 201, standardSchema: holdSchema })
  @ApiProblems(400, 403, 404)
  async place(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @ThisAccess() access: RequestAccess,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof holdSchema>> {
    const actor = actorOf(access);
    const body = jsonBody(request.body, contentType, holdBody);
    const held = await this.#sources.get(access.caller.tenant, source);
    const hold = await this.#holds.place(held, targetOf(body), body.reason, actor);
    void reply.status(201);
    return holdView(hold);
  }

  @Get()
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Legal holds of a source, newest first', description: 'Page with `before`.' })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ holds: z.array(holdSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400, 404)
  async list(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
    @Caller() caller: Principal,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 50n);
    const found = await this.#holds.list(await this.#sources.get(caller.tenant, source), query.before ?? null, limit);
    return { holds: found.map(holdView), next: nextOf(found, limit, ({ id }) => id) };
  }

  @Post(':id/release')
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Release a legal hold' })
  @ApiResponse({ status: 200, standardSchema: holdSchema })
  @ApiProblems(400, 403, 404)
  async release(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof holdSchema>> {
    const actor = actorOf(access);
    const hold = await this.#holds.release(await this.#sources.get(access.caller.tenant, source), id, actor);
    void reply.status(200);
    return holdView(hold);
  }
}

function targetOf({ recordId, subject }: z.output<typeof holdBody>): HoldTarget {
  if (recordId !== undefined) return { recordId };
  return subject === undefined ? { wholeSource: true } : { subject };
}
