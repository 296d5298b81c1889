// What an address may look like before any route sees it: its query must be decodable, and a known path with another
// method is told which methods it has (RFC 9110 section 15.5.6).
import { type FastifyInstance, type FastifyRequest } from 'fastify';

interface Route {
  readonly path: RegExp;
  readonly methods: readonly string[];
}

const RESERVED: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** An error that the problem filter shows as it is. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
  readonly statusCode: 400 | 405;

  constructor(statusCode: 400 | 405, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Must run before routes are registered: it learns them as they come. */
export function checkAddresses(fastify: FastifyInstance): void {
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    routes.push({ path: pathPattern(url), methods: [method].flat() });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!decodable(request)) {
      // Taken as it stands, `%FF` would name the same version as `%25FF` does.
      done(new AddressError(400, 'the query cannot be decoded: it must be percent-encoded UTF-8'));
      return;
    }
    const reserved = Object.keys(request.query as object).find((name) => RESERVED.includes(name));
    if (reserved !== undefined) {
      // Nest takes these out before the schema could refuse them, and an unknown parameter must not go unnoticed.
      done(new AddressError(400, `Unrecognized key: "${reserved}"`));
      return;
    }
    const methods = request.is404 ? methodsOf(routes, request.url.split('?', 1)[0] ?? '') : [];
    if (methods.length === 0) {
      done();
      return;
    }
    void reply.header('allow', methods.join(', '));
    done(new AddressError(405, `this address takes ${methods.join(', ')}, not ${request.method}`));
  });
}

function decodable({ url }: FastifyRequest): boolean {
  const start = url.indexOf('?');
  if (start === -1) return true;
  try {
    decodeURIComponent(url.slice(start + 1));
    return true;
  } catch {
    return false;
  }
}

function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  return [...new Set(routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods))].sort();
}

function pathPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
