import { type Pool } from '../../platform/database/pool.ts';

/** Removes what is over its time. Nothing depends on it being gone: whoever reads looks at the time too. */
export async function sweepIssuer(pool: Pool): Promise<void> {
  await pool.query(`DELETE FROM oidc_model WHERE expires_at <= now()`);
  await pool.query(`DELETE FROM token_revocation WHERE expires_at <= now()`);
  await pool.query(`DELETE FROM passkey_challenge WHERE expires_at <= now()`);
  await pool.query(`DELETE FROM sign_in_device WHERE expires_at <= now()`);
  await pool.query(`DELETE FROM enrolment WHERE expires_at <= now()`);
}
