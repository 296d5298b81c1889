// The client certificate of a connection, as RFC 8705 section 3.1 binds tokens to it. Taken from the socket alone: a header
// of a proxy could be written by anybody.
import { createHash, type X509Certificate } from 'node:crypto';
import { type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** null without one, without TLS, and for one that no authority of TLS_CLIENT_CA_FILE has signed, or whose time is over. */
export function clientCertificate(socket: Socket): X509Certificate | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  return socket.getPeerX509Certificate() ?? null;
}

/** @returns `x5t#S256`: base64url of the SHA-256 of the certificate in DER; null as {@link clientCertificate} */
export function certificateThumbprint(socket: Socket): string | null {
  const certificate = clientCertificate(socket);
  return certificate === null ? null : createHash('sha256').update(certificate.raw).digest('base64url');
}
