// Access tokens for whoever holds the issuer's key file: the operator's shell, the launcher, the demo, the bench. Made
// here, without asking the service: no session, no entry in any list, and at most five minutes.

import { readIssuerKey, type IssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { ROLES, type Role } from '../../api/src/platform/auth/principal.ts';
import { SCOPES } from '../../api/src/platform/auth/scopes.ts';
import { LONGEST_LIFE_SECONDS, mintAccessToken } from '../../api/src/platform/auth/token-minting.ts';
import { defaultPublicUrl } from '../../api/src/platform/config/config.schema.ts';
import type { TokenSource } from '../sample/ledger-client.ts';

export interface TokenWish {
  readonly roles?: readonly Role[];
  readonly scopes?: readonly string[];
  readonly tenant?: string;
  /** Absent: all of the tenant. */
  readonly sources?: readonly string[];
}

/** What a person at the operator's shell needs to try everything: submit, verify, look at alarms and sweeps. */
export const OPERATOR_ROLES: readonly Role[] = ['record-system', 'auditor', 'administrator'];

const CLIENT = 'operator';
const RENEW_BEFORE_SECONDS = 60;

type Environment = Readonly<Record<string, string | undefined>>;

/** @param environment of the service: its issuer key, its address, its audience */
export async function operatorToken(environment: Environment, wish: TokenWish = {}): Promise<string> {
  return mint(await keyOf(environment), environment, wish);
}

/** @param fresh a new one each time, else one that is good for another minute at least */
export function tokenSource(
  environment: Environment,
  { fresh = false, ...wish }: TokenWish & { fresh?: boolean } = {},
): TokenSource {
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (!fresh && kept !== undefined && Date.now() < kept.until) return kept.token;
    const token = await operatorToken(environment, wish);
    kept = { token, until: Date.now() + (LONGEST_LIFE_SECONDS - RENEW_BEFORE_SECONDS) * 1000 };
    return token;
  };
}

async function keyOf(environment: Environment): Promise<IssuerKey> {
  const file = environment['ISSUER_KEY_FILE'];
  if (file === undefined || file === '') throw new Error('ISSUER_KEY_FILE is required to make a token');
  return readIssuerKey(file);
}

function mint(key: IssuerKey, environment: Environment, wish: TokenWish): Promise<string> {
  const { TLS_CERT_FILE, PORT } = environment;
  const publicUrl = environment['PUBLIC_URL'] || defaultPublicUrl({ TLS_CERT_FILE, PORT: PORT || '3000' });
  return mintAccessToken(key, {
    issuer: `${publicUrl}/oidc`,
    audience: environment['AUTH_AUDIENCE'] || publicUrl,
    subject: CLIENT,
    clientId: CLIENT,
    tenant: wish.tenant ?? 'default',
    roles: wish.roles ?? OPERATOR_ROLES,
    scopes: wish.scopes ?? SCOPES,
    ...(wish.sources === undefined ? {} : { sources: wish.sources }),
  });
}

export function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}
