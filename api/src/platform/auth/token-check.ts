// Checks bearer tokens: signed by a configured issuer, for this service, within their time, not revoked (RFC 9068
// section 4, RFC 8725). A token that was checked is remembered by its hash until it expires, since a signature costs more
// than all else that a small request costs; revocation and certificate are looked at every time.
import { hash } from 'node:crypto';
import { decodeJwt, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { type Clock } from '../clock/clock.ts';
import {
  IssuerUnreachableError,
  TokenRefusedError,
  WeakAuthenticationError,
  type AccessToken,
} from './access-token.ts';
import { readClaims } from './token-claims.rules.ts';
import { type TokenIssuer } from './token-issuer.ts';
import { type TokenRevocations } from './token-revocations.port.ts';

const REMEMBERED = 10_000;
const LONGEST_TOKEN = 8192;
/** Clocks of two machines differ. */
const LEEWAY_SECONDS = 5;

interface Remembered {
  readonly token: AccessToken;
  readonly untilMs: number;
}

export class TokenCheck {
  readonly #issuers: ReadonlyMap<string, TokenIssuer>;
  readonly #revocations: TokenRevocations;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<string, Remembered>({ max: REMEMBERED });

  constructor(issuers: readonly TokenIssuer[], revocations: TokenRevocations, clock: Clock) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
    this.#revocations = revocations;
    this.#clock = clock;
  }

  /**
   * @param certificate SHA-256 of the client certificate of the connection, base64url; null without one
   * @throws {TokenRefusedError} for a token that is no good
   * @throws {WeakAuthenticationError} for a person who proved less than the issuer's settings here ask for
   * @throws {IssuerUnreachableError} when nobody can say
   */
  async check(text: string, certificate: string | null): Promise<AccessToken> {
    const key = hash('sha256', text, 'base64url');
    const now = this.#clock.now().getTime();
    const known = this.#remembered.get(key);
    const token = known !== undefined && now < known.untilMs ? known.token : await this.#verify(text, key);
    if (token.certificate !== null && token.certificate !== certificate)
      throw new TokenRefusedError('it is bound to a client certificate that this connection does not have');
    if (this.#revocations.isRevoked(token)) throw new TokenRefusedError('it was revoked');
    return token;
  }

  async #verify(text: string, key: string): Promise<AccessToken> {
    if (text.length > LONGEST_TOKEN) throw new TokenRefusedError(`it is longer than ${LONGEST_TOKEN} characters`);
    const issuer = this.#issuers.get(issuerOf(text));
    if (issuer === undefined) throw new TokenRefusedError('its issuer is not one that this service accepts');
    try {
      const { payload } = await jwtVerify(text, issuer.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        typ: issuer.type,
        algorithms: [...issuer.algorithms],
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: LEEWAY_SECONDS,
        // Also refuses a token that says it was issued in the future.
        maxTokenAge: issuer.maxAgeSeconds,
        currentDate: this.#clock.now(),
      });
      const token = readClaims(payload, issuer, key);
      const issuedMs = (payload.iat ?? 0) * 1000;
      const untilMs = Math.min(token.expiresAt.getTime(), issuedMs + issuer.maxAgeSeconds * 1000);
      this.#remembered.set(key, { token, untilMs });
      return token;
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** Nothing is believed yet: it only says whose keys to try. */
function issuerOf(text: string): string {
  try {
    const { iss } = decodeJwt(text);
    return typeof iss === 'string' ? iss : '';
  } catch {
    throw new TokenRefusedError('it is no JSON Web Token');
  }
}

/** jose's own messages name claims and say got and wanted; they quote nothing of the token. */
function refusal(error: unknown): unknown {
  if (
    error instanceof TokenRefusedError ||
    error instanceof WeakAuthenticationError ||
    error instanceof IssuerUnreachableError
  )
    return error;
  if (error instanceof errors.JWTExpired) return new TokenRefusedError('it has expired', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed)
    return new TokenRefusedError(`its claim or header ${error.claim} is not what it must be`, { cause: error });
  if (error instanceof errors.JOSEAlgNotAllowed)
    return new TokenRefusedError('it is signed with an algorithm that is not accepted', { cause: error });
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new TokenRefusedError('its signature is wrong', { cause: error });
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return new TokenRefusedError('it names no key of its issuer', { cause: error });
  if (error instanceof errors.JOSEError)
    return new TokenRefusedError('it is no signed JSON Web Token', { cause: error });
  // With `alg` of another kind of key than the one named, Node's own crypto refuses.
  if (error instanceof TypeError) return new TokenRefusedError('its algorithm does not fit its key', { cause: error });
  return error;
}
