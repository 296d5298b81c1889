// Registers clients, changes their keys and for how long they have access, disables them. Every act is in the access log, in the act's own transaction.
import { randomUUID } from 'node:crypto';
import { type AccessPeriod } from '../../platform/auth/access-period.rules.ts';
import { type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { byOperator } from '../../platform/auth/unattended.ts';
import { type Role, type TenantRef } from '../../platform/auth/principal.ts';
import { type Scope } from '../../platform/auth/scopes.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { assertNotOver, periodOf } from '../access-period.schema.ts';
import { revokeClient } from '../issuer/session-ends.ts';
import { clientKeysFault, type ClientPolicy } from './client-policy.rules.ts';
import { scopesOf, type ClientKeys, type NewClient } from './client.rules.ts';

export interface RegisteredClient {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  readonly sources: readonly string[] | null;
  readonly certificateBound: boolean;
  readonly accessPeriod: AccessPeriod;
  /** `kid` of its keys; null when they are at its own URL. */
  readonly keyIds: readonly string[] | null;
  readonly jwksUri: string | null;
  readonly createdAt: Date;
  readonly keysChangedAt: Date;
  readonly disabledAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly scopes: Scope[];
  readonly sources: string[] | null;
  readonly certificate_bound: boolean;
  readonly access_from: Date | null;
  readonly access_until: Date | null;
  readonly jwks: { keys: { kid: string }[] } | null;
  readonly jwks_uri: string | null;
  readonly created_at: Date;
  readonly keys_changed_at: Date;
  readonly disabled_at: Date | null;
}

/** Of a signed-in administrator, or null for the operator at the machine. */
type Access = RequestAccess | null;

const COLUMNS = `id, name, roles, scopes, sources, certificate_bound, access_from, access_until, jwks, jwks_uri, created_at, keys_changed_at, disabled_at`;

export class ClientsService {
  readonly #pool: Pool;
  readonly #accessLog: AccessLog;
  readonly #policy: ClientPolicy;
  readonly #clock: Clock;

  constructor(pool: Pool, accessLog: AccessLog, policy: ClientPolicy, clock: Clock) {
    this.#pool = pool;
    this.#accessLog = accessLog;
    this.#policy = policy;
    this.#clock = clock;
  }

  /** @throws {DomainError} `bad-request` for keys that the operator does not allow, and for access that is over already */
  async register(tenant: TenantRef, wanted: NewClient, access: Access): Promise<RegisteredClient> {
    this.#assertAllowed(wanted);
    assertNotOver(periodOf(wanted), this.#clock.now());
    return this.#act(tenant, access, 'client', async (transaction) => {
      const { rows } = await transaction.query<Row>(
        `INSERT INTO client (id, tenant_id, name, roles, scopes, sources, jwks, jwks_uri, certificate_bound, created_by, access_from, access_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
        [
          randomUUID(),
          tenant.id,
          wanted.name,
          [...new Set(wanted.roles)],
          wanted.scopes === undefined ? scopesOf(wanted.roles) : [...new Set(wanted.scopes)],
          wanted.sources === undefined ? null : [...new Set(wanted.sources)],
          wanted.jwks === undefined ? null : JSON.stringify(wanted.jwks),
          wanted.jwksUri ?? null,
          wanted.certificateBound,
          access?.caller.subject ?? null,
          wanted.accessFrom,
          wanted.accessUntil,
        ],
      );
      return clientOf(rows);
    });
  }

  /** In the order of registration. */
  async list(tenant: TenantRef): Promise<readonly RegisteredClient[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT ${COLUMNS} FROM client WHERE tenant_id = $1 ORDER BY created_at, id`,
      [tenant.id],
    );
    return rows.map(viewOf);
  }

  /** @throws {DomainError} `unknown-client`, also for one of another tenant */
  async get(tenant: TenantRef, id: string): Promise<RegisteredClient> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${COLUMNS} FROM client WHERE tenant_id = $1 AND id = $2`, [
      tenant.id,
      id,
    ]);
    return clientOf(rows);
  }

  /** The old keys open nothing from now on. @throws {DomainError} `unknown-client`, `bad-request` as {@link register} */
  async replaceKeys(tenant: TenantRef, id: string, keys: ClientKeys, access: Access): Promise<RegisteredClient> {
    this.#assertAllowed(keys);
    return this.#act(tenant, access, 'client', async (transaction) => {
      const { rows } = await transaction.query<Row>(
        `UPDATE client SET jwks = $3, jwks_uri = $4, keys_changed_at = now()
          WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [tenant.id, id, keys.jwks === undefined ? null : JSON.stringify(keys.jwks), keys.jwksUri ?? null],
      );
      return clientOf(rows);
    });
  }

  /**
   * Tokens that it has say its former period: they end at once, and those of the same second with them.
   *
   * @throws {DomainError} `own-work`, `unknown-client`
   */
  async setAccessPeriod(
    tenant: TenantRef,
    id: string,
    { from, until }: AccessPeriod,
    access: Access,
  ): Promise<RegisteredClient> {
    // Else a machine that administers for a time would have no end.
    if (access?.caller.subject === id)
      throw new DomainError('own-work', 'an administrator must do this: no client changes its own access period');
    return this.#act(tenant, access, 'client/access-period', async (transaction) => {
      const { rows } = await transaction.query<Row>(
        `UPDATE client SET access_from = $3, access_until = $4 WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [tenant.id, id, from, until],
      );
      const changed = clientOf(rows);
      await revokeClient(transaction, id, this.#clock.now());
      return changed;
    });
  }

  /** It gets no token from now on, and those that it has end at once. @throws {DomainError} `unknown-client` */
  async disable(tenant: TenantRef, id: string, access: Access): Promise<RegisteredClient> {
    return this.#act(tenant, access, 'client', async (transaction) => {
      const { rows } = await transaction.query<Row>(
        `UPDATE client SET disabled_at = coalesce(disabled_at, now()) WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [tenant.id, id],
      );
      const disabled = clientOf(rows);
      await revokeClient(transaction, id, null);
      return disabled;
    });
  }

  #assertAllowed(keys: ClientKeys): void {
    const fault = clientKeysFault(keys, this.#policy);
    if (fault !== null) throw new DomainError('bad-request', fault);
  }

  async #act(
    tenant: TenantRef,
    access: Access,
    entityType: 'client' | 'client/access-period',
    change: (transaction: Client) => Promise<RegisteredClient>,
  ): Promise<RegisteredClient> {
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const client = await change(transaction);
      const done = { outcome: 'success', entity: { type: entityType, id: client.id } } as const;
      const by = access ?? { ...byOperator('client', 'client.manage'), tenantId: tenant.id };
      await this.#accessLog.recordWithin(transaction, { ...by, ...done });
      return client;
    });
  }
}

function clientOf([row]: readonly Row[]): RegisteredClient {
  if (row === undefined) throw new DomainError('unknown-client', 'no client of this tenant has this id');
  return viewOf(row);
}

function viewOf(row: Row): RegisteredClient {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    scopes: row.scopes,
    sources: row.sources,
    certificateBound: row.certificate_bound,
    accessPeriod: { from: row.access_from, until: row.access_until },
    keyIds: row.jwks === null ? null : row.jwks.keys.map(({ kid }) => kid),
    jwksUri: row.jwks_uri,
    createdAt: row.created_at,
    keysChangedAt: row.keys_changed_at,
    disabledAt: row.disabled_at,
  };
}
