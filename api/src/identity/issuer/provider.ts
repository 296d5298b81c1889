// The embedded OpenID provider: panva's oidc-provider with our storage, our accounts and clients, and what this service does
// not need switched off. Decisions: docs/adr/0019.
import { Provider, errors, interactionPolicy, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { clientCertificate } from '../../platform/auth/client-certificate.ts';
import { type IssuerKey } from '../../platform/auth/issuer-key.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { accessEvent } from '../access-events.ts';
import { type ClientPolicy } from '../clients/client-policy.rules.ts';
import { ASSERTION_ALGORITHMS, ASSERTION_LIFE_SECONDS, scopesOf } from '../clients/client.rules.ts';
import { html, page, pageHeaders } from '../pages/html.ts';
import { consoleClient, CONSOLE_CLIENT_ID } from './console-client.ts';
import { fetchClientKeys } from './client-keys-fetch.ts';
import { ClientAdapter, OidcAdapter } from './oidc-adapter.ts';
import { type OidcStore } from './oidc-store.ts';
import { logoutPage, signedOutPage, withoutScripts } from './provider-pages.ts';
import { originOf, UNKNOWN_ORIGIN, type RequestOrigin } from './request-origin.ts';
import { deriveSecret } from './sealed.ts';
import { SESSION_SECONDS, secondsLeft } from './session-times.rules.ts';
import {
  ACCESS_TOKEN_SECONDS,
  extraTokenClaims,
  recordIssue,
  resourceIndicators,
  type TokenContentParts,
} from './token-content.ts';

export interface ProviderParts extends TokenContentParts {
  readonly publicUrl: string;
  readonly key: IssuerKey;
  readonly store: OidcStore;
  readonly clientPolicy: ClientPolicy;
  readonly logger: Logger;
}

export type { Provider };

export function issuerOf(publicUrl: string): string {
  return `${publicUrl}/oidc`;
}

export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(issuerOf(parts.publicUrl), configurationOf(parts));
  // Where requests come from is said by PUBLIC_URL alone: the mount writes these headers (issuer.controller.ts).
  provider.proxy = true;
  provider.use(withoutScripts);
  endReplayedGrants(provider, parts);
  provider.on('server_error', (_context, error) => parts.logger.error({ err: error }, 'the issuer failed'));
  provider.on('session.destroyed', ({ uid, accountId }) => {
    if (accountId === undefined) return;
    // Signing out at the issuer ends access tokens as well; whoever waits for that page need not wait for this.
    parts.sessions.signedOut(uid, accountId, currentOrigin()).catch((error: unknown) => {
      parts.logger.error(
        { err: error },
        'the tokens of a session that was signed out live on for five minutes at most',
      );
    });
  });
  provider.on('grant.error', (context, error) => {
    const clientId = context.oidc.client?.clientId ?? null;
    parts.accessLog
      .record(
        accessEvent({
          action: 'token.issue',
          outcome: 'denied',
          entity: clientId === null ? null : { type: 'client', id: clientId },
          ...originOf(context.req),
        }),
      )
      .catch((cause: unknown) =>
        parts.logger.error({ err: cause, code: error.message }, 'a refused token is not in the access log'),
      );
  });
  return provider;
}

function configurationOf(parts: ProviderParts): Configuration {
  const { key, store, publicUrl } = parts;
  const left = (signedInAt: number | undefined): number =>
    secondsLeft(signedInAt, Math.floor(Date.now() / 1000), parts.sessions.idleSeconds);
  const cookieKeys = [deriveSecret(key, 'cookies').toString('base64url')];
  // RFC 6265bis: bound to this host, and never sent in clear. Those of a sign-in under way are bound to its path instead, so that
  // several can be; `__Host-` forbids that.
  const [prefix, pathPrefix] = publicUrl.startsWith('https:') ? ['__Host-', '__Secure-'] : ['', ''];
  return {
    adapter: (type: string) =>
      type === 'Client'
        ? new ClientAdapter(parts.clients)
        : new OidcAdapter(type, store, (grantId) => parts.sessions.endGrant(grantId, currentOrigin())),
    jwks: {
      keys: [{ ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: 'ES256', use: 'sig' }],
    },
    clients: [consoleClient(publicUrl)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      idTokenSigningAlgValues: ['ES256'],
    },
    assertJwtClientAuthClaimsAndHeader: (_context, claims) => {
      const now = Math.floor(Date.now() / 1000);
      if (typeof claims['exp'] !== 'number' || claims['exp'] - now > ASSERTION_LIFE_SECONDS + CLOCK_TOLERANCE)
        throw new errors.InvalidClientAuth('the assertion lives longer than five minutes');
    },
    clockTolerance: CLOCK_TOLERANCE,
    fetch: fetchClientKeys(parts.clientPolicy),
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'auth_time', 'amr'] },
    pkce: { required: () => true },
    clientBasedCORS: (_context, origin, client) =>
      client.clientId === CONSOLE_CLIENT_ID && origin === new URL(publicUrl).origin,
    cookies: {
      keys: cookieKeys,
      names: {
        session: `${prefix}medanchor_session`,
        interaction: `${pathPrefix}medanchor_interaction`,
        resume: `${pathPrefix}medanchor_resume`,
      },
      long: { httpOnly: true, sameSite: 'lax', path: '/', secure: prefix !== '' },
      short: { httpOnly: true, sameSite: 'lax', secure: prefix !== '' },
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      // The API would take a token that is bound to a key for one that is not.
      dPoP: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ req }) => clientCertificate(req.socket)?.toString(),
      },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: resourceIndicators(parts),
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: signedOutPage },
      userinfo: { enabled: false },
    },
    extraTokenClaims: extraTokenClaims(parts),
    formats: { customizers: { jwt: recordIssue(parts) } },
    findAccount: async (_context, id) => {
      if ((await parts.accounts.active(id)) === null) return undefined;
      // No name, no mail address: the console knows its user by id.
      return { accountId: id, claims: () => ({ sub: id }) };
    },
    interactions: { policy: interactionPolicyOf(), url: (_context, { uid }) => `/sign-in/${uid}` },
    loadExistingGrant: grantForOwnClient(parts),
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => true,
    rotateRefreshToken: () => true,
    renderError: showError,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      ClientCredentials: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: 600,
      RefreshToken: (_context, token) => left(token.authTime),
      Grant: SESSION_SECONDS,
      Session: (_context, session) => left(session.loginTs),
    },
  };
}

/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 5;

/** Of the request that oidc-provider is at, where it does not say which. */
function currentOrigin(): RequestOrigin {
  return Provider.ctx === undefined ? UNKNOWN_ORIGIN : originOf(Provider.ctx.req);
}

/**
 * RFC 6749 section 4.1.2, RFC 9700 section 4.14.2: what is used a second time ends what the first use gave. oidc-provider ends the
 * grant; the access tokens are ended here, before the answer leaves.
 */
function endReplayedGrants(provider: Provider, { sessions }: ProviderParts): void {
  const replayed = new WeakMap<object, string>();
  provider.on('grant.revoked', (context, grantId) => {
    if (context.oidc.route === 'token') replayed.set(context.req, grantId);
  });
  provider.use(async (context, next) => {
    await next();
    const grantId = replayed.get(context.req);
    if (grantId !== undefined) await sessions.endGrant(grantId, originOf(context.req));
  });
}

/**
 * There is one client that people use, and it is ours: nobody is asked whether it may. Whose access has ended since they signed in
 * is asked to sign in again, and told there.
 */
function interactionPolicyOf(): NonNullable<NonNullable<Configuration['interactions']>['policy']> {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'account_not_active',
        'the account may not have a token now',
        'login_required',
        ({ oidc }) =>
          oidc.session?.accountId !== undefined && oidc.account === undefined
            ? interactionPolicy.Check.REQUEST_PROMPT
            : interactionPolicy.Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}

function grantForOwnClient(parts: ProviderParts): NonNullable<Configuration['loadExistingGrant']> {
  return async (context) => {
    const { client, session, provider } = context.oidc;
    const person = session?.accountId === undefined ? null : await parts.accounts.active(session.accountId);
    if (client?.clientId !== CONSOLE_CLIENT_ID || session?.accountId === undefined || person === null) return undefined;
    const known = session.grantIdFor(client.clientId);
    const grant =
      (known === undefined ? undefined : await provider.Grant.find(known)) ??
      new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(parts.audience, scopesOf(person.roles).join(' '));
    await grant.save();
    return grant;
  };
}

function showError(context: KoaContextWithOIDC, out: { error: string; error_description?: string | undefined }): void {
  context.set({ ...pageHeaders() });
  context.body = page(
    'This did not work',
    html`<p>${out.error_description ?? out.error}</p>
      <p>Go back to where you came from and begin anew. The code is <code>${out.error}</code>.</p>`,
  );
}
