import { type AccessToken } from './access-token.ts';

/**
 * Which tokens, sessions and clients were ended before their time. Asked at every request, so it answers from memory; what another
 * process has revoked may come a moment later.
 */
export abstract class TokenRevocations {
  abstract isRevoked(token: RevocableToken): boolean;
}

/** By its `jti`, its `sid` (null for a token without a session), or the client that it was given to, also up to a time alone. */
export type RevocableToken = Pick<AccessToken, 'tokenId' | 'sessionId' | 'clientId' | 'issuedAt'>;

/** Tokens that nobody can revoke. */
export class NoRevocations extends TokenRevocations {
  isRevoked(): boolean {
    return false;
  }
}
