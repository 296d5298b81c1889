// How a leaked password is named in leaked-passwords.ts.
import { createHash } from 'node:crypto';

/** Characters, as NFKC counts them. NIST SP 800-63B, revision 4, section 3.1.1.2 asks for 15, or 8 beside a second factor. */
export const SHORTEST_PASSWORD = 12;

/** Of forty thousand digests of forty bits, one in 25 million other passwords shares one. */
export const DIGEST_OCTETS = 5;

/** @returns the first {@link DIGEST_OCTETS} octets of SHA-256 over the lower-case password in NFKC and UTF-8 */
export function leakedDigest(password: string): Buffer {
  return createHash('sha256').update(password.normalize('NFKC').toLowerCase()).digest().subarray(0, DIGEST_OCTETS);
}
