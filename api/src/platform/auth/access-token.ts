// What a checked access token says (RFC 9068), before anybody has looked whether its tenant exists.
import { type Principal } from './principal.ts';

export interface AccessToken extends Omit<Principal, 'kind' | 'tenant'> {
  /** Name of the tenant. */
  readonly tenant: string;
  /** `cnf` `x5t#S256` (RFC 8705 section 3.1): SHA-256 of the client certificate that must present it, base64url. */
  readonly certificate: string | null;
  /** `iat`, in whole seconds. */
  readonly issuedAt: Date;
  /** From then on it is worth nothing. */
  readonly expiresAt: Date;
}

/** The token was not accepted. The message says why in words for its sender, and never quotes the token. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
}

/** The token is good, but its owner did not prove enough to the issuer (RFC 9470). */
export class WeakAuthenticationError extends Error {
  override readonly name = 'WeakAuthenticationError';
  /** To be asked for at the issuer; empty: it is not by `acr` that it is told. */
  readonly acrValues: readonly string[];

  constructor(message: string, acrValues: readonly string[]) {
    super(message);
    this.acrValues = acrValues;
  }
}

/** Nobody can say now whether it is good: the keys of its issuer cannot be fetched. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}
