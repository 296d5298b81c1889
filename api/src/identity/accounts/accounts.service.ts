// People: invited by an administrator, who never learns their password; closed, given other roles or another time, sent to enrol again. What
// changes an account ends its sessions in the same transaction.
import { randomUUID } from 'node:crypto';
import { placeInPeriod, type AccessPeriod } from '../../platform/auth/access-period.rules.ts';
import { type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type Principal, type Role, type TenantRef } from '../../platform/auth/principal.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { assertNotOver } from '../access-period.schema.ts';
import { endSessions } from '../issuer/session-ends.ts';
import { removePasskeysOf } from '../passkeys/passkey-store.ts';
import { newOneTimeSecret } from './one-time-link.ts';
import { loginFault, normaliseLogin } from './password.rules.ts';

export interface AccountView {
  readonly id: string;
  readonly login: string;
  readonly roles: readonly Role[];
  /** locked: closed to browsers that it does not know. */
  readonly state: 'invited' | 'active' | 'locked' | 'disabled';
  readonly accessPeriod: AccessPeriod;
  readonly createdAt: Date;
}

/** Somebody who may have a token now. */
export interface ActiveAccount extends Pick<AccountView, 'login' | 'roles' | 'accessPeriod'> {
  readonly tenant: TenantRef;
}

export interface Invitation {
  readonly account: AccountView;
  /** Shown once: opens the page on which its owner chooses a password and sets up the second factor. */
  readonly secret: string;
  readonly expiresAt: Date;
}

export type NewAccount = Pick<AccountView, 'login' | 'roles' | 'accessPeriod'>;

interface Row {
  readonly id: string;
  readonly login: string;
  readonly roles: Role[];
  readonly enrolled_at: Date | null;
  readonly disabled_at: Date | null;
  readonly locked_until: Date | null;
  readonly access_from: Date | null;
  readonly access_until: Date | null;
  readonly created_at: Date;
}

const COLUMNS = `id, login, roles, enrolled_at, disabled_at, locked_until, access_from, access_until, created_at`;
/** What it says in the access log. */
type EntityType = 'account' | 'account/access-period';

const INVITATION_LIFE_MS = 72 * 3600 * 1000;
const UNIQUE_VIOLATION = '23505';

export class AccountsService {
  readonly #pool: Pool;
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;

  constructor(pool: Pool, accessLog: AccessLog, clock: Clock) {
    this.#pool = pool;
    this.#accessLog = accessLog;
    this.#clock = clock;
  }

  /** In the order of logins. */
  async list(tenant: TenantRef): Promise<readonly AccountView[]> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${COLUMNS} FROM account WHERE tenant_id = $1 ORDER BY login`, [
      tenant.id,
    ]);
    return rows.map((row) => this.#view(row));
  }

  /** Who may have a token now: roles and tenant as they are at this moment; null for everybody else. */
  async active(id: string): Promise<ActiveAccount | null> {
    const { rows } = await this.#pool.query<Row & { tenant_id: string; tenant: string }>(
      `SELECT a.login, a.tenant_id, t.name AS tenant, a.roles, a.access_from, a.access_until FROM account a JOIN tenant t ON t.id = a.tenant_id
        WHERE a.id::text = $1 AND a.disabled_at IS NULL AND a.enrolled_at IS NOT NULL`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) return null;
    const accessPeriod = periodOf(row);
    if (placeInPeriod(accessPeriod, this.#clock.now()) !== 'within') return null;
    return { login: row.login, tenant: { id: row.tenant_id, name: row.tenant }, roles: row.roles, accessPeriod };
  }

  /**
   * The invitation may be taken up before access begins.
   *
   * @throws {DomainError} `login-taken`, by whichever tenant: a login is unique in the installation
   * @throws {DomainError} `bad-request` for access that is over already
   */
  async invite(access: RequestAccess, wanted: NewAccount): Promise<Invitation> {
    const login = normaliseLogin(wanted.login);
    const fault = loginFault(login);
    if (fault !== null) throw new DomainError('bad-request', `login: ${fault}`);
    const { from, until } = wanted.accessPeriod;
    assertNotOver(wanted.accessPeriod, this.#clock.now());
    try {
      return await this.#act(access, async (transaction) => {
        const { rows } = await transaction.query<Row>(
          `INSERT INTO account (id, tenant_id, login, roles, access_from, access_until) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
          [randomUUID(), access.caller.tenant.id, login, [...new Set(wanted.roles)], from, until],
        );
        const row = rowOf(rows);
        return { id: row.id, result: await this.#invitation(transaction, row, access.caller) };
      });
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== UNIQUE_VIOLATION) throw cause;
      throw new DomainError('login-taken', 'there is an account with this login', {}, { cause });
    }
  }

  /** @throws {DomainError} `own-work`, `unknown-account`, `last-administrator` */
  async setRoles(access: RequestAccess, id: string, roles: readonly Role[]): Promise<AccountView> {
    return this.#change(access, id, async (transaction, row) => {
      if (!roles.includes('administrator')) await this.#keepAnAdministrator(transaction, row);
      return rowOf(
        (
          await transaction.query<Row>(`UPDATE account SET roles = $2 WHERE id = $1 RETURNING ${COLUMNS}`, [
            id,
            [...new Set(roles)],
          ])
        ).rows,
      );
    });
  }

  /** @throws {DomainError} `own-work`, `unknown-account`, `last-administrator` */
  async setAccessPeriod(access: RequestAccess, id: string, { from, until }: AccessPeriod): Promise<AccountView> {
    const set = async (transaction: Client, row: Row): Promise<Row> => {
      if (until !== null || placeInPeriod({ from, until }, this.#clock.now()) !== 'within')
        await this.#keepAnAdministrator(transaction, row);
      const { rows } = await transaction.query<Row>(
        `UPDATE account SET access_from = $2, access_until = $3 WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, from, until],
      );
      return rowOf(rows);
    };
    return this.#change(access, id, set, 'account/access-period');
  }

  /** @throws {DomainError} `own-work`, `unknown-account`, `last-administrator` */
  async disable(access: RequestAccess, id: string): Promise<AccountView> {
    return this.#change(access, id, async (transaction, row) => {
      await this.#keepAnAdministrator(transaction, row);
      return rowOf(
        (
          await transaction.query<Row>(
            `UPDATE account SET disabled_at = coalesce(disabled_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
            [id],
          )
        ).rows,
      );
    });
  }

  /**
   * Takes password, second factors and recovery codes away and invites anew: for who lost the telephone.
   *
   * @throws {DomainError} `own-work`, `unknown-account`
   */
  async reset(access: RequestAccess, id: string): Promise<Invitation> {
    this.#notOneself(access.caller, id);
    return this.#act(access, async (transaction) => {
      const row = await this.#lock(transaction, access.caller.tenant, id);
      await endSessions(transaction, { ofAccount: id });
      await transaction.query(`DELETE FROM recovery_code WHERE account_id = $1`, [id]);
      const passkeys = await removePasskeysOf(transaction, id);
      const { rows } = await transaction.query<Row>(
        `UPDATE account SET password_hash = NULL, totp_secret = NULL, enrolled_at = NULL, failures = 0, locked_until = NULL
          WHERE id = $1 RETURNING ${COLUMNS}`,
        [row.id],
      );
      const invitation = await this.#invitation(transaction, rowOf(rows), access.caller);
      for (const entity of passkeys)
        await this.#accessLog.recordWithin(transaction, {
          ...access,
          action: 'factor.remove',
          outcome: 'success',
          entity,
        });
      return { id, result: invitation };
    });
  }

  async #change(
    access: RequestAccess,
    id: string,
    change: (transaction: Client, row: Row) => Promise<Row>,
    entityType: EntityType = 'account',
  ): Promise<AccountView> {
    this.#notOneself(access.caller, id);
    return this.#act(
      access,
      async (transaction) => {
        const row = await this.#lock(transaction, access.caller.tenant, id);
        const changed = await change(transaction, row);
        // Tokens say the old roles and the old period: they end now.
        await endSessions(transaction, { ofAccount: id });
        return { id, result: this.#view(changed) };
      },
      entityType,
    );
  }

  async #act<T>(
    access: RequestAccess,
    act: (transaction: Client) => Promise<{ id: string; result: T }>,
    entityType: EntityType = 'account',
  ): Promise<T> {
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const { id, result } = await act(transaction);
      await this.#accessLog.recordWithin(transaction, {
        ...access,
        outcome: 'success',
        entity: { type: entityType, id },
      });
      return result;
    });
  }

  /** Four eyes: what an administrator is, another administrator decides. */
  #notOneself(actor: Principal, id: string): void {
    if (actor.subject === id)
      throw new DomainError('own-work', 'another administrator must do this: nobody changes their own account');
  }

  async #lock(transaction: Client, tenant: TenantRef, id: string): Promise<Row> {
    const { rows } = await transaction.query<Row>(
      `SELECT ${COLUMNS} FROM account WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
      [tenant.id, id],
    );
    return rowOf(rows);
  }

  /** Whose access has no end: once nobody is left, nobody could ever let anybody in again. */
  async #keepAnAdministrator(transaction: Client, row: Row): Promise<void> {
    if (!row.roles.includes('administrator')) return;
    // Two who take each other's role at once: the second waits here and is refused.
    await transaction.query(`LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE`);
    const { rows } = await transaction.query(
      `SELECT FROM account WHERE id <> $1 AND 'administrator' = ANY (roles) AND enrolled_at IS NOT NULL AND disabled_at IS NULL
          AND access_until IS NULL AND (access_from IS NULL OR access_from <= $2)`,
      [row.id, this.#clock.now()],
    );
    if (rows.length === 0)
      throw new DomainError(
        'last-administrator',
        'make another administrator first, whose access has begun and has no end',
      );
  }

  async #invitation(transaction: Client, row: Row, actor: Principal): Promise<Invitation> {
    const secret = newOneTimeSecret();
    const expiresAt = new Date(this.#clock.now().getTime() + INVITATION_LIFE_MS);
    // An older one must not open what a newer one was made for.
    await transaction.query(`DELETE FROM enrolment WHERE account_id = $1`, [row.id]);
    await transaction.query(
      `INSERT INTO enrolment (digest, account_id, created_by, expires_at) VALUES ($1, $2, $3, $4)`,
      [secret.digest, row.id, actor.subject, expiresAt],
    );
    return { account: this.#view(row), secret: secret.text, expiresAt };
  }

  #view(row: Row): AccountView {
    const { id, login, roles, created_at: createdAt } = row;
    return { id, login, roles, state: this.#state(row), accessPeriod: periodOf(row), createdAt };
  }

  #state(row: Row): AccountView['state'] {
    if (row.disabled_at !== null) return 'disabled';
    if (row.enrolled_at === null) return 'invited';
    return row.locked_until !== null && row.locked_until > this.#clock.now() ? 'locked' : 'active';
  }
}

function periodOf({ access_from: from, access_until: until }: Pick<Row, 'access_from' | 'access_until'>): AccessPeriod {
  return { from, until };
}

function rowOf([row]: readonly Row[]): Row {
  if (row === undefined) throw new DomainError('unknown-account', 'no account of this tenant has this id');
  return row;
}
