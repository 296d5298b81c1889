// The Fastify instance: raw bodies (the content's octets are what is digested), limits, time-outs, request ids, metrics.
import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { sendProblem } from './problem.filter.js';
import { httpProblem } from './problem.js';
/** Media types whose body is read line by line and never collected whole. */
export const STREAMED_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/fhir+ndjson'];
export function createAdapter(config) {
    return new FastifyAdapter({
        bodyLimit: config.BODY_LIMIT_BYTES,
        // Longest path: three percent-encoded names of up to 256 characters of up to 12 octets each.
        routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
        requestTimeout: 0,
        connectionTimeout: 0,
        genReqId: () => randomUUID(),
        logger: false,
        // A URL that cannot be decoded never reaches a route, and so never the filter.
        frameworkErrors: (error, request, reply) => {
            void reply.header('x-request-id', request.id);
            sendProblem(reply, httpProblem(error.statusCode ?? 400, error.message));
        },
        forceCloseConnections: 'idle',
    });
}
/** Registers parsers and hooks. Must run before Nest registers its routes. */
export function configureHttp(fastify, metrics) {
    // Slow headers and bodies are cut off by Node itself, streams of lines excepted (they may take long and be honest).
    fastify.server.headersTimeout = 20_000;
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser([...STREAMED_TYPES], (_request, payload, done) => done(null, payload));
    fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    fastify.addHook('onRequest', (request, reply, done) => {
        void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
        done();
    });
    fastify.addHook('onResponse', (request, reply, done) => {
        metrics.httpSeconds.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) }, reply.elapsedTime / 1000);
        done();
    });
}
//# sourceMappingURL=http-server.js.map