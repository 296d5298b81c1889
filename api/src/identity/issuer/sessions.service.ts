// Who is signed in, and ending that.
import { type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type TenantRef } from '../../platform/auth/principal.ts';
import { inTransaction, type Pool } from '../../platform/database/pool.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { accessEvent } from '../access-events.ts';
import { type RequestOrigin } from './request-origin.ts';
import { endSessions, revokeSessions } from './session-ends.ts';
import { SESSION_SECONDS } from './session-times.rules.ts';

export interface SessionView {
  /** Also `sid` in its tokens. Opens nothing. */
  readonly id: string;
  readonly accountId: string;
  readonly signedInAt: Date;
  readonly factors: readonly string[];
  readonly expiresAt: Date;
}

/** Of the administrator who ends somebody's session, or where the request came from with which its owner does. */
type Access = RequestAccess | RequestOrigin;

export class SessionsService {
  readonly #pool: Pool;
  readonly #accessLog: AccessLog;
  /** For how long a session may be unused. */
  readonly idleSeconds: number;

  constructor(pool: Pool, accessLog: AccessLog, idleSeconds: number) {
    this.#pool = pool;
    this.#accessLog = accessLog;
    this.idleSeconds = idleSeconds;
  }

  /** It lasts from now on as long as one that was used now: {@link secondsLeft}. One that has ended stays ended. */
  async used(sessionId: string): Promise<void> {
    await this.#pool.query(
      `UPDATE oidc_model SET expires_at = until,
              payload = jsonb_set(payload, '{exp}', to_jsonb(floor(extract(epoch FROM until))::bigint))
         FROM (SELECT type, id, least(now() + make_interval(secs => $2),
                                      to_timestamp((payload->>'loginTs')::float8) + make_interval(secs => $3)) AS until
                 FROM oidc_model WHERE type = 'Session' AND uid = $1 AND expires_at > now()) s
        WHERE oidc_model.type = s.type AND oidc_model.id = s.id AND until > now()`,
      [sessionId, this.idleSeconds, SESSION_SECONDS],
    );
  }

  /** The newest first. @param accountId null: of all accounts of the tenant */
  async list(tenantId: string, accountId: string | null): Promise<readonly SessionView[]> {
    const { rows } = await this.#pool.query<{
      uid: string;
      account_id: string;
      login_time: number | null;
      factors: string[] | null;
      expires_at: Date;
    }>(
      `SELECT m.uid, m.account_id, (m.payload->>'loginTs')::float8 AS login_time, m.expires_at,
              (SELECT array_agg(f) FROM jsonb_array_elements_text(coalesce(m.payload->'amr', '[]')) f) AS factors
         FROM oidc_model m JOIN account a ON a.id::text = m.account_id
        WHERE m.type = 'Session' AND m.expires_at > now() AND a.tenant_id = $1 AND ($2::text IS NULL OR m.account_id = $2)
        ORDER BY 3 DESC, m.uid`,
      [tenantId, accountId],
    );
    return rows.map((row) => ({
      id: row.uid,
      accountId: row.account_id,
      signedInAt: new Date((row.login_time ?? 0) * 1000),
      factors: row.factors ?? [],
      expiresAt: row.expires_at,
    }));
  }

  /** @throws {DomainError} `unknown-session`, also for one of another tenant */
  async end(tenant: TenantRef, sessionId: string, access: Access): Promise<void> {
    const found = (await this.list(tenant.id, null)).find(({ id }) => id === sessionId);
    if (found === undefined) throw new DomainError('unknown-session', 'no session of this tenant has this id');
    await this.#end(tenant.id, { uid: sessionId, ofAccount: found.accountId }, access);
  }

  /** One of the account's own. One that is over already is no fault. */
  async endOwn(tenantId: string, accountId: string, sessionId: string, origin: RequestOrigin): Promise<void> {
    const own = (await this.list(tenantId, accountId)).some(({ id }) => id === sessionId);
    if (own) await this.#end(tenantId, { uid: sessionId, ofAccount: accountId }, origin);
  }

  /** Signs an account out everywhere. */
  async endAll(tenantId: string, accountId: string, access: Access): Promise<number> {
    return this.#end(tenantId, { ofAccount: accountId }, access);
  }

  /** A code or a refresh token was used twice: one of the two who did is not its owner, so the whole sign-in ends. */
  async endGrant(grantId: string, origin: RequestOrigin): Promise<void> {
    const { rows } = await this.#pool.query<{ uid: string; account_id: string; tenant_id: string }>(
      `SELECT m.uid, m.account_id, a.tenant_id FROM oidc_model m JOIN account a ON a.id::text = m.account_id
        WHERE m.type = 'Session' AND EXISTS
              (SELECT FROM jsonb_each(coalesce(m.payload->'authorizations', '{}')) c WHERE c.value->>'grantId' = $1)`,
      [grantId],
    );
    for (const { uid, account_id: ofAccount, tenant_id: tenantId } of rows)
      await this.#end(tenantId, { uid, ofAccount }, origin);
  }

  /** The issuer has removed the session already; its access tokens are still about. */
  async signedOut(sessionId: string, accountId: string, origin: RequestOrigin): Promise<void> {
    await inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      await revokeSessions(transaction, [sessionId]);
      await this.#accessLog.recordWithin(
        transaction,
        accessEvent({ action: 'sign-out', outcome: 'success', entity: { type: 'account', id: accountId }, ...origin }),
      );
    });
  }

  async #end(tenantId: string, which: Parameters<typeof endSessions>[1], access: Access): Promise<number> {
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const ended = await endSessions(transaction, which);
      const done = { outcome: 'success', entity: { type: 'account', id: which.ofAccount } } as const;
      await this.#accessLog.recordWithin(
        transaction,
        'caller' in access ? { ...access, ...done } : accessEvent({ action: 'sign-out', tenantId, ...access, ...done }),
      );
      return ended.length;
    });
  }
}
