// The client certificate of a connection, as RFC 8705 section 3.1 binds tokens to it. Taken from the socket alone: a header
// of a proxy could be written by anybody.
import { createHash } from 'node:crypto';
import { type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** @returns `x5t#S256`: base64url of the SHA-256 of the certificate in DER; null without TLS or without a certificate */
export function certificateThumbprint(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? null : createHash('sha256').update(certificate.raw).digest('base64url');
}
