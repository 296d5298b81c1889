// GET, POST /v1/tenants: for administrators of the operator's own tenant.
import { Controller, Get, Headers, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { nextOf } from '../../platform/http/page.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { jsonSchema } from '../../platform/http/openapi.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { type Tenant } from '../tenant.entity.ts';
import { TenantsService } from '../tenants.service.ts';
import { namesQuery, newTenant, tenantSchema } from './identity.schema.ts';

@ApiTags('identity')
@Controller('v1/tenants')
export class TenantsController {
  readonly #tenants: TenantsService;

  constructor(@Inject(TenantsService) tenants: TenantsService) {
    this.#tenants = tenants;
  }

  @Get()
  @Requires('tenant.manage')
  @ApiOperation({
    summary: 'The tenants of this service, by name',
    description: 'Page with `after` = the last name seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ tenants: z.array(tenantSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400)
  async list(@Query({ schema: namesQuery }) query: z.output<typeof namesQuery>): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const tenants = await this.#tenants.list(query.after ?? '', limit);
    return { tenants: tenants.map(tenantView), next: nextOf(tenants, limit, ({ name }) => name) };
  }

  @Post()
  @Requires('tenant.manage')
  @ApiOperation({ summary: 'Make a tenant', description: 'The legal custodian of records. Its name is never changed.' })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(newTenant) })
  @ApiResponse({ status: 201, standardSchema: tenantSchema })
  @ApiProblems(400, 409, 415)
  async create(
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof tenantSchema>> {
    const { name } = jsonBody(request.body, contentType, newTenant);
    return tenantView(await this.#tenants.create(name, access));
  }
}

function tenantView({ id, name, createdAt }: Tenant): z.output<typeof tenantSchema> {
  return { id, name, createdAt: createdAt.toISOString() };
}
