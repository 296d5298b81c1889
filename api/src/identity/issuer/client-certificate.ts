// The client certificate of the connection (RFC 8705). From the socket alone: a header could be written by anybody.
import { TLSSocket } from 'node:tls';
import { type KoaContextWithOIDC } from 'oidc-provider';

export function certificateOf(context: KoaContextWithOIDC): string | undefined {
  const { socket } = context.req;
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.toString() : undefined;
}
