// HTTP for retention rules.
import { Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SourcesService } from '../identity/index.ts';
import { Caller, Requires, ThisAccess } from '../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { jsonBody } from '../platform/http/json-body.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { noQuery } from '../platform/http/schemas.ts';
import { actorOf } from './caller.ts';
import { itemParams, ruleBody, ruleSchema, sourceParams } from './privacy.schema.ts';
import { RetentionService } from './retention.service.ts';
import { ruleView } from './views.ts';

@ApiTags('privacy')
@Controller('v1/sources/:source/retention-rules')
export class RetentionController {
  readonly #retention: RetentionService;
  readonly #sources: SourcesService;

  constructor(@Inject(RetentionService) retention: RetentionService, @Inject(SourcesService) sources: SourcesService) {
    this.#sources = sources;
    this.#retention = retention;
  }

  @Post()
  @Requires('retention.manage')
  @ApiOperation({
    summary: 'Say how long the records of a source are kept',
    description:
      'One rule for each source. `review` proposes what has expired as a request for erasure; `erase` erases it, and begins paused: another person activates it.',
  })
  @ApiBody({ required: true, schema: jsonSchema(ruleBody) })
  @ApiResponse({ status: 201, standardSchema: ruleSchema })
  @ApiProblems(400, 403, 404, 409)
  async add(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @ThisAccess() access: RequestAccess,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof ruleSchema>> {
    const actor = actorOf(access);
    const body = jsonBody(request.body, contentType, ruleBody);
    const rule = await this.#retention.add(await this.#sources.get(access.caller.tenant, source), body, actor);
    void reply.status(201);
    return ruleView(rule);
  }

  @Get()
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Retention rules of a source, newest first, removed ones included' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ rules: z.array(ruleSchema) }) })
  @ApiProblems(400, 404)
  async list(
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Caller() caller: Principal,
  ): Promise<unknown> {
    const asked = await this.#sources.get(caller.tenant, source);
    return { rules: (await this.#retention.list(asked)).map(ruleView) };
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Pause a rule' })
  @ApiResponse({ status: 200, standardSchema: ruleSchema })
  @ApiProblems(400, 403, 404)
  async pause(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof ruleSchema>> {
    const actor = actorOf(access);
    return ruleView(await this.#retention.pause(await this.#sources.get(access.caller.tenant, source), id, actor));
  }

  @Post(':id/activation')
  @HttpCode(200)
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Let a rule run; one that erases, by another person than the one who made it' })
  @ApiResponse({ status: 200, standardSchema: ruleSchema })
  @ApiProblems(400, 403, 404)
  async activate(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof ruleSchema>> {
    const actor = actorOf(access);
    return ruleView(await this.#retention.activate(await this.#sources.get(access.caller.tenant, source), id, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('retention.manage')
  @ApiOperation({ summary: 'Remove a rule; what it proposed stays' })
  @ApiResponse({ status: 204 })
  @ApiProblems(400, 403, 404)
  async remove(
    @Param({ schema: itemParams }) { source, id }: z.output<typeof itemParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<void> {
    const actor = actorOf(access);
    await this.#retention.remove(await this.#sources.get(access.caller.tenant, source), id, actor);
  }
}
