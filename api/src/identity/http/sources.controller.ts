// GET, POST /v1/sources: the record systems of the caller's tenant.
import { Controller, Get, Headers, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller, Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type Principal } from '../../platform/auth/principal.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { nextOf } from '../../platform/http/page.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { jsonSchema } from '../../platform/http/openapi.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { type Source } from '../source.entity.ts';
import { SourcesService } from '../sources.service.ts';
import { namesQuery, newSource, sourceSchema } from './identity.schema.ts';

@ApiTags('identity')
@Controller('v1/sources')
export class SourcesController {
  readonly #sources: SourcesService;

  constructor(@Inject(SourcesService) sources: SourcesService) {
    this.#sources = sources;
  }

  @Get()
  @Requires('source.manage')
  @ApiOperation({
    summary: 'The sources of your tenant, by name',
    description: 'Page with `after` = the last name seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ sources: z.array(sourceSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400)
  async list(
    @Caller() { tenant }: Principal,
    @Query({ schema: namesQuery }) query: z.output<typeof namesQuery>,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const sources = await this.#sources.list(tenant, query.after ?? '', limit);
    return { sources: sources.map(sourceView), next: nextOf(sources, limit, ({ name }) => name) };
  }

  @Post()
  @Requires('source.manage')
  @ApiOperation({
    summary: 'Make a source',
    description:
      'Its name stands in every commitment of its records, so it is never changed. Submitting makes one, too.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(newSource) })
  @ApiResponse({ status: 201, standardSchema: sourceSchema })
  @ApiProblems(400, 409, 415)
  async create(
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof sourceSchema>> {
    const { name, kind, address } = jsonBody(request.body, contentType, newSource);
    return sourceView(await this.#sources.create({ name, kind, address: address ?? null }, access));
  }
}

function sourceView({ id, name, kind, address, createdAt }: Source): z.output<typeof sourceSchema> {
  return { id, name, kind, address, createdAt: createdAt.toISOString() };
}
