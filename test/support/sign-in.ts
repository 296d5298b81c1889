// Who the tests are to the services that they start. An operator's issuer holds the site's issuer key and makes tokens with
// it; so does this. A service that is started is registered under its address, and whoever calls it there is signed in,
// unless the test says otherwise.

import { readIssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import type { Role } from '../../api/src/platform/auth/principal.ts';
import { SCOPES } from '../../api/src/platform/auth/scopes.ts';
import { mintAccessToken } from '../../api/src/platform/auth/token-minting.ts';

/** What a service is told of its issuer. */
export interface IssuerSettings {
  readonly ISSUER_KEY_FILE?: string | undefined;
  readonly PUBLIC_URL?: string | undefined;
  readonly AUTH_AUDIENCE?: string | undefined;
  readonly PORT?: string | undefined;
}

export interface Caller {
  readonly tenant?: string;
  readonly roles?: readonly Role[];
  readonly scopes?: readonly string[];
  readonly sources?: readonly string[];
  readonly subject?: string;
  readonly clientId?: string;
  /** Further claims. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A record system whose operator also looks after the log, so that most tests need not say who they are. */
const USUAL_ROLES: readonly Role[] = ['record-system', 'auditor', 'administrator'];
const RENEW_AFTER_MS = 200_000;

const services = new Map<string, () => Promise<string>>();

export async function tokenFor(settings: IssuerSettings, caller: Caller = {}): Promise<string> {
  const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${settings.PORT ?? '3000'}`;
  const clientId = caller.clientId ?? 'test-client';
  return mintAccessToken(await readIssuerKey(settings.ISSUER_KEY_FILE ?? ''), {
    issuer: `${publicUrl}/oidc`,
    audience: settings.AUTH_AUDIENCE ?? publicUrl,
    subject: caller.subject ?? clientId,
    clientId,
    tenant: caller.tenant ?? 'default',
    roles: caller.roles ?? USUAL_ROLES,
    scopes: caller.scopes ?? SCOPES,
    ...(caller.sources === undefined ? {} : { sources: caller.sources }),
    ...(caller.more === undefined ? {} : { more: caller.more }),
  });
}

/** From now on, calls to this address carry a token of the usual caller. */
export function signInAt(url: string, settings: IssuerSettings): void {
  let kept: { readonly token: Promise<string>; readonly at: number } | undefined;
  services.set(url, () => {
    if (kept === undefined || Date.now() - kept.at > RENEW_AFTER_MS)
      kept = { token: tokenFor(settings), at: Date.now() };
    return kept.token;
  });
}

/** For a client that asks for its token itself. */
export const tokenAt = (url: string) => async (): Promise<string | null> => (await services.get(url)?.()) ?? null;

/** The header of the usual caller; none for an address that nobody has registered. */
export async function authorization(url: string): Promise<Record<string, string>> {
  const token = await services.get(url)?.();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
