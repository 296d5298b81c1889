// The table `passkey`. Credential ids and public keys stand there in clear: they open nothing.
import { randomUUID } from 'node:crypto';
import { type Queryable } from '../../platform/database/pool.ts';
import { counterHolds } from './passkey.rules.ts';

export interface StoredPasskey {
  readonly id: string;
  readonly credentialId: Uint8Array<ArrayBuffer>;
  /** COSE_Key (RFC 9052). */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly signCount: number;
  readonly backupEligible: boolean;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What the authenticator made. */
export type NewPasskey = Pick<StoredPasskey, 'credentialId' | 'publicKey' | 'signCount' | 'backupEligible'>;

interface Row {
  readonly id: string;
  readonly credential_id: Buffer;
  readonly public_key: Buffer;
  readonly sign_count: bigint;
  readonly backup_eligible: boolean;
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

/** The oldest first. */
export async function passkeysOf(database: Queryable, accountId: string): Promise<readonly StoredPasskey[]> {
  const { rows } = await database.query<Row>(
    `SELECT id, credential_id, public_key, sign_count, backup_eligible, name, created_at, last_used_at
       FROM passkey WHERE account_id = $1 ORDER BY created_at, id`,
    [accountId],
  );
  return rows.map((row) => ({
    id: row.id,
    credentialId: new Uint8Array(row.credential_id),
    publicKey: new Uint8Array(row.public_key),
    signCount: Number(row.sign_count),
    backupEligible: row.backup_eligible,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

/** @returns its id, or null when this credential is an account's already (WebAuthn section 7.1 step 26) */
export async function insertPasskey(
  transaction: Queryable,
  accountId: string,
  name: string,
  passkey: NewPasskey,
): Promise<string | null> {
  const { credentialId, publicKey, signCount, backupEligible } = passkey;
  const { rows } = await transaction.query<{ id: string }>(
    `INSERT INTO passkey (id, account_id, credential_id, public_key, sign_count, backup_eligible, name)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (credential_id) DO NOTHING RETURNING id`,
    [randomUUID(), accountId, Buffer.from(credentialId), Buffer.from(publicKey), signCount, backupEligible, name],
  );
  return rows[0]?.id ?? null;
}

/**
 * Notes a use. The row is locked, so that of two with one counter the second is found out.
 *
 * @returns `regressed` when the counter does not hold; `gone` when the passkey was removed in the meantime
 */
export async function usePasskey(
  transaction: Queryable,
  id: string,
  signCount: number,
  now: Date,
): Promise<'used' | 'regressed' | 'gone'> {
  const { rows } = await transaction.query<{ sign_count: bigint }>(
    `SELECT sign_count FROM passkey WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return 'gone';
  if (!counterHolds(Number(row.sign_count), signCount)) return 'regressed';
  await transaction.query(`UPDATE passkey SET sign_count = $2, last_used_at = $3 WHERE id = $1`, [id, signCount, now]);
  return 'used';
}

/** All of an account. @returns their names for the access log */
export async function removePasskeysOf(transaction: Queryable, accountId: string): Promise<readonly FactorEntity[]> {
  const { rows } = await transaction.query<{ id: string }>(`DELETE FROM passkey WHERE account_id = $1 RETURNING id`, [
    accountId,
  ]);
  return rows.map(({ id }) => passkeyEntity(accountId, id));
}

/** A second factor in the access log. The id of an authenticator is its account's. */
export interface FactorEntity {
  readonly type: 'passkey' | 'authenticator';
  readonly id: string;
}

/** With its account, since the row may be gone when the event is read. */
export function passkeyEntity(accountId: string, id: string): FactorEntity {
  return { type: 'passkey', id: `${accountId}/${id}` };
}
