// HTTP for the public keys of sources: read, register, rotate, revoke.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Jwk, type KeyEntry } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type z } from 'zod';
import { type SourceKey, type SourceRef } from '../ledger/index.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { Caller, Requires, ThisAccess } from '../platform/auth/access.decorators.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { jsonBody } from '../platform/http/json-body.ts';
import { jsonSchema } from '../platform/http/openapi.ts';
import { noQuery } from '../platform/http/schemas.ts';
import {
  keyParams,
  keyStatementSchema,
  prepareKeyBody,
  registerBody,
  revokeBody,
  rotateBody,
  sourceKeySchema,
  sourceKeysSchema,
  sourceParams,
} from './source-keys.schema.ts';
import { SourceKeysService, type KeyOfSource } from './source-keys.service.ts';

@ApiTags('keys')
@Controller('v1/sources/:source/keys')
export class SourceKeysController {
  readonly #keys: SourceKeysService;

  constructor(@Inject(SourceKeysService) keys: SourceKeysService) {
    this.#keys = keys;
  }

  @Get()
  @Requires('key.read')
  @ApiOperation({ summary: 'The public keys of a source, in the order in which they were registered' })
  @ApiResponse({ status: 200, standardSchema: sourceKeysSchema })
  @ApiProblems(400, 404)
  async list(
    @Caller() caller: Principal,
    @Param({ schema: sourceParams }) { source: name }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
  ): Promise<z.output<typeof sourceKeysSchema>> {
    const { source, keys } = await this.#keys.list(caller.tenant, name);
    return { source: source.name, sourceId: source.id, keys: keys.map((key) => keyView({ source, key })) };
  }

  @Get(':keyId')
  @Requires('key.read')
  @ApiOperation({ summary: 'One public key of a source' })
  @ApiResponse({ status: 200, standardSchema: sourceKeySchema })
  @ApiProblems(400, 404)
  async one(
    @Caller() caller: Principal,
    @Param({ schema: keyParams }) { source, keyId }: z.output<typeof keyParams>,
    @Query({ schema: noQuery }) _query: unknown,
  ): Promise<z.output<typeof sourceKeySchema>> {
    return keyView(await this.#keys.get(caller.tenant, source, keyId));
  }

  @Post('prepare')
  @Requires('key.manage')
  @ApiOperation({
    summary: 'What has to be signed to register, rotate or revoke a key',
    description: 'Nothing is written to the log. A source that was not known gets its opaque id.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(prepareKeyBody) })
  @ApiResponse({ status: 200, standardSchema: keyStatementSchema })
  @ApiProblems(400, 415, 422)
  async prepare(
    @Caller() caller: Principal,
    @Param({ schema: sourceParams }) { source: name }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof keyStatementSchema>> {
    const body = jsonBody(request.body, contentType, prepareKeyBody);
    const { source, keyId, statement } = await this.#keys.prepare(caller.tenant, name, actOf(body));
    void reply.status(200);
    return { source: source.name, sourceId: source.id, keyId, statement };
  }

  @Post()
  @Requires('key.manage')
  @ApiOperation({
    summary: 'Register a public key of a source',
    description: 'Ed25519 or P-256. The key signs the statement of `prepare` itself. An entry of the log records it.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(registerBody) })
  @ApiResponse({ status: 201, standardSchema: sourceKeySchema })
  @ApiProblems(400, 409, 415, 422)
  async register(
    @ThisAccess() access: RequestAccess,
    @Param({ schema: sourceParams }) { source }: z.output<typeof sourceParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<z.output<typeof sourceKeySchema>> {
    const { jwk, possession } = jsonBody(request.body, contentType, registerBody);
    return keyView(await this.#keys.register(access, source, jwk, possession));
  }

  @Post(':keyId/rotate')
  @Requires('key.manage')
  @ApiOperation({
    summary: 'Put a new key in the place of this one',
    description:
      'The new key signs the statement, and so does the old one (`authority`). Without the old key only an administrator can, with a `reason`.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(rotateBody) })
  @ApiResponse({ status: 201, standardSchema: sourceKeySchema, description: 'The new key' })
  @ApiProblems(400, 403, 404, 409, 415, 422)
  async rotate(
    @ThisAccess() access: RequestAccess,
    @Param({ schema: keyParams }) { source, keyId }: z.output<typeof keyParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<z.output<typeof sourceKeySchema>> {
    const { jwk, possession, ...given } = jsonBody(request.body, contentType, rotateBody);
    return keyView(await this.#keys.rotate(access, source, keyId, { jwk, possession, ...present(given) }));
  }

  @Post(':keyId/revoke')
  @Requires('key.manage')
  @ApiOperation({
    summary: 'Revoke a key',
    description:
      'It signs its own revocation (`authority`); a lost key is revoked by an administrator, with a `reason`. What it signed before stays good; it can never be registered again.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(revokeBody) })
  @ApiResponse({ status: 200, standardSchema: sourceKeySchema })
  @ApiProblems(400, 403, 404, 409, 415, 422)
  async revoke(
    @ThisAccess() access: RequestAccess,
    @Param({ schema: keyParams }) { source, keyId }: z.output<typeof keyParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof sourceKeySchema>> {
    const given = jsonBody(request.body, contentType, revokeBody);
    const revoked = await this.#keys.revoke(access, source, keyId, present(given));
    void reply.status(200);
    return keyView(revoked);
  }
}

function actOf(body: z.output<typeof prepareKeyBody>): {
  action: KeyEntry['action'];
  jwk?: Jwk;
  subject?: string;
} {
  if (body.action === 'revoke') return { action: body.action, subject: body.keyId };
  return body.action === 'rotate'
    ? { action: body.action, jwk: body.jwk, subject: body.replaces }
    : { action: body.action, jwk: body.jwk };
}

function present({ authority, reason }: { authority?: string | undefined; reason?: string | undefined }): {
  authority?: string;
  reason?: string;
} {
  return { ...(authority === undefined ? {} : { authority }), ...(reason === undefined ? {} : { reason }) };
}

function keyView({
  source,
  key,
}: KeyOfSource | { source: SourceRef; key: SourceKey }): z.output<typeof sourceKeySchema> {
  const { keyId, jwk, registeredIndex, revokedIndex, replacedBy } = key;
  return {
    source: source.name,
    sourceId: source.id,
    keyId,
    jwk,
    state: revokedIndex === null ? 'in-force' : replacedBy === null ? 'revoked' : 'replaced',
    registeredIndex: registeredIndex.toString(),
    endedIndex: revokedIndex?.toString() ?? null,
    replacedBy,
  };
}
