// What stands in access tokens, and who may have which scope. Asked at every token, so that a role that was taken away is in
// no token from then on.
import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { periodClaims, placeInPeriod } from '../../platform/auth/access-period.rules.ts';
import { type AccessLog } from '../../platform/auth/access-log.port.ts';
import { type Scope } from '../../platform/auth/scopes.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { accessEvent } from '../access-events.ts';
import { type AccountsService } from '../accounts/accounts.service.ts';
import { scopesOf } from '../clients/client.rules.ts';
import { type ActiveClient, type ClientDirectory } from './client-directory.ts';
import { originOf } from './request-origin.ts';
import { type SessionsService } from './sessions.service.ts';

/** SMART Backend Services allows 300 seconds at most; no token of this service lives longer. */
export const ACCESS_TOKEN_SECONDS = 300;

export interface TokenContentParts {
  readonly audience: string;
  readonly clients: ClientDirectory;
  readonly accounts: AccountsService;
  readonly accessLog: AccessLog;
  readonly sessions: SessionsService;
  readonly clock: Clock;
}

type ResourceFeature = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;

/** RFC 8707: this API is the only resource there is, and the one that is meant when none is named. */
export function resourceIndicators({ audience, clients }: TokenContentParts): ResourceFeature {
  return {
    enabled: true,
    defaultResource: () => audience,
    useGrantedResource: () => true,
    getResourceServerInfo: async (context, resource, client) => {
      if (resource !== audience) throw new errors.InvalidTarget('the only resource is this API');
      const machine = await clients.find(client.clientId);
      const scopes: readonly Scope[] = machine === null ? ALL : machine.scopes;
      if (machine !== null) requireScopes(context, scopes);
      return {
        audience,
        scope: scopes.join(' '),
        accessTokenTTL: ACCESS_TOKEN_SECONDS,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      };
    },
  };
}

const ALL: readonly Scope[] = scopesOf(['record-system', 'isms-manager', 'privacy-officer', 'administrator']);

/** RFC 6749 section 3.3: a machine says what it wants, and a wish for too much is refused, not silently cut. */
function requireScopes(context: KoaContextWithOIDC, allowed: readonly string[]): void {
  const wanted = (typeof context.oidc.params?.['scope'] === 'string' ? context.oidc.params['scope'] : '')
    .split(' ')
    .filter((scope) => scope !== '');
  if (wanted.length === 0)
    throw new errors.InvalidScope(`name the scopes that are needed; this client may have: ${allowed.join(' ')}`, '');
  const [refused] = wanted.filter((scope) => !allowed.includes(scope));
  if (refused !== undefined)
    throw new errors.InvalidScope(`this client may have: ${allowed.join(' ')}`, refused.slice(0, 100));
}

type ExtraClaims = NonNullable<Configuration['extraTokenClaims']>;

/** RFC 9068, with the claims of docs/access.md. */
export function extraTokenClaims({ clients, accounts, clock }: TokenContentParts): ExtraClaims {
  return async (context, token) => {
    if (token.kind === 'ClientCredentials') {
      const client = await clients.find(token.clientId ?? '');
      if (client === null) throw new errors.InvalidClient('the client was disabled');
      assertWithin(client, clock.now());
      return {
        tenant: client.tenant.name,
        roles: client.roles,
        ...(client.sources === null ? {} : { sources: client.sources }),
        ...periodClaims(client.accessPeriod),
      };
    }
    const person = await accounts.active(token.accountId);
    if (person === null) throw new errors.InvalidGrant('the account is closed, or outside of its access period');
    const { AuthorizationCode, RefreshToken } = context.oidc.entities;
    const source = RefreshToken ?? AuthorizationCode;
    return {
      tenant: person.tenant.name,
      roles: person.roles,
      ...periodClaims(person.accessPeriod),
      ...(source?.authTime === undefined ? {} : { auth_time: source.authTime }),
      ...(source?.amr === undefined ? {} : { amr: source.amr }),
      ...(token.sessionUid === undefined ? {} : { sid: token.sessionUid }),
    };
  };
}

/** RFC 6749 section 5.2: it has proved which client it is, and may not do this. */
function assertWithin({ accessPeriod }: ActiveClient, now: Date): void {
  const place = placeInPeriod(accessPeriod, now);
  if (place === 'within') return;
  const why = place === 'before' ? 'has not begun' : 'is over';
  // The second text is for logs, and in no answer.
  throw new errors.UnauthorizedClient(`the access of this client ${why}`, 'outside-access-period');
}

type Customiser = NonNullable<NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']>;

/** The token does not leave before its event is durable, and counts as a use of its session. */
export function recordIssue({ clients, accounts, accessLog, sessions }: TokenContentParts): Customiser {
  return async (context, token, jwt) => {
    const { jti, sub, client_id: clientId, roles } = jwt.payload;
    const person = token.kind === 'AccessToken';
    const tenantId = person
      ? (await accounts.active(String(sub)))?.tenant.id
      : (await clients.find(String(clientId)))?.tenant.id;
    const sessionId = typeof jwt.payload['sid'] === 'string' ? jwt.payload['sid'] : null;
    if (sessionId !== null) await sessions.used(sessionId);
    await accessLog.record(
      accessEvent({
        action: 'token.issue',
        outcome: 'success',
        caller: {
          kind: person ? 'person' : 'client',
          issuer: String(jwt.payload.iss),
          subject: String(sub),
          clientId: String(clientId),
          roles: new Set(Array.isArray(roles) ? roles : []),
          sessionId,
        },
        tenantId: tenantId ?? null,
        entity: { type: 'token', id: String(jti) },
        ...originOf(context.req),
      }),
    );
  };
}
