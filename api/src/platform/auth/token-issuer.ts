// An issuer whose tokens are accepted: its name, the keys, and how its claims are to be read.
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { IssuerUnreachableError } from './access-token.ts';
import { type ExternalIssuer } from './external-issuer.schema.ts';
import { type IssuerKey } from './issuer-key.ts';

export interface TokenIssuer {
  /** Exactly as `iss` must be. */
  readonly issuer: string;
  readonly audience: string;
  /** `typ` of the header. RFC 9068 wants `at+jwt`; some issuers of the world still write `JWT`. */
  readonly type: 'at+jwt' | 'JWT';
  /** Never a symmetric one: who can check a token must not be able to make one. */
  readonly algorithms: readonly string[];
  /** Seconds since `iat` after which a token is worth nothing, whatever its `exp` says. */
  readonly maxAgeSeconds: number;
  readonly keys: JWTVerifyGetKey;
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  /** When all of its tokens belong to one tenant, whatever they say. */
  readonly tenant: string | null;
  /** One of these in `amr`, and one of these as `acr`, of every token of a person; null: whatever the issuer asked for. */
  readonly requiredAmr: readonly string[] | null;
  readonly requiredAcr: readonly string[] | null;
}

const EMBEDDED_MAX_AGE_SECONDS = 300;
const EXTERNAL_MAX_AGE_SECONDS = 86_400;
const FETCH_TIMEOUT_MS = 5000;

const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** The issuer within this service: its key is at hand, and nothing is fetched. */
export function embeddedIssuer(publicUrl: string, audience: string, key: IssuerKey): TokenIssuer {
  return {
    issuer: `${publicUrl}/oidc`,
    audience,
    type: 'at+jwt',
    algorithms: ['ES256'],
    maxAgeSeconds: EMBEDDED_MAX_AGE_SECONDS,
    keys: ({ kid }) => {
      if (kid !== key.kid) throw new errors.JWKSNoMatchingKey();
      return key.publicKey;
    },
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    tenant: null,
    // It signs nobody in without a second factor.
    requiredAmr: null,
    requiredAcr: null,
  };
}

export function externalIssuer(settings: ExternalIssuer, audience: string): TokenIssuer {
  return {
    issuer: settings.issuer,
    audience: settings.audience ?? audience,
    type: settings.tokenType,
    algorithms: ASYMMETRIC,
    maxAgeSeconds: EXTERNAL_MAX_AGE_SECONDS,
    keys: remoteKeys(settings),
    tenantClaim: settings.tenantClaim,
    rolesClaim: settings.rolesClaim,
    tenant: settings.tenant ?? null,
    requiredAmr: settings.requiredAmr ?? null,
    requiredAcr: settings.requiredAcr ?? null,
  };
}

/** jose keeps the set, and fetches it again when a token names a key that is not in it (at most twice a minute). */
function remoteKeys({ issuer, jwksUri }: ExternalIssuer): JWTVerifyGetKey {
  let known: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (header, token) => {
    try {
      known ??= createRemoteJWKSet(new URL(jwksUri ?? (await discoverKeys(issuer))), {
        timeoutDuration: FETCH_TIMEOUT_MS,
      });
      return await known(header, token);
    } catch (cause) {
      // Only these speak of the token; whatever else went wrong is between us and the issuer.
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      throw new IssuerUnreachableError('the keys of the issuer of this token cannot be fetched now', { cause });
    }
  };
}

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** OpenID Connect Discovery 1.0 section 4; the issuer must call itself what it is called here (section 4.3). */
async function discoverKeys(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`discovery answered ${response.status}`);
  const metadata = metadataSchema.parse(await response.json());
  if (metadata.issuer !== issuer) throw new Error('the discovery document is that of another issuer');
  return metadata.jwks_uri;
}
