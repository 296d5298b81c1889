import { type INestApplication } from '@nestjs/common';
import { type ApiBodyOptions, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
type SchemaObject = Extract<ApiBodyOptions, {
    schema: unknown;
}>['schema'];
/** The JSON Schema of a schema without named parts, as OpenAPI 3.1 embeds it. */
export declare function jsonSchema(schema: z.ZodType): SchemaObject;
export declare function createOpenApi(app: INestApplication): OpenAPIObject;
export declare function serveOpenApi(app: INestApplication): void;
export {};
