// The one-time set-up secret of an installation that has no administrator: in a file that only the operator can read, never
// in a log. Whoever can read that file has the database too; nobody else can make the first account.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Clock } from '../../platform/clock/clock.ts';
import { inTransaction, type Pool } from '../../platform/database/pool.ts';
import { hasAdministrator } from './enrolment.service.ts';
import { digestOneTimeSecret, newOneTimeSecret } from './one-time-link.ts';

const LIFE_MS = 24 * 3600 * 1000;

/** Asked at every start. @returns whether the file holds a secret that is good now */
export async function offerSetup(pool: Pool, clock: Clock, file: string): Promise<boolean> {
  return inTransaction(pool, 'BEGIN', async (transaction) => {
    // Of several processes that start at once, one makes the secret; the others find it.
    await transaction.query(`LOCK TABLE enrolment IN SHARE ROW EXCLUSIVE MODE`);
    if (await hasAdministrator(transaction)) {
      rmSync(file, { force: true });
      return false;
    }
    const now = clock.now();
    const present = readIfThere(file);
    if (present !== null) {
      const { rows } = await transaction.query(
        `SELECT FROM enrolment WHERE account_id IS NULL AND digest = $1 AND used_at IS NULL AND expires_at > $2`,
        [digestOneTimeSecret(present), now],
      );
      if (rows.length > 0) return true;
    }
    const secret = newOneTimeSecret();
    await transaction.query(`DELETE FROM enrolment WHERE account_id IS NULL`);
    await transaction.query(`INSERT INTO enrolment (digest, expires_at) VALUES ($1, $2)`, [
      secret.digest,
      new Date(now.getTime() + LIFE_MS),
    ]);
    replacePrivately(file, `${secret.text}\n`);
    return true;
  });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Never a moment in which others can read it: made with its mode under another name. */
function replacePrivately(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    rmSync(file, { force: true });
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
