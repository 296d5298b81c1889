// SMART App Launch 2.2, section "Conformance": where a backend service finds what it needs for a token.
import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { SCOPES } from '../../platform/auth/scopes.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { ASSERTION_ALGORITHMS } from '../clients/client.rules.ts';
import { issuerOf } from './provider.ts';

const smartSchema = z
  .strictObject({
    issuer: z.string(),
    jwks_uri: z.string(),
    authorization_endpoint: z.string(),
    token_endpoint: z.string(),
    introspection_endpoint: z.string(),
    revocation_endpoint: z.string(),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    grant_types_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()),
    code_challenge_methods_supported: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    capabilities: z.array(z.string()),
  })
  .meta({ id: 'SmartConfiguration' });

@ApiTags('sign-in')
@Controller()
export class SmartConfigurationController {
  readonly #issuer: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.#issuer = issuerOf(config.PUBLIC_URL);
  }

  @Get('.well-known/smart-configuration')
  @Public('what a client must know before it can have a token')
  @Header('cache-control', 'public, max-age=300')
  @ApiOperation({ summary: 'SMART configuration: where and how a backend service gets a token' })
  @ApiResponse({ status: 200, standardSchema: smartSchema })
  @ApiProblems(400)
  configuration(@Query({ schema: noQuery }) _query: unknown): z.output<typeof smartSchema> {
    const issuer = this.#issuer;
    return {
      issuer,
      jwks_uri: `${issuer}/jwks`,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      introspection_endpoint: `${issuer}/token/introspection`,
      revocation_endpoint: `${issuer}/token/revocation`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
      grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: [...SCOPES],
      capabilities: ['client-confidential-asymmetric', 'client-public', 'permission-v2'],
    };
  }
}
