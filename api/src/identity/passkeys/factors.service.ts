// The second factors of an account, as their owner looks after them: an authenticator, passkeys, never none. Whoever calls has
// proved a moment ago to be the owner.
import { type AccessLog, type AccessEvent } from '../../platform/auth/access-log.port.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { type FieldCipher } from '../../platform/keys/field-cipher.ts';
import { accessEvent } from '../access-events.ts';
import { encryptSecret, stepOf } from '../accounts/second-factor.ts';
import { type PasskeyAnswer, type PasskeyCeremonies } from './passkey-ceremonies.ts';
import { MAX_PASSKEYS, passkeyName } from './passkey.rules.ts';
import { insertPasskey, passkeyEntity, passkeysOf, type FactorEntity, type StoredPasskey } from './passkey-store.ts';

export interface Factors {
  readonly hasAuthenticator: boolean;
  /** The oldest first. */
  readonly passkeys: readonly StoredPasskey[];
}

/** Who does it, and on which request. */
export interface FactorOwner {
  readonly accountId: string;
  readonly tenantId: string;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** What was wrong, in words for its owner; null when it is done. */
export type Fault = string | null;

const LAST = 'This is your only second factor. Add another one first.';
const GONE = 'There is no such passkey any more.';

interface Done {
  readonly action: AccessEvent['action'];
  readonly entity: FactorEntity;
}

export class FactorsService {
  readonly #pool: Pool;
  readonly #fields: FieldCipher;
  readonly #accessLog: AccessLog;
  readonly #clock: Clock;
  readonly #passkeys: PasskeyCeremonies;

  constructor(pool: Pool, fields: FieldCipher, accessLog: AccessLog, clock: Clock, passkeys: PasskeyCeremonies) {
    this.#pool = pool;
    this.#fields = fields;
    this.#accessLog = accessLog;
    this.#clock = clock;
    this.#passkeys = passkeys;
  }

  async list(accountId: string): Promise<Factors> {
    const { rows } = await this.#pool.query<{ found: boolean }>(
      `SELECT totp_secret IS NOT NULL AS found FROM account WHERE id = $1`,
      [accountId],
    );
    return { hasAuthenticator: rows[0]?.found ?? false, passkeys: await passkeysOf(this.#pool, accountId) };
  }

  async addPasskey(owner: FactorOwner, answer: PasskeyAnswer, typedName: string): Promise<Fault> {
    const passkey = await this.#passkeys.register(answer);
    if (passkey === null)
      return 'The passkey was not taken: the page was open for too long, or the device did not verify that it is you. Try again.';
    return this.#change(owner, async (transaction) => {
      if ((await passkeysOf(transaction, owner.accountId)).length >= MAX_PASSKEYS)
        return `An account has ${MAX_PASSKEYS} passkeys at most. Remove one first.`;
      const name = passkeyName(typedName, this.#clock.now());
      const id = await insertPasskey(transaction, owner.accountId, name, passkey);
      if (id === null) return 'This passkey is in use already.';
      return { action: 'factor.add', entity: passkeyEntity(owner.accountId, id) };
    });
  }

  async renamePasskey(owner: FactorOwner, id: string, typedName: string): Promise<Fault> {
    return this.#change(owner, async (transaction) => {
      const { rowCount } = await transaction.query(`UPDATE passkey SET name = $3 WHERE account_id = $1 AND id = $2`, [
        owner.accountId,
        id,
        passkeyName(typedName, this.#clock.now()),
      ]);
      if (rowCount !== 1) return GONE;
      return { action: 'factor.rename', entity: passkeyEntity(owner.accountId, id) };
    });
  }

  async removePasskey(owner: FactorOwner, id: string): Promise<Fault> {
    return this.#change(owner, async (transaction, hasAuthenticator) => {
      const passkeys = await passkeysOf(transaction, owner.accountId);
      if (!passkeys.some((passkey) => passkey.id === id)) return GONE;
      if (!hasAuthenticator && passkeys.length === 1) return LAST;
      await transaction.query(`DELETE FROM passkey WHERE account_id = $1 AND id = $2`, [owner.accountId, id]);
      return { action: 'factor.remove', entity: passkeyEntity(owner.accountId, id) };
    });
  }

  /** In place of the one before, if there was one. @param secret what the page showed @param code what the authenticator shows */
  async setAuthenticator(owner: FactorOwner, secret: Uint8Array, code: string): Promise<Fault> {
    const step = stepOf(secret, code.replaceAll(/\s/g, ''), this.#clock.now());
    if (step === null) return 'The code of the authenticator is not right. Is the clock of your device?';
    const stored = await encryptSecret(this.#fields, owner.accountId, secret);
    return this.#change(owner, async (transaction) => {
      await transaction.query(`UPDATE account SET totp_secret = $2, totp_step = $3 WHERE id = $1`, [
        owner.accountId,
        stored,
        step,
      ]);
      return { action: 'factor.add', entity: { type: 'authenticator', id: owner.accountId } };
    });
  }

  async removeAuthenticator(owner: FactorOwner): Promise<Fault> {
    return this.#change(owner, async (transaction, hasAuthenticator) => {
      if (!hasAuthenticator) return 'There is no authenticator any more.';
      if ((await passkeysOf(transaction, owner.accountId)).length === 0) return LAST;
      await transaction.query(`UPDATE account SET totp_secret = NULL WHERE id = $1`, [owner.accountId]);
      return { action: 'factor.remove', entity: { type: 'authenticator', id: owner.accountId } };
    });
  }

  /** One at a time for an account, so that of two removals the second sees what the first has left. */
  async #change(
    { accountId, ...owner }: FactorOwner,
    change: (transaction: Client, hasAuthenticator: boolean) => Promise<Done | string>,
  ): Promise<Fault> {
    return inTransaction(this.#pool, 'BEGIN', async (transaction) => {
      const { rows } = await transaction.query<{ found: boolean }>(
        `SELECT totp_secret IS NOT NULL AS found FROM account
          WHERE id = $1 AND enrolled_at IS NOT NULL AND disabled_at IS NULL FOR UPDATE`,
        [accountId],
      );
      const [account] = rows;
      if (account === undefined) return 'This account is closed.';
      const done = await change(transaction, account.found);
      if (typeof done === 'string') return done;
      await this.#accessLog.recordWithin(transaction, accessEvent({ ...done, ...owner, outcome: 'success' }));
      return null;
    });
  }
}
