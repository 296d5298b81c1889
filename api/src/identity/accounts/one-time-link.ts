// One-time secrets: the invitation of an account, the set-up of the first administrator, the reset of a password. 256 random bits,
// stored as their SHA-256.
import { createHash, randomBytes } from 'node:crypto';

export interface OneTimeSecret {
  readonly text: string;
  readonly digest: Buffer;
}

/** Of a password's reset one must not open the page that sets up a second factor: the digest is bound to what it is for. */
type Purpose = 'one-time-secret' | 'password-reset';

export function newOneTimeSecret(purpose: Purpose = 'one-time-secret'): OneTimeSecret {
  const text = randomBytes(32).toString('base64url');
  return { text, digest: digestOneTimeSecret(text, purpose) };
}

export function digestOneTimeSecret(text: string, purpose: Purpose = 'one-time-secret'): Buffer {
  return createHash('sha256').update(`medanchor/${purpose}/1\n${text.trim()}`).digest();
}
