// From verified claims to an access token in our words. Pure; the signature, the times, issuer and audience were checked
// before.
import { z } from 'zod';
import { TokenRefusedError, WeakAuthenticationError, type AccessToken } from './access-token.ts';
import { ROLES, type Role } from './principal.ts';

const text = z.string().min(1).max(256);

/** NumericDate, as far as there are dates for it; a fraction counts to the millisecond. */
const numericDate = z
  .number()
  .min(-8.64e12)
  .max(8.64e12)
  .transform((seconds) => new Date(Math.round(seconds * 1000)));

/** RFC 9068 section 2.2. What an issuer that writes `JWT` leaves out is taken from where such issuers put it. */
const claimsSchema = z.looseObject({
  sub: text,
  exp: z.number(),
  iat: z.number(),
  jti: text.optional(),
  /** Entra ID. */
  uti: text.optional(),
  client_id: text.optional(),
  azp: text.optional(),
  appid: text.optional(),
  scope: z.string().max(4096).optional(),
  /** Entra ID. */
  scp: z.string().max(4096).optional(),
  sources: z.array(text).max(1000).optional(),
  auth_time: z.number().optional(),
  access_from: numericDate.optional(),
  access_until: numericDate.optional(),
  amr: z.array(text).max(20).optional(),
  acr: text.optional(),
  sid: text.optional(),
  cnf: z.strictObject({ 'x5t#S256': z.string().regex(/^[A-Za-z0-9_-]{43}$/) }).optional(),
});

export interface ClaimNames {
  readonly issuer: string;
  readonly type: 'at+jwt' | 'JWT';
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  readonly tenant: string | null;
  readonly requiredAmr: readonly string[] | null;
  readonly requiredAcr: readonly string[] | null;
}

/**
 * @param fallbackId names a token that has no id of its own (only where `typ` is `JWT`)
 * @throws {TokenRefusedError} naming the claims that are missing or malformed
 * @throws {WeakAuthenticationError} for a person who did not prove to the issuer what its settings here ask for
 */
export function readClaims(payload: unknown, names: ClaimNames, fallbackId: string): AccessToken {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) throw malformed(parsed.error.issues.map(({ path }) => String(path[0])));
  const claims = parsed.data;
  const strict = names.type === 'at+jwt';
  const clientId = claims.client_id ?? (strict ? undefined : (claims.azp ?? claims.appid));
  if (clientId === undefined) throw malformed(['client_id']);
  const tokenId = claims.jti ?? (strict ? undefined : (claims.uti ?? fallbackId));
  if (tokenId === undefined) throw malformed(['jti']);
  // A client speaks for itself (RFC 9068 section 2.2, `sub`): its key is its factor.
  if (claims.sub !== clientId) assertStrong(claims, names);
  const tenant = text.safeParse(names.tenant ?? memberAt(claims, names.tenantClaim));
  if (!tenant.success) throw malformed([names.tenantClaim]);
  const roles = z
    .array(z.string())
    .max(100)
    .safeParse(memberAt(claims, names.rolesClaim) ?? []);
  if (!roles.success) throw malformed([names.rolesClaim]);
  return {
    issuer: names.issuer,
    subject: claims.sub,
    clientId,
    tenant: tenant.data,
    // Roles that mean something elsewhere mean nothing here.
    roles: new Set(roles.data.filter(isRole)),
    scopes: new Set((claims.scope ?? (strict ? '' : (claims.scp ?? ''))).split(' ').filter((scope) => scope !== '')),
    sources: claims.sources === undefined ? null : new Set(claims.sources),
    authenticatedAt: claims.auth_time === undefined ? null : new Date(claims.auth_time * 1000),
    factors: new Set(claims.amr ?? []),
    accessPeriod: { from: claims.access_from ?? null, until: claims.access_until ?? null },
    tokenId,
    sessionId: claims.sid ?? null,
    certificate: claims.cnf?.['x5t#S256'] ?? null,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  };
}

function assertStrong(
  { amr = [], acr }: { amr?: readonly string[] | undefined; acr?: string | undefined },
  { requiredAmr, requiredAcr }: ClaimNames,
): void {
  const faults = [
    requiredAmr !== null && !requiredAmr.some((value) => amr.includes(value))
      ? `amr must have one of ${requiredAmr.join(', ')}`
      : null,
    requiredAcr !== null && !requiredAcr.some((value) => value === acr)
      ? `acr must be one of ${requiredAcr.join(', ')}`
      : null,
  ].filter((fault) => fault !== null);
  if (faults.length > 0)
    throw new WeakAuthenticationError(
      `the issuer must ask for a stronger sign-in: in the access token ${faults.join(', and ')}`,
      requiredAcr ?? [],
    );
}

/** `realm_access.roles` reaches into an object, as Keycloak nests them; a claim of exactly that name goes first. */
function memberAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((at, part) => {
    return typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined;
  }, claims);
}

function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}

function malformed(claims: readonly string[]): TokenRefusedError {
  return new TokenRefusedError(`claims missing or malformed: ${[...new Set(claims)].join(', ')}`);
}
