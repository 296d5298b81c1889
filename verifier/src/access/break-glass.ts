// The reason for which a glass was broken, as the access log holds it: docs/spec/formats.md section 11.1. People write names and
// diagnoses into it, and an event is never changed; so the event has a salted commitment only, and whoever may see the reason gets
// the salt with it.

import { hashInput } from '../hash-input.ts';
import { hmacSha256 } from '../hash.ts';

/**
 * @param salt 32 random octets, of this use alone
 * @param reason as it was given
 * @returns 32 octets: `breakGlass` of every event of the request
 */
export function breakGlassCommitment(salt: Uint8Array, reason: string): Uint8Array {
  return hmacSha256(salt, hashInput().lp('medanchor/break-glass/1').lp(reason).copy());
}
