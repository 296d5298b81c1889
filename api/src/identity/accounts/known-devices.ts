// Browsers in which the owner of an account has proved who they are: the table `sign_in_device`. Each holds a secret for that account,
// another one after every sign-in. It opens nothing: it says only that failures there are counted apart (docs/adr/0025).
import { createHash, randomBytes } from 'node:crypto';
import { type Queryable } from '../../platform/database/pool.ts';

/** For how long a browser is known after the last sign-in in it: 180 days. */
export const DEVICE_SECONDS = 180 * 24 * 3600;
/** Of one account; those that were not signed in with for longest are forgotten first. */
const MOST_DEVICES = 20;
const SECRET_OCTETS = 16;

export interface KnownDevice {
  readonly digest: Buffer;
  readonly failures: number;
}

/**
 * Its rows are changed under the lock of the account's row only: whoever holds that reads what is counted now.
 *
 * @param presented what the browser holds, of whichever accounts
 * @returns null unless one of these was given out for this account, is not over its time, was not forgotten, and is not locked
 */
export async function knownDevice(
  transaction: Queryable,
  accountId: string,
  presented: readonly string[],
  now: Date,
): Promise<KnownDevice | null> {
  const { rows } = await transaction.query<KnownDevice>(
    `SELECT digest, failures FROM sign_in_device
      WHERE account_id = $1 AND digest = ANY ($2) AND expires_at > $3 AND (locked_until IS NULL OR locked_until <= $3)
      ORDER BY failures LIMIT 1`,
    [accountId, presented.map(digestOf), now],
  );
  return rows[0] ?? null;
}

/**
 * For the transaction that has admitted the owner, and holds the lock of the account. What this browser held for the account until
 * now is worth nothing any more, in a copy of it neither.
 *
 * @param presented what the browser holds
 * @returns what it is to hold from now on, the newest first: of the rest what other accounts still know
 */
export async function rememberDevice(
  transaction: Queryable,
  accountId: string,
  presented: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const digests = presented.map(digestOf);
  await transaction.query(`DELETE FROM sign_in_device WHERE account_id = $1 AND digest = ANY ($2)`, [
    accountId,
    digests,
  ]);
  await transaction.query(
    `DELETE FROM sign_in_device WHERE digest IN
       (SELECT digest FROM sign_in_device WHERE account_id = $1 ORDER BY expires_at DESC OFFSET $2)`,
    [accountId, MOST_DEVICES - 1],
  );
  const { rows } = await transaction.query<{ digest: Buffer }>(
    `SELECT digest FROM sign_in_device WHERE digest = ANY ($1)`,
    [digests],
  );
  const others = new Set(rows.map(({ digest }) => digest.toString('hex')));
  const secret = randomBytes(SECRET_OCTETS).toString('base64url');
  await transaction.query(`INSERT INTO sign_in_device (digest, account_id, expires_at) VALUES ($1, $2, $3)`, [
    digestOf(secret),
    accountId,
    new Date(now.getTime() + DEVICE_SECONDS * 1000),
  ]);
  return [secret, ...presented.filter((_, i) => others.has(digests[i]?.toString('hex') ?? ''))];
}

/** Every browser is a stranger to this account again. */
export async function forgetDevices(transaction: Queryable, accountId: string): Promise<void> {
  // The account before its devices, as whoever counts a failure does it.
  await transaction.query(`SELECT FROM account WHERE id = $1 FOR UPDATE`, [accountId]);
  await transaction.query(`DELETE FROM sign_in_device WHERE account_id = $1`, [accountId]);
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(`medanchor/sign-in-device/1\n${secret}`).digest();
}
