// Failures in a row, counted in one of two places: of all browsers that the account does not know together, or of one that it knows
// alone. A stranger's guesses close the account to strangers; they neither close nor open a known browser, nor do its own close
// the account (docs/adr/0025).
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Pool, type Queryable } from '../../platform/database/pool.ts';
import { knownDevice } from './known-devices.ts';
import { lockSeconds } from './lockout.rules.ts';

export interface Counter {
  readonly accountId: string;
  /** Of the browser, by its digest; null: of the account, for all that it does not know. */
  readonly device: Buffer | null;
}

export interface Counted extends Counter {
  /** Whether the attempt may be judged. */
  readonly open: boolean;
  /** Whether it has closed this place for the next ones. */
  readonly locked: boolean;
}

/**
 * Before the attempt is judged. Under the lock of the account's row, so that many at once are counted one after another, also where
 * a known browser is the place.
 *
 * @param devices what the browser holds; none that is good counts as a stranger
 */
export async function countFailure(
  pool: Pool,
  clock: Clock,
  accountId: string,
  devices: readonly string[],
): Promise<Counted> {
  return inTransaction(pool, 'BEGIN', async (transaction) => {
    const { rows } = await transaction.query<{ failures: number; locked_until: Date | null }>(
      `SELECT failures, locked_until FROM account WHERE id = $1 FOR UPDATE`,
      [accountId],
    );
    // After the lock was waited for: whoever came first may have used one of the guesses.
    const now = clock.now();
    const [account] = rows;
    // A statement of its own: one with the lock would see the devices as they were before it.
    const known = await knownDevice(transaction, accountId, devices, now);
    const failures = (known ?? account ?? { failures: 0 }).failures + 1;
    const seconds = lockSeconds(failures);
    const lockedUntil = seconds === 0 ? null : new Date(now.getTime() + seconds * 1000);
    if (known !== null) {
      await transaction.query(`UPDATE sign_in_device SET failures = $2, locked_until = $3 WHERE digest = $1`, [
        known.digest,
        failures,
        lockedUntil,
      ]);
      return { accountId, device: known.digest, open: true, locked: seconds > 0 };
    }
    // Sent for nobody's account too: it finds no row.
    await transaction.query(
      `UPDATE account SET failures = $2, locked_until = $3 WHERE id = $1 AND (locked_until IS NULL OR locked_until <= $4)`,
      [accountId, failures, lockedUntil, now],
    );
    const open = account !== undefined && (account.locked_until === null || account.locked_until <= now);
    return { accountId, device: null, open, locked: open && seconds > 0 };
  });
}

/**
 * After a success, in its transaction: counting begins anew there. Elsewhere it does not: each time that the owner signs in would
 * give strangers their guesses back.
 */
export async function clearFailures(transaction: Queryable, { accountId, device }: Counter): Promise<void> {
  if (device === null)
    await transaction.query(`UPDATE account SET failures = 0, locked_until = NULL WHERE id = $1`, [accountId]);
  else
    await transaction.query(`UPDATE sign_in_device SET failures = 0, locked_until = NULL WHERE digest = $1`, [device]);
}
