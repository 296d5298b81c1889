// HTTP for administrators: which machines may have tokens.
import { Controller, Get, Headers, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { ROLES } from '../../platform/auth/principal.ts';
import { SCOPES } from '../../platform/auth/scopes.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { jsonSchema } from '../../platform/http/openapi.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { accessPeriodBody, periodOf, periodView, viewOfPeriod } from '../access-period.schema.ts';
import { clientKeysSchema, newClientSchema } from './client.rules.ts';
import { ClientsService, type RegisteredClient } from './clients.service.ts';

const clientParams = z.strictObject({ clientId: z.uuid() });

const clientSchema = z
  .strictObject({
    clientId: z.string(),
    name: z.string(),
    roles: z.array(z.enum(ROLES)),
    scopes: z.array(z.enum(SCOPES)),
    sources: z.array(z.string()).nullable().describe('null: every source of the tenant'),
    certificateBound: z.boolean(),
    ...periodView,
    keyIds: z.array(z.string()).nullable().describe('null: its keys are at jwksUri'),
    jwksUri: z.string().nullable(),
    createdAt: z.string(),
    keysChangedAt: z.string(),
    disabledAt: z.string().nullable(),
  })
  .meta({ id: 'Client' });

@ApiTags('clients')
@Controller('v1/clients')
@Requires('client.manage')
export class ClientsController {
  readonly #clients: ClientsService;

  constructor(@Inject(ClientsService) clients: ClientsService) {
    this.#clients = clients;
  }

  @Post()
  @ApiOperation({
    summary: 'Register a machine',
    description:
      'With its public keys, or the https address where it publishes them. It gets tokens by SMART Backend Services.',
  })
  @ApiBody({ schema: jsonSchema(newClientSchema) })
  @ApiResponse({ status: 201, standardSchema: clientSchema })
  @ApiProblems(400, 413, 415)
  async register(
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof clientSchema>> {
    const wanted = jsonBody(request.body, contentType, newClientSchema);
    return viewOf(await this.#clients.register(access.caller.tenant, wanted, access));
  }

  @Get()
  @ApiOperation({ summary: 'The machines of the tenant, in the order of registration' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ clients: z.array(clientSchema) }) })
  @ApiProblems(400)
  async list(
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<{ clients: z.output<typeof clientSchema>[] }> {
    return { clients: (await this.#clients.list(access.caller.tenant)).map(viewOf) };
  }

  @Get(':clientId')
  @ApiOperation({ summary: 'One machine' })
  @ApiResponse({ status: 200, standardSchema: clientSchema })
  @ApiProblems(400, 404)
  async get(
    @Param({ schema: clientParams }) { clientId }: z.output<typeof clientParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof clientSchema>> {
    return viewOf(await this.#clients.get(access.caller.tenant, clientId));
  }

  @Put(':clientId/keys')
  @ApiOperation({
    summary: 'Replace the keys of a machine',
    description: 'Name old and new keys together for as long as both are in use.',
  })
  @ApiBody({ schema: jsonSchema(clientKeysSchema) })
  @ApiResponse({ status: 200, standardSchema: clientSchema })
  @ApiProblems(400, 404, 413, 415)
  async replaceKeys(
    @Param({ schema: clientParams }) { clientId }: z.output<typeof clientParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof clientSchema>> {
    const keys = jsonBody(request.body, contentType, clientKeysSchema);
    return viewOf(await this.#clients.replaceKeys(access.caller.tenant, clientId, keys, access));
  }

  @Put(':clientId/access-period')
  @ApiOperation({
    summary: 'Say from when until when a machine has access',
    description: 'Tokens that it has end at once; from then on it gets tokens within the period only. Not its own.',
  })
  @ApiBody({ schema: jsonSchema(accessPeriodBody) })
  @ApiResponse({ status: 200, standardSchema: clientSchema })
  @ApiProblems(400, 403, 404, 413, 415)
  async setAccessPeriod(
    @Param({ schema: clientParams }) { clientId }: z.output<typeof clientParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof clientSchema>> {
    const period = periodOf(jsonBody(request.body, contentType, accessPeriodBody));
    return viewOf(await this.#clients.setAccessPeriod(access.caller.tenant, clientId, period, access));
  }

  @Post(':clientId/disable')
  @ApiOperation({
    summary: 'Let a machine have no more tokens',
    description: 'Its tokens end at once. Cannot be undone: register it again.',
  })
  @ApiResponse({ status: 201, standardSchema: clientSchema })
  @ApiProblems(400, 404)
  async disable(
    @Param({ schema: clientParams }) { clientId }: z.output<typeof clientParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof clientSchema>> {
    return viewOf(await this.#clients.disable(access.caller.tenant, clientId, access));
  }
}

function viewOf({
  id,
  createdAt,
  keysChangedAt,
  disabledAt,
  ...client
}: RegisteredClient): z.output<typeof clientSchema> {
  return {
    clientId: id,
    name: client.name,
    roles: [...client.roles],
    scopes: [...client.scopes],
    sources: client.sources === null ? null : [...client.sources],
    certificateBound: client.certificateBound,
    ...viewOfPeriod(client.accessPeriod),
    keyIds: client.keyIds === null ? null : [...client.keyIds],
    jwksUri: client.jwksUri,
    createdAt: createdAt.toISOString(),
    keysChangedAt: keysChangedAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
  };
}
