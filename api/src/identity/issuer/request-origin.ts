// Where a request to the issuer came from, as the HTTP server found it out (TRUSTED_PROXIES): oidc-provider sees the socket alone.
import { type IncomingMessage } from 'node:http';

export interface RequestOrigin {
  readonly address: string | null;
  readonly requestId: string | null;
}

export const UNKNOWN_ORIGIN: RequestOrigin = { address: null, requestId: null };

const origins = new WeakMap<IncomingMessage, RequestOrigin>();

export function rememberOrigin(request: IncomingMessage, origin: RequestOrigin): void {
  origins.set(request, origin);
}

/** Nothing is known of a request that did not come through the mount (issuer.controller.ts). */
export function originOf(request: IncomingMessage): RequestOrigin {
  return origins.get(request) ?? UNKNOWN_ORIGIN;
}
