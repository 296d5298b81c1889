// Who asks: what a checked access token says, in our words. Nothing here checks a token.
import { type AccessPeriod } from './access-period.rules.ts';

export const ROLES = [
  'record-system',
  'auditor',
  'clinician',
  'isms-manager',
  'privacy-officer',
  'administrator',
] as const;

export type Role = (typeof ROLES)[number];

export interface Principal {
  readonly kind: 'client' | 'person';
  readonly issuer: string;
  /** `sub`: opaque; for a client its client id, for a person an account id. Never a name or a mail address. */
  readonly subject: string;
  readonly clientId: string;
  /** The tenant that all of its requests are confined to. */
  readonly tenant: TenantRef;
  readonly roles: ReadonlySet<Role>;
  readonly scopes: ReadonlySet<string>;
  /** Names of the sources that it may act for; null: all of its tenant. */
  readonly sources: ReadonlySet<string> | null;
  /** When a person last proved who they are (`auth_time`); null for a client. */
  readonly authenticatedAt: Date | null;
  /** `amr` (RFC 8176): how. Step-up asks for a second factor that is fresh. */
  readonly factors: ReadonlySet<string>;
  /** `access_from` and `access_until`: outside of it nothing is allowed, however long the token lives. */
  readonly accessPeriod: AccessPeriod;
  /** `jti` and, of a person, `sid`. */
  readonly tokenId: string;
  readonly sessionId: string | null;
}

/** The tenant of whoever runs the service: what concerns all tenants is its business alone. */
export const OPERATOR_TENANT = 'default';

export interface TenantRef {
  readonly id: string;
  readonly name: string;
}
