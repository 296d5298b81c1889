// Is this the owner of the account? Login, password and second factor are judged together and answered with yes or no: what
// was wrong, whether there is such an account, and whether it is closed is never said, in words or in time. Only its owner, who has
// shown all of them, is told that access has not begun or is over.
import { randomBytes, randomUUID } from 'node:crypto';
import { placeInPeriod, type PlaceInPeriod } from '../../platform/auth/access-period.rules.ts';
import { type AccessLog } from '../../platform/auth/access-log.port.ts';
import { type Role } from '../../platform/auth/principal.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { type FieldCipher } from '../../platform/keys/field-cipher.ts';
import { accessEvent } from '../access-events.ts';
import { type Assertion, type PasskeyAnswer, type PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { PASSKEY_FACTORS } from '../passkeys/passkey.rules.ts';
import { passkeyEntity, usePasskey } from '../passkeys/passkey-store.ts';
import { clearFailures, countFailure, type Counted, type Counter } from './failure-count.ts';
import { rememberDevice } from './known-devices.ts';
import { hashPassword, matchesPassword } from './password-hash.ts';
import { normaliseLogin } from './password.rules.ts';
import { digestRecoveryCode, newSecret, stepOf, decryptSecret, encryptSecret } from './second-factor.ts';

export interface Attempt {
  readonly login: string;
  readonly password: string;
  /** Six digits of the authenticator, or a recovery code. */
  readonly code: string;
  /** In place of a code, which is not looked at then. */
  readonly passkey?: PasskeyAnswer | undefined;
  /** What the browser holds of earlier sign-ins: failures of one that the account knows are counted apart. */
  readonly devices: readonly string[];
  /** Whether the account is to know this browser from now on. */
  readonly remember: boolean;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** Of whom is known already. */
type FactorAttempt = Omit<Attempt, 'login' | 'password' | 'remember'>;

export interface SignedIn {
  readonly accountId: string;
  readonly tenantId: string;
  /** RFC 8176. */
  readonly factors: readonly string[];
  /** What the browser is to hold from now on, when it is to be remembered. */
  readonly devices: readonly string[];
}

/** An attempt that has been counted, and what a success is for. */
interface Trial extends FactorAttempt, Counter {
  /** Otherwise what it was proved for is recorded by itself. */
  readonly signsIn: boolean;
  readonly remember: boolean;
}

/** A recovery code is a one-time password too. */
const CODE_FACTORS: readonly string[] = ['pwd', 'otp', 'mfa'];

/** The owner of the account, outside of its access period. */
export interface OutsidePeriod {
  readonly outside: Exclude<PlaceInPeriod, 'within'>;
}

interface Candidate {
  readonly id: string;
  readonly tenantId: string | null;
  readonly roles: readonly Role[];
  /** At the moment of the attempt. */
  readonly place: PlaceInPeriod;
  readonly passwordHash: string;
  /** null: this account has passkeys only. */
  readonly totpSecret: string | null;
}

interface Decoy extends Candidate {
  readonly totpSecret: string;
}

/** Longer texts are nobody's; refused here, so that no work is done on them. */
const LONGEST_INPUT = 1024;

export class SignInService {
  readonly #pool: Pool;
  readonly #fields: FieldCipher;
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;
  readonly #passkeys: PasskeyCeremonies | undefined;
  #decoy: Promise<Decoy> | undefined;

  /** @param passkeys undefined: none is taken */
  constructor(pool: Pool, fields: FieldCipher, accessLog: AccessLog, clock: Clock, passkeys?: PasskeyCeremonies) {
    this.#passkeys = passkeys;
    this.#pool = pool;
    this.#fields = fields;
    this.#accessLog = accessLog;
    this.#clock = clock;
  }

  /**
   * Counts as a failure before it is judged, so that many guesses at once are not more than as many one after another.
   *
   * @returns null for every kind of no but one that only the owner can meet
   */
  async attempt(attempt: Attempt): Promise<SignedIn | OutsidePeriod | null> {
    const { password, code } = attempt;
    if ([attempt.login, password, code].some((text) => text.length > LONGEST_INPUT)) return null;
    const found = await this.#find('login', normaliseLogin(attempt.login));
    // Nobody's account goes the same way, with a password that nobody knows.
    const decoy = await (this.#decoy ??= this.#makeDecoy());
    const candidate = found ?? decoy;
    const counted = await countFailure(this.#pool, this.#clock, candidate.id, attempt.devices);
    // Who has no authenticator goes the same way too.
    const { id, totpSecret } =
      candidate.totpSecret === null ? decoy : { ...candidate, totpSecret: candidate.totpSecret };
    const [passwordIsRight, secret, assertion] = await Promise.all([
      matchesPassword(password, candidate.passwordHash),
      decryptSecret(this.#fields, id, totpSecret),
      this.#assert(candidate.id, attempt.passkey),
    ]);
    const shown = stepOf(secret, code.replaceAll(/\s/g, ''), this.#clock.now());
    const step = candidate.totpSecret === null ? null : shown;
    let judged = assertion;
    if (counted.open && passwordIsRight && found !== null) {
      const within = found.place === 'within';
      const trial = { ...attempt, ...counted, signsIn: true, remember: within && attempt.remember };
      const outcome = await this.#admitEither(found, step, assertion, trial);
      if (outcome.signedIn !== null) return found.place === 'within' ? outcome.signedIn : { outside: found.place };
      judged = outcome.judged;
    }
    await this.#recordFailure(found, counted, attempt, judged);
    return null;
  }

  /** @returns null when no passkey was sent */
  async #assert(accountId: string, answer: PasskeyAnswer | undefined): Promise<Assertion | null> {
    if (answer === undefined) return null;
    return (await this.#passkeys?.assert(accountId, answer)) ?? { result: 'refused', id: null };
  }

  /**
   * The second factor alone, of somebody whose link says who they are. Counted and used up as at signing in, so that it is guessed
   * neither here nor by turns.
   */
  async provesFactor(accountId: string, attempt: FactorAttempt): Promise<boolean> {
    if (attempt.code.length > LONGEST_INPUT) return false;
    const account = await this.#find('id', accountId);
    if (account === null) return false;
    const counted = await countFailure(this.#pool, this.#clock, account.id, attempt.devices);
    const { id, totpSecret } = account;
    const secret = totpSecret === null ? null : await decryptSecret(this.#fields, id, totpSecret);
    const step = secret === null ? null : stepOf(secret, attempt.code.replaceAll(/\s/g, ''), this.#clock.now());
    const assertion = await this.#assert(id, attempt.passkey);
    let judged = assertion;
    if (counted.open) {
      const trial = { ...attempt, ...counted, signsIn: false, remember: false };
      const outcome = await this.#admitEither(account, step, assertion, trial);
      if (outcome.signedIn !== null) return true;
      judged = outcome.judged;
    }
    await this.#recordFailure(account, counted, attempt, judged);
    return false;
  }

  /** By the passkey when one was sent, else by the code. @returns also what is to be recorded of the passkey */
  async #admitEither(
    account: Candidate,
    step: bigint | null,
    assertion: Assertion | null,
    trial: Trial,
  ): Promise<{ signedIn: SignedIn | null; judged: Assertion | null }> {
    if (assertion === null) return { signedIn: await this.#admit(account, step, trial), judged: null };
    const admitted = await this.#admitPasskey(account, assertion, trial);
    if (admitted !== 'regressed') return { signedIn: admitted, judged: assertion };
    return { signedIn: null, judged: assertion.result === 'valid' ? { ...assertion, result: 'regressed' } : assertion };
  }

  async #find(by: 'login' | 'id', value: string): Promise<Candidate | null> {
    const { rows } = await this.#pool.query<{
      id: string;
      tenant_id: string;
      roles: Role[];
      password_hash: string;
      totp_secret: string | null;
      access_from: Date | null;
      access_until: Date | null;
    }>(
      `SELECT id, tenant_id, roles, password_hash, totp_secret, access_from, access_until FROM account
        WHERE ${by} = $1 AND disabled_at IS NULL AND enrolled_at IS NOT NULL`,
      [value],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      id: row.id,
      tenantId: row.tenant_id,
      roles: row.roles,
      place: placeInPeriod({ from: row.access_from, until: row.access_until }, this.#clock.now()),
      passwordHash: row.password_hash,
      totpSecret: row.totp_secret,
    };
  }

  async #makeDecoy(): Promise<Decoy> {
    const id = randomUUID();
    const [passwordHash, totpSecret] = await Promise.all([
      hashPassword(randomBytes(32).toString('base64url')),
      encryptSecret(this.#fields, id, newSecret()),
    ]);
    return { id, tenantId: null, roles: [], place: 'within', passwordHash, totpSecret };
  }

  /** Uses the second factor up and begins counting anew, in one transaction with the event. */
  async #admit(account: Candidate, step: bigint | null, trial: Trial): Promise<SignedIn | null> {
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      if (step === null) {
        const digest = digestRecoveryCode(account.id, trial.code);
        const used = await transaction.query(
          `UPDATE recovery_code SET used_at = now() WHERE account_id = $1 AND digest = $2 AND used_at IS NULL`,
          [account.id, digest],
        );
        if (used.rowCount !== 1) return null;
      }
      // RFC 6238 section 5.2: a code is taken once, and none from before it.
      const admitted = await transaction.query(
        `UPDATE account SET totp_step = coalesce($2, totp_step)
          WHERE id = $1 AND disabled_at IS NULL AND ($2::bigint IS NULL OR (totp_secret IS NOT NULL AND totp_step < $2))`,
        [account.id, step],
      );
      if (admitted.rowCount !== 1) return null;
      if (trial.signsIn)
        await this.#recordSuccess(transaction, account, trial, step === null ? 'recovery-code' : 'otp');
      return this.#welcome(transaction, account, CODE_FACTORS, trial);
    });
  }

  /** The same with a passkey: its counter moves on. */
  async #admitPasskey(account: Candidate, assertion: Assertion, trial: Trial): Promise<SignedIn | 'regressed' | null> {
    if (assertion.result !== 'valid') return null;
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      // The account before its passkeys, as whoever removes one does it.
      const { rows } = await transaction.query(
        `SELECT FROM account WHERE id = $1 AND disabled_at IS NULL AND enrolled_at IS NOT NULL FOR UPDATE`,
        [account.id],
      );
      if (rows.length === 0) return null;
      const used = await usePasskey(transaction, assertion.id, assertion.signCount, this.#clock.now());
      if (used !== 'used') return used === 'regressed' ? used : null;
      if (trial.signsIn) await this.#recordSuccess(transaction, account, trial, 'passkey');
      await this.#accessLog.recordWithin(
        transaction,
        accessEvent({
          action: 'factor.use',
          outcome: 'success',
          tenantId: account.tenantId,
          entity: passkeyEntity(account.id, assertion.id),
          address: trial.address,
          requestId: trial.requestId,
        }),
      );
      return this.#welcome(transaction, account, PASSKEY_FACTORS, trial);
    });
  }

  async #welcome(
    transaction: Client,
    { id: accountId, tenantId }: Candidate,
    factors: readonly string[],
    trial: Trial,
  ): Promise<SignedIn> {
    await clearFailures(transaction, { accountId, device: trial.device });
    const devices = trial.remember
      ? await rememberDevice(transaction, accountId, trial.devices, this.#clock.now())
      : trial.devices;
    return { accountId, tenantId: tenantId ?? '', factors, devices };
  }

  /** @param factor beside the password, which every sign-in has */
  async #recordSuccess(
    transaction: Client,
    account: Candidate,
    { address, requestId }: FactorAttempt,
    factor: 'otp' | 'recovery-code' | 'passkey',
  ): Promise<void> {
    await this.#accessLog.recordWithin(
      transaction,
      accessEvent({
        action: 'sign-in',
        // What was shown was right; it opens nothing outside of the period.
        outcome: account.place === 'within' ? 'success' : 'denied',
        tenantId: account.tenantId,
        entity: { type: `account/${factor}`, id: account.id },
        address,
        requestId,
      }),
    );
  }

  async #recordFailure(
    account: Candidate | null,
    { locked, device }: Counted,
    { address, requestId }: FactorAttempt,
    assertion: Assertion | null,
  ): Promise<void> {
    const about = {
      tenantId: account?.tenantId ?? null,
      entity: account === null ? null : { type: 'account', id: account.id },
      address,
      requestId,
    };
    await this.#accessLog.record(accessEvent({ action: 'sign-in', outcome: 'failure', ...about }));
    if (assertion !== null) {
      const entity = account === null || assertion.id === null ? about.entity : passkeyEntity(account.id, assertion.id);
      const action = assertion.result === 'regressed' ? 'factor.clone' : 'factor.use';
      await this.#accessLog.record(accessEvent({ action, outcome: 'failure', ...about, entity }));
    }
    if (!locked || account === null) return;
    const entity = { type: device === null ? 'account' : 'account/device', id: account.id };
    await this.#accessLog.record(accessEvent({ action: 'account.lock', outcome: 'success', ...about, entity }));
  }
}
