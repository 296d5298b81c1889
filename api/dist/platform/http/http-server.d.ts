import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import { type Config } from '../config/config.schema.ts';
import { type Metrics } from '../metrics/metrics.ts';
/** Media types whose body is read line by line and never collected whole. */
export declare const STREAMED_TYPES: readonly ['application/x-ndjson', 'application/ndjson', 'application/fhir+ndjson'];
export declare function createAdapter(config: Config): FastifyAdapter;
/** Registers parsers and hooks. Must run before Nest registers its routes. */
export declare function configureHttp(fastify: FastifyInstance, metrics: Metrics): void;
