// How an account gets its password and its second factor, an authenticator or a passkey or both: by a one-time secret, in one
// step, so that there is never an account with one of the two. The first administrator is made in the same way.
import { randomUUID } from 'node:crypto';
import { type AccessLog } from '../../platform/auth/access-log.port.ts';
import { OPERATOR_TENANT } from '../../platform/auth/principal.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type FieldCipher } from '../../platform/keys/field-cipher.ts';
import { accessEvent } from '../access-events.ts';
import { findTenant } from '../clients/tenants.ts';
import { type RequestOrigin } from '../issuer/request-origin.ts';
import { endSessions } from '../issuer/session-ends.ts';
import { type PasskeyAnswer, type PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { passkeyName } from '../passkeys/passkey.rules.ts';
import {
  insertPasskey,
  passkeyEntity,
  removePasskeysOf,
  type FactorEntity,
  type NewPasskey,
} from '../passkeys/passkey-store.ts';
import { rememberDevice } from './known-devices.ts';
import { digestOneTimeSecret, newOneTimeSecret } from './one-time-link.ts';
import { hashPassword } from './password-hash.ts';
import { loginFault, normaliseLogin, passwordFault } from './password.rules.ts';
import { digestRecoveryCode, newRecoveryCodes, stepOf, encryptSecret } from './second-factor.ts';

export interface Enrolment {
  /** null: the first administrator, who chooses a login. */
  readonly account: { readonly id: string; readonly login: string } | null;
}

export interface EnrolmentForm {
  readonly secret: string;
  /** Only for the first administrator. */
  readonly login: string;
  readonly password: string;
  readonly repeated: string;
  /** May be empty when there is a passkey: then the account gets no authenticator. */
  readonly code: string;
  /** What the page showed as QR code. */
  readonly totpSecret: Uint8Array;
  /** Only for the first administrator: the id that a passkey was made for. */
  readonly accountId?: string;
  readonly passkey?: (PasskeyAnswer & { readonly name: string }) | undefined;
  /** What the browser holds of earlier sign-ins. */
  readonly devices: readonly string[];
}

export type EnrolmentResult =
  | {
      readonly done: true;
      readonly login: string;
      readonly recoveryCodes: readonly string[];
      /** What the browser is to hold from now on: the account knows it, and no other. */
      readonly devices: readonly string[];
    }
  | { readonly done: false; readonly faults: readonly string[] };

/** How long somebody who has just proved who they are may take. */
const RENEWAL_LIFE_MS = 30 * 60_000;

/** Also when somebody chose another kind of key than was asked for, which no page does. */
const PASSKEY_REFUSED =
  'The passkey was not taken: the page was open for too long, or the device did not verify that it is you. Try again.';

const SPENT = 'This link or set-up secret is not valid: it was used, it is over its time, or it never was one.';

interface Row {
  readonly account_id: string | null;
  readonly login: string | null;
  readonly tenant_id: string | null;
}

export class EnrolmentService {
  readonly #pool: Pool;
  readonly #fields: FieldCipher;
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;
  readonly #passkeys: PasskeyCeremonies | undefined;

  /** @param passkeys undefined: none is taken */
  constructor(pool: Pool, fields: FieldCipher, accessLog: AccessLog, clock: Clock, passkeys?: PasskeyCeremonies) {
    this.#passkeys = passkeys;
    this.#pool = pool;
    this.#fields = fields;
    this.#accessLog = accessLog;
    this.#clock = clock;
  }

  /** @returns null for a secret that opens nothing */
  async find(secret: string): Promise<Enrolment | null> {
    const row = await this.#row(this.#pool, secret, '');
    if (row === null) return null;
    return { account: row.account_id === null ? null : { id: row.account_id, login: row.login ?? '' } };
  }

  /**
   * Lets the owner of an account choose a new password and set up a new second factor. The old ones count until then.
   *
   * @returns the one-time secret of the page on which that is done; an older one does not count any more
   */
  async renew(accountId: string): Promise<string> {
    const secret = newOneTimeSecret();
    const expiresAt = new Date(this.#clock.now().getTime() + RENEWAL_LIFE_MS);
    await inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      await transaction.query(`DELETE FROM enrolment WHERE account_id = $1`, [accountId]);
      await transaction.query(
        `INSERT INTO enrolment (digest, account_id, created_by, expires_at) VALUES ($1, $2, $3, $4)`,
        [secret.digest, accountId, accountId, expiresAt],
      );
    });
    return secret.text;
  }

  /** Nothing is written unless all of it is right; then all of it is, and the secret is spent. */
  async complete(form: EnrolmentForm, origin: RequestOrigin): Promise<EnrolmentResult> {
    const known = await this.find(form.secret);
    if (known === null) return { done: false, faults: [SPENT] };
    const login = known.account?.login ?? normaliseLogin(form.login);
    const code = form.code.replaceAll(/\s/g, '');
    const wantsAuthenticator = code !== '' || form.passkey === undefined;
    const step = wantsAuthenticator ? stepOf(form.totpSecret, code, this.#clock.now()) : null;
    const faults = [
      known.account === null ? loginFault(login) : null,
      passwordFault(form.password, login),
      form.password === form.repeated ? null : 'The two passwords are not the same.',
      wantsAuthenticator && step === null
        ? 'The code of the authenticator is not right. Is the clock of your device?'
        : null,
    ].filter((fault) => fault !== null);
    if (faults.length > 0) return { done: false, faults };
    const accountId = known.account?.id ?? form.accountId ?? randomUUID();
    const passkey = form.passkey === undefined ? null : await this.#passkeys?.register(form.passkey);
    if (passkey === undefined || (passkey === null && form.passkey !== undefined))
      return { done: false, faults: [PASSKEY_REFUSED] };
    const [passwordHash, wrapped] = await Promise.all([
      hashPassword(form.password),
      wantsAuthenticator ? encryptSecret(this.#fields, accountId, form.totpSecret) : null,
    ]);
    const recoveryCodes = newRecoveryCodes();
    const devices = await inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const row = await this.#row(transaction, form.secret, 'FOR UPDATE OF e');
      if (row === null) return null;
      const tenantId =
        row.account_id === null ? await this.#makeAdministrator(transaction, accountId, login) : (row.tenant_id ?? '');
      if (tenantId === null) return null;
      await transaction.query(
        `UPDATE account SET password_hash = $2, totp_secret = $3, totp_step = $4, enrolled_at = now(), failures = 0,
                locked_until = NULL WHERE id = $1`,
        [accountId, passwordHash, wrapped, step ?? 0n],
      );
      const removed = await removePasskeysOf(transaction, accountId);
      const added = await this.#addFactors(transaction, accountId, wrapped !== null, passkey, form.passkey?.name ?? '');
      // Whoever is signed in with the old password is not any more.
      await endSessions(transaction, { ofAccount: accountId });
      await transaction.query(`UPDATE enrolment SET used_at = now() WHERE digest = $1`, [
        digestOneTimeSecret(form.secret),
      ]);
      await transaction.query(`DELETE FROM recovery_code WHERE account_id = $1`, [accountId]);
      await transaction.query(`INSERT INTO recovery_code (account_id, digest) SELECT $1, unnest($2::bytea[])`, [
        accountId,
        recoveryCodes.map((code) => digestRecoveryCode(accountId, code)),
      ]);
      await this.#accessLog.recordWithin(
        transaction,
        accessEvent({
          action: 'account.manage',
          outcome: 'success',
          tenantId,
          entity: { type: 'account', id: accountId },
          ...origin,
        }),
      );
      const changes = [
        ...removed.map((entity) => ({ action: 'factor.remove', entity }) as const),
        ...added.map((entity) => ({ action: 'factor.add', entity }) as const),
      ];
      for (const change of changes)
        await this.#accessLog.recordWithin(
          transaction,
          accessEvent({ ...change, outcome: 'success', tenantId, ...origin }),
        );
      return rememberDevice(transaction, accountId, form.devices, this.#clock.now());
    });
    return devices === null ? { done: false, faults: [SPENT] } : { done: true, login, recoveryCodes, devices };
  }

  /** @returns the names of what the account has now, for the access log */
  async #addFactors(
    transaction: Client,
    accountId: string,
    authenticator: boolean,
    passkey: NewPasskey | null,
    name: string,
  ): Promise<readonly FactorEntity[]> {
    const added: FactorEntity[] = authenticator ? [{ type: 'authenticator', id: accountId }] : [];
    if (passkey === null) return added;
    const id = await insertPasskey(transaction, accountId, passkeyName(name, this.#clock.now()), passkey);
    // 256 random bits of an authenticator: only who copies another account's credential comes here.
    if (id === null) throw new DomainError('form-refused', 'this passkey belongs to another account');
    return [...added, passkeyEntity(accountId, id)];
  }

  /** @returns the tenant, or null when there is an administrator, or an account of that login, already */
  async #makeAdministrator(transaction: Client, accountId: string, login: string): Promise<string | null> {
    // Two at once: the second waits here and then finds the first one's account.
    await transaction.query(`LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE`);
    if (await hasAdministrator(transaction)) return null;
    const tenant = await findTenant(transaction, OPERATOR_TENANT);
    if (tenant === null) throw new Error('the tenant of the operator is made at the start');
    const { rowCount } = await transaction.query(
      `INSERT INTO account (id, tenant_id, login, roles) VALUES ($1, $2, $3, '{administrator}') ON CONFLICT (login) DO NOTHING`,
      [accountId, tenant.id, login],
    );
    return rowCount === 1 ? tenant.id : null;
  }

  async #row(database: Pick<Pool, 'query'>, secret: string, lock: string): Promise<Row | null> {
    const { rows } = await database.query<Row>(
      `SELECT e.account_id, a.login, a.tenant_id FROM enrolment e LEFT JOIN account a ON a.id = e.account_id
        WHERE e.digest = $1 AND e.used_at IS NULL AND e.expires_at > $2 AND a.disabled_at IS NULL ${lock}`,
      [digestOneTimeSecret(secret), this.#clock.now()],
    );
    return rows[0] ?? null;
  }
}

/** One who can sign in: an invitation that nobody has taken up is no administrator yet. */
export async function hasAdministrator(database: Pick<Pool, 'query'>): Promise<boolean> {
  const { rows } = await database.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM account
      WHERE 'administrator' = ANY (roles) AND enrolled_at IS NOT NULL AND disabled_at IS NULL) AS found`,
  );
  return rows[0]?.found ?? false;
}
