/**
 * Which tokens and sessions were ended before their time. Asked at every request, so it answers from memory; what another
 * process has revoked may come a moment later, and no token lives longer than five minutes.
 */
export abstract class TokenRevocations {
  /** @param tokenId `jti`. @param sessionId `sid`, null for a token without a session */
  abstract isRevoked(tokenId: string, sessionId: string | null): boolean;
}

/** Tokens that nobody can revoke. */
export class NoRevocations extends TokenRevocations {
  isRevoked(): boolean {
    return false;
  }
}
