// A forgotten password, while the second factor is still there: an administrator gives a link, on whose page the owner shows the second
// factor and chooses another password. Neither the link nor the factor alone changes anything (ASVS 6.4.3); the old
// password counts until then. For who has lost both there is AccountsService.reset.
import { type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Pool } from '../../platform/database/pool.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { accessEvent } from '../access-events.ts';
import { type PasskeyAnswer } from '../passkeys/passkey-ceremonies.ts';
import { endSessions } from '../issuer/session-ends.ts';
import { rememberDevice } from './known-devices.ts';
import { digestOneTimeSecret, newOneTimeSecret } from './one-time-link.ts';
import { hashPassword } from './password-hash.ts';
import { passwordFault } from './password.rules.ts';
import { type SignInService } from './sign-in.service.ts';

export interface PasswordReset {
  /** Shown once: opens the page `/password-reset`. It does not open `/invitation`, which asks for no second factor. */
  readonly secret: string;
  readonly expiresAt: Date;
}

export interface PasswordResetForm {
  readonly secret: string;
  readonly password: string;
  readonly repeated: string;
  /** Six digits of the authenticator, or a recovery code. */
  readonly code: string;
  /** In place of a code. */
  readonly passkey: PasskeyAnswer | undefined;
  /** What the browser holds of earlier sign-ins. */
  readonly devices: readonly string[];
  readonly address: string | null;
  readonly requestId: string | null;
}

export type PasswordResetResult =
  | { readonly done: true; readonly devices: readonly string[] }
  | { readonly done: false; readonly faults: readonly string[] };

interface Owner {
  readonly id: string;
  readonly login: string;
  readonly tenant_id: string;
}

const PURPOSE = 'password-reset';
const LIFE_MS = 24 * 3600 * 1000;

export const RESET_SPENT = 'This link is not valid: it was used, it is over its time, or a newer one was made.';
const NOT_PROVED =
  'The code or the passkey is not right, or the account is closed for a while. Wait for the next code and try again.';

export class PasswordResetService {
  readonly #pool: Pool;
  readonly #signIn: SignInService;
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;

  constructor(pool: Pool, signIn: SignInService, accessLog: AccessLog, clock: Clock) {
    this.#pool = pool;
    this.#signIn = signIn;
    this.#accessLog = accessLog;
    this.#clock = clock;
  }

  /**
   * A link for somebody of the caller's tenant. Older links of the account do not count any more.
   *
   * @throws {DomainError} `own-work`, `unknown-account`, `not-enrolled`
   */
  async offer(access: RequestAccess, accountId: string): Promise<PasswordReset> {
    if (access.caller.subject === accountId)
      throw new DomainError('own-work', 'one’s own password is changed at /account');
    const secret = newOneTimeSecret(PURPOSE);
    const expiresAt = new Date(this.#clock.now().getTime() + LIFE_MS);
    await inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const { rows } = await transaction.query<{ ready: boolean }>(
        `SELECT (enrolled_at IS NOT NULL AND disabled_at IS NULL) AS ready FROM account
          WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
        [access.caller.tenant.id, accountId],
      );
      const [account] = rows;
      if (account === undefined) throw new DomainError('unknown-account', 'no account of this tenant has this id');
      if (!account.ready)
        throw new DomainError(
          'not-enrolled',
          'this account has no second factor to ask for: it is closed, or was not taken up yet; POST …/reset invites anew',
        );
      await transaction.query(`DELETE FROM enrolment WHERE account_id = $1`, [accountId]);
      await transaction.query(
        `INSERT INTO enrolment (digest, account_id, created_by, expires_at) VALUES ($1, $2, $3, $4)`,
        [secret.digest, accountId, access.caller.subject, expiresAt],
      );
      await this.#accessLog.recordWithin(transaction, {
        ...access,
        outcome: 'success',
        entity: { type: 'account/password-reset', id: accountId },
      });
    });
    return { secret: secret.text, expiresAt };
  }

  /** @returns whose password the link is for, or null for one that opens nothing */
  async find(secret: string): Promise<{ readonly login: string } | null> {
    return this.#owner(this.#pool, secret, '');
  }

  /**
   * When it is done the password is changed, all sessions have ended, and the account knows this browser alone.
   *
   * @returns what the browser is to hold from now on, or what is wrong, in sentences
   */
  async complete(form: PasswordResetForm): Promise<PasswordResetResult> {
    const owner = await this.#owner(this.#pool, form.secret, '');
    if (owner === null) return { done: false, faults: [RESET_SPENT] };
    const faults = [
      passwordFault(form.password, owner.login),
      form.password === form.repeated ? null : 'The two passwords are not the same.',
    ].filter((fault) => fault !== null);
    if (faults.length > 0) return { done: false, faults };
    // Last of all, since a code is used up by it.
    if (!(await this.#signIn.provesFactor(owner.id, form))) return { done: false, faults: [NOT_PROVED] };
    const passwordHash = await hashPassword(form.password);
    const devices = await inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const row = await this.#owner(transaction, form.secret, 'FOR UPDATE OF e');
      if (row === null) return null;
      await transaction.query(`UPDATE account SET password_hash = $2 WHERE id = $1`, [row.id, passwordHash]);
      await endSessions(transaction, { ofAccount: row.id });
      await transaction.query(`UPDATE enrolment SET used_at = now() WHERE digest = $1`, [
        digestOneTimeSecret(form.secret, PURPOSE),
      ]);
      await this.#accessLog.recordWithin(
        transaction,
        accessEvent({
          action: 'account.manage',
          outcome: 'success',
          tenantId: row.tenant_id,
          entity: { type: 'account/password', id: row.id },
          address: form.address,
          requestId: form.requestId,
        }),
      );
      return rememberDevice(transaction, row.id, form.devices, this.#clock.now());
    });
    return devices === null ? { done: false, faults: [RESET_SPENT] } : { done: true, devices };
  }

  async #owner(database: Pick<Pool, 'query'>, secret: string, lock: string): Promise<Owner | null> {
    const { rows } = await database.query<Owner>(
      `SELECT a.id, a.login, a.tenant_id FROM enrolment e JOIN account a ON a.id = e.account_id
        WHERE e.digest = $1 AND e.used_at IS NULL AND e.expires_at > $2
          AND a.disabled_at IS NULL AND a.enrolled_at IS NOT NULL ${lock}`,
      [digestOneTimeSecret(secret, PURPOSE), this.#clock.now()],
    );
    return rows[0] ?? null;
  }
}
