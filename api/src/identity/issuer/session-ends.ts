// Ending sessions: the session, its grants, its refresh tokens and codes go in one transaction, and its access tokens are
// named as revoked. Used by people, administrators, and whatever changes an account.
import { type Pool } from '../../platform/database/pool.ts';
import { forgetDevices } from '../accounts/known-devices.ts';

/** No access token lives longer than 300 s; the rest is for clocks that differ. */
const KEEP_SECONDS = 420;

export type Sessions = { readonly ofAccount: string } | { readonly uid: string; readonly ofAccount: string };

/**
 * Who is signed out everywhere is known to no browser any more: one of them may be somebody else's.
 *
 * @returns the uids of what was ended
 */
export async function endSessions(transaction: Pick<Pool, 'query'>, which: Sessions): Promise<readonly string[]> {
  const uid = 'uid' in which ? which.uid : null;
  if (uid === null) await forgetDevices(transaction, which.ofAccount);
  // Also sessions that are gone, but whose tokens may live: their uid stands in refresh tokens and codes.
  const { rows } = await transaction.query<{ uid: string }>(
    `SELECT DISTINCT coalesce(uid, session_uid) AS uid FROM oidc_model
      WHERE account_id = $1 AND type IN ('Session', 'RefreshToken', 'AuthorizationCode')
        AND coalesce(uid, session_uid) IS NOT NULL AND ($2::text IS NULL OR coalesce(uid, session_uid) = $2)`,
    [which.ofAccount, uid],
  );
  const uids = rows.map((row) => row.uid);
  await transaction.query(
    `WITH gone AS (
       DELETE FROM oidc_model WHERE account_id = $1 AND ($3 OR uid = ANY ($2) OR session_uid = ANY ($2)) RETURNING grant_id, payload),
     grants AS (
       SELECT grant_id FROM gone WHERE grant_id IS NOT NULL
       UNION SELECT a.value->>'grantId' FROM gone, jsonb_each(coalesce(gone.payload->'authorizations', '{}')) a)
     DELETE FROM oidc_model WHERE grant_id IN (SELECT grant_id FROM grants)`,
    [which.ofAccount, uids, uid === null],
  );
  await revokeSessions(transaction, uids);
  return uids;
}

/** Access tokens of these sessions are worth nothing from now on. */
export async function revokeSessions(database: Pick<Pool, 'query'>, uids: readonly string[]): Promise<void> {
  await revoke(database, 'session', uids);
}

/**
 * And those of this client.
 *
 * @param issuedUntil only those of this time and before; in whole seconds, as `iat` is: of that very second, all of them
 */
export async function revokeClient(
  database: Pick<Pool, 'query'>,
  clientId: string,
  issuedUntil: Date | null,
): Promise<void> {
  await revoke(database, 'client', [clientId], issuedUntil);
}

async function revoke(
  database: Pick<Pool, 'query'>,
  kind: 'session' | 'client',
  ids: readonly string[],
  issuedUntil: Date | null = null,
): Promise<void> {
  await database.query(
    `INSERT INTO token_revocation (kind, id, expires_at, issued_until)
     SELECT $3, unnest($1::text[]), now() + make_interval(secs => $2), $4::timestamptz
     ON CONFLICT (kind, id) DO UPDATE SET expires_at = excluded.expires_at,
       -- What ended all tokens is not narrowed by what ends some.
       issued_until = CASE WHEN num_nulls(token_revocation.issued_until, excluded.issued_until) = 0
                           THEN greatest(token_revocation.issued_until, excluded.issued_until) END`,
    [[...ids], KEEP_SECONDS, kind, issuedUntil],
  );
}
