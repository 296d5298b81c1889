// The client's certificate of a request (RFC 8705 binds tokens to it), when this service itself ends TLS.
import { type FastifyRequest } from 'fastify';
import { type TLSSocket } from 'node:tls';

/** DER of the certificate, when an authority of TLS_CLIENT_CA_FILE has signed it; null without one, and without TLS. */
export function clientCertificate(request: FastifyRequest): Buffer | null {
  const socket = request.raw.socket as Partial<TLSSocket>;
  if (socket.authorized !== true) return null;
  return socket.getPeerCertificate?.(false).raw ?? null;
}
