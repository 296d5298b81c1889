// Makes access tokens with the key of the embedded issuer (RFC 9068). The operator who holds the key file needs no password
// for a token: `npm run token`, the launcher, the demo and the tests sign in this way. Such a token is in no list of
// sessions, and its making is recorded nowhere; what is done with it is.
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { type IssuerKey } from './issuer-key.ts';
import { type Role } from './principal.ts';

/** No access token lives longer. */
export const LONGEST_LIFE_SECONDS = 300;

export interface TokenOrder {
  readonly issuer: string;
  readonly audience: string;
  /** For a client the same as its client id. */
  readonly subject: string;
  readonly clientId: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  /** Absent: all sources of the tenant. */
  readonly sources?: readonly string[];
  readonly lifeSeconds?: number;
  /** Further claims: `auth_time`, `amr`, `sid`, `cnf`, `access_from`, `access_until`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** @throws {RangeError} for a life of more than {@link LONGEST_LIFE_SECONDS} */
export async function mintAccessToken(key: IssuerKey, order: TokenOrder, now = new Date()): Promise<string> {
  const life = order.lifeSeconds ?? LONGEST_LIFE_SECONDS;
  if (!(life > 0 && life <= LONGEST_LIFE_SECONDS))
    throw new RangeError(`a token may live from 1 to ${LONGEST_LIFE_SECONDS} seconds`);
  const issued = Math.floor(now.getTime() / 1000);
  return new SignJWT({
    client_id: order.clientId,
    scope: order.scopes.join(' '),
    tenant: order.tenant,
    roles: [...order.roles],
    ...(order.sources === undefined ? {} : { sources: [...order.sources] }),
    ...order.more,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
    .setIssuer(order.issuer)
    .setAudience(order.audience)
    .setSubject(order.subject)
    .setJti(randomUUID())
    .setIssuedAt(issued)
    .setExpirationTime(issued + life)
    .sign(key.privateKey);
}
