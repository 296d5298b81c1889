// GET /.well-known/oauth-protected-resource (RFC 9728): where a client gets a token for this service.
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { SCOPES } from '../../platform/auth/scopes.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { resourceMetadataSchema } from './identity.schema.ts';

@ApiTags('access')
@Controller()
export class ResourceMetadataController {
  readonly #config: Config;

  constructor(@Inject(CONFIG) config: Config) {
    this.#config = config;
  }

  @Get('.well-known/oauth-protected-resource')
  @Public('a client must read it before it can have a token')
  @ApiOperation({ summary: 'Which issuers and scopes this service accepts (RFC 9728)' })
  @ApiResponse({ status: 200, standardSchema: resourceMetadataSchema })
  metadata(@Query({ schema: noQuery }) _query: unknown): z.output<typeof resourceMetadataSchema> {
    const { PUBLIC_URL, AUTH_AUDIENCE, EMBEDDED_ISSUER, AUTH_ISSUERS } = this.#config;
    return {
      resource: AUTH_AUDIENCE,
      authorization_servers: [
        ...(EMBEDDED_ISSUER === 'on' ? [`${PUBLIC_URL}/oidc`] : []),
        ...AUTH_ISSUERS.map(({ issuer }) => issuer),
      ],
      scopes_supported: [...SCOPES],
      bearer_methods_supported: ['header'],
      resource_documentation: `${PUBLIC_URL}/api/docs`,
      tls_client_certificate_bound_access_tokens: true,
    };
  }
}
