// The Fastify instance: raw bodies (the content's octets are what is digested), limits, time-outs, request ids, metrics.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { type Socket } from 'node:net';
import cors from '@fastify/cors';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Config } from '../config/config.schema.ts';
import { type Metrics } from '../metrics/metrics.ts';
import { checkAddresses } from './addresses.ts';
import { sendProblem } from './problem.filter.ts';
import { httpProblem } from './problem.ts';
import { logRefusals, type RefusalLog } from './refusal-log.ts';
import { limitAddresses, type RateLimits } from './rate-limits.ts';
import { securityHeaders, setSecurityHeaders, type SecurityHeaders } from './security-headers.ts';
import { cutOffSlowRequests } from './slow-requests.ts';
import { tlsFiles, tlsOptions } from './tls.ts';

/** Media types whose body is read line by line and never collected whole. */
export const STREAMED_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/fhir+ndjson'] as const;

/** Forms go to pages and to the issuer, which read a few kilobytes of them at most. */
const FORM = 'application/x-www-form-urlencoded';

/** Whether the body is handed on unread. */
function isStreamed(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === FORM || (STREAMED_TYPES as readonly string[]).includes(type);
}

/** @throws {SecretFileError} when the TLS certificate or its key cannot be used */
export function createAdapter(config: Config, refusals: RefusalLog): FastifyAdapter {
  const tls = tlsFiles(config);
  const { answer } = securityHeadersOf(config);
  return new FastifyAdapter({
    ...(tls === null ? {} : { https: tlsOptions(tls) }),
    bodyLimit: config.BODY_LIMIT_BYTES,
    // Whose word on the client's address counts: nobody's, unless named.
    trustProxy: config.TRUSTED_PROXIES.length === 0 ? false : [...config.TRUSTED_PROXIES],
    // Longest path: three percent-encoded names of up to 256 characters of up to 12 octets each.
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    // Bodies have limits of their own: slow-requests.ts.
    requestTimeout: 0,
    connectionTimeout: 0,
    genReqId: () => randomUUID(),
    logger: false,
    // A URL that cannot be decoded never reaches a route, and so never the filter.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      // No hook has run for it.
      void reply.headers(answer).header('x-request-id', request.id);
      // Fastify's message quotes the address, which names a record.
      const problem = httpProblem(error.statusCode ?? 400, `the address cannot be read (${error.code})`);
      sendProblem(reply, problem);
      refusals.note({
        status: problem.status,
        code: problem.code,
        address: request.ip,
        method: request.method,
        route: null,
        requestId: request.id,
      });
    },
    // What is not even HTTP never becomes a request: the answer is written by hand.
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroy();
        return;
      }
      socket.end(brokenRequest(error.code, answer));
      refusals.note({
        status: brokenStatus(error.code),
        code: error.code ?? null,
        address: socket.remoteAddress ?? null,
        method: null,
        route: null,
        requestId: null,
      });
    },
    forceCloseConnections: 'idle',
  });
}

function securityHeadersOf(config: Config): SecurityHeaders {
  const tls = tlsFiles(config) !== null || config.TLS_TERMINATED_BY_PROXY === 'on';
  return securityHeaders(tls, config.HSTS_INCLUDE_SUBDOMAINS === 'on');
}

/** Registers parsers and hooks. Must run before Nest registers its routes. */
export function configureHttp(
  fastify: FastifyInstance,
  config: Config,
  metrics: Metrics,
  limits: RateLimits,
  refusals: RefusalLog,
): void {
  fastify.server.headersTimeout = 20_000;
  fastify.server.maxConnections = config.MAX_CONNECTIONS;
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser([...STREAMED_TYPES, FORM], (_request, payload, done) => done(null, payload));
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  setSecurityHeaders(fastify, securityHeadersOf(config));
  logRefusals(fastify, refusals);
  limitAddresses(fastify, limits);
  allowOrigins(fastify, config.CORS_ORIGINS);
  checkAddresses(fastify);
  cutOffSlowRequests(fastify, {
    bodyTimeoutMs: config.BODY_TIMEOUT_MS,
    idleTimeoutMs: config.STREAM_IDLE_TIMEOUT_MS,
    isStream: isStreamed,
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    metrics.httpSeconds.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    done();
  });
}

/** Without an origin that is named, no answer carries a word of CORS, and a browser keeps pages of others out. */
function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  void fastify.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'x-purpose-of-use', 'x-break-glass', 'x-medanchor-signature'],
    exposedHeaders: ['location', 'retry-after', 'www-authenticate', 'x-request-id'],
    maxAge: 600,
  });
}

function brokenStatus(code: string | undefined): number {
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** The whole answer to octets that Node could not read as a request. */
function brokenRequest(code: string | undefined, headers: Readonly<Record<string, string>>): string {
  const status = brokenStatus(code);
  const body = JSON.stringify(httpProblem(status, `the request cannot be read as HTTP (${code ?? 'unknown'})`));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'content-type: application/problem+json; charset=utf-8',
    `x-request-id: ${randomUUID()}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
