// When a sign-in ends: eight hours after it, however often it is used, and earlier when it is not used (NIST SP 800-63B, revision 4,
// section 2.2.3).

/** A working day: then the password is asked for again, whatever was refreshed in between. */
export const SESSION_SECONDS = 8 * 3600;

/**
 * @param signedInAt seconds since 1970; undefined: nobody has signed in yet
 * @param now in seconds since 1970
 * @param idleSeconds SESSION_IDLE_TIMEOUT_MS
 * @returns for how long a session, or a refresh token of it, that is used now lasts without another use; at least one second
 */
export function secondsLeft(signedInAt: number | undefined, now: number, idleSeconds: number): number {
  return Math.max(1, Math.min(idleSeconds, (signedInAt ?? now) + SESSION_SECONDS - now));
}
