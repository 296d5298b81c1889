// OpenAPI 3.1 at /api/docs (page), /api/docs-json and /api/docs-yaml.
import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type ApiBodyOptions, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { SECURITY_SCHEMES } from '../auth/access.decorators.ts';
import { CONFIG } from '../config/config.module.ts';
import { type Config } from '../config/config.schema.ts';

type SchemaObject = Extract<ApiBodyOptions, { schema: unknown }>['schema'];

interface Answer {
  content?: Record<string, { schema?: { $ref?: string } }>;
}

const PROBLEM = '#/components/schemas/Problem';
const PROBLEM_TYPE = 'application/problem+json';

/** The JSON Schema of a zod schema. Named schemas (`meta({ id })`) are under `$defs`. */
function toSchema(schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema {
  const { $schema: _dialect, ...converted } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return converted;
}

/** The JSON Schema of a schema without named parts, as OpenAPI 3.1 embeds it. */
export function jsonSchema(schema: z.ZodType): SchemaObject {
  const { $defs, $ref, id: _id, ...converted } = toSchema(schema, 'input');
  const named = $ref === undefined ? undefined : $defs?.[$ref.split('/').at(-1) ?? ''];
  return (named ?? converted) as SchemaObject;
}

export function createOpenApi(app: INestApplication): OpenAPIObject {
  const { PUBLIC_URL, EMBEDDED_ISSUER, AUTH_ISSUERS } = app.get<Config>(CONFIG);
  const issuer = EMBEDDED_ISSUER === 'on' ? `${PUBLIC_URL}/oidc` : AUTH_ISSUERS[0]?.issuer;
  const info = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('MedAnchor')
    .setDescription(
      'Tamper-evident ledger for medical record versions. Sizes and indexes are decimal strings; hashes are lower-case hex. Errors are application/problem+json (RFC 9457) with a stable `code`.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addSecurity(SECURITY_SCHEMES.token, {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT (RFC 9068)',
      description:
        'An access token of an issuer that this service accepts; of five minutes at most when it is the embedded one’s',
    })
    .addSecurity(SECURITY_SCHEMES.issuer, {
      type: 'openIdConnect',
      openIdConnectUrl: `${issuer}/.well-known/openid-configuration`,
    })
    .build();
  const document = SwaggerModule.createDocument(app, info, {
    // OpenAPI 3.1 speaks JSON Schema 2020-12; the built-in conversion still writes 3.0.
    standardSchemaConverter: (schema, { schemaType }) => {
      const { $defs, ...converted } = toSchema(schema as z.ZodType, schemaType);
      return { schema: converted, components: ($defs ?? {}) as Record<string, SchemaObject> };
    },
  });
  nameProblems(document);
  return document;
}

/** Problems have their own media type on every route; the decorators know only that of a route's success. */
function nameProblems(document: OpenAPIObject): void {
  const responses = Object.values(document.paths)
    .flatMap((path) => Object.values(path as Record<string, { responses?: Record<string, Answer> }>))
    .flatMap((operation) => Object.values(operation.responses ?? {}));
  for (const response of responses) {
    const [problem] = Object.values(response.content ?? {}).filter(({ schema }) => schema?.$ref === PROBLEM);
    if (problem !== undefined) response.content = { [PROBLEM_TYPE]: problem };
  }
}

export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => createOpenApi(app));
}
