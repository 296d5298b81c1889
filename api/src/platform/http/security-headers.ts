// What a browser is told about every answer. The API shows no pages of its own but its documentation, so nothing may be
// loaded, framed or sniffed; pages that need more bring their own policy, without inline scripts.
import { type FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/** Swagger's page loads scripts and styles from this very service; only its styles stand in the page. */
const DOCUMENTATION = '/api/docs';

const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
const OWN_SCRIPTS = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};
const ONE_YEAR_S = 31_536_000;

export interface SecurityHeaders {
  readonly answer: Readonly<Record<string, string>>;
  readonly page: Readonly<Record<string, string>>;
}

/**
 * The headers, computed once: helmet puts its middleware together anew for each call, which would cost more than routing.
 *
 * @param tls whether clients reach this process by TLS: then browsers are told to insist on it (RFC 6797)
 * @param includeSubDomains for hosts below this one too
 */
export function securityHeaders(tls: boolean, includeSubDomains: boolean): SecurityHeaders {
  const common: HelmetOptions = {
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-site' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: tls ? { maxAge: ONE_YEAR_S, includeSubDomains } : false,
  };
  return {
    // Most answers are about patients or people: none is kept unless its route says so (RFC 9111 section 5.2.2.5).
    answer: {
      ...headersOf({ ...common, contentSecurityPolicy: { useDefaults: false, directives: NOTHING } }),
      'cache-control': 'no-store',
    },
    page: headersOf({ ...common, contentSecurityPolicy: { useDefaults: false, directives: OWN_SCRIPTS } }),
  };
}

export function setSecurityHeaders(fastify: FastifyInstance, { answer, page }: SecurityHeaders): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(request.url.startsWith(DOCUMENTATION) ? page : answer);
    done();
  });
}

function headersOf(options: HelmetOptions): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  type Middleware = ReturnType<typeof helmet>;
  helmet(options)(
    {} as Parameters<Middleware>[0],
    response as unknown as Parameters<Middleware>[1],
    (error?: unknown) => {
      if (error !== undefined) throw error;
    },
  );
  return headers;
}
