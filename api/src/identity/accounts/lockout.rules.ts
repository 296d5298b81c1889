// How long an account is closed after failures in a row. NIST SP 800-63B section 3.2.2: at most a hundred; here the fifth
// closes it for a minute, and each further one for twice as long, up to an hour. A success begins anew.

const FREE_FAILURES = 4;
const FIRST_SECONDS = 60;
const LONGEST_SECONDS = 3600;

/** @param failures in a row, the present one included. @returns seconds; 0: it stays open */
export function lockSeconds(failures: number): number {
  if (failures <= FREE_FAILURES) return 0;
  return Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(20, failures - FREE_FAILURES - 1));
}
