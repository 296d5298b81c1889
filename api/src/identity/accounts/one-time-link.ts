// One-time secrets: the invitation of an account, and the set-up of the first administrator. 256 random bits, stored as
// their SHA-256.
import { createHash, randomBytes } from 'node:crypto';

export interface OneTimeSecret {
  readonly text: string;
  readonly digest: Buffer;
}

export function newOneTimeSecret(): OneTimeSecret {
  const text = randomBytes(32).toString('base64url');
  return { text, digest: digestOneTimeSecret(text) };
}

export function digestOneTimeSecret(text: string): Buffer {
  return createHash('sha256').update(`medanchor/one-time-secret/1\n${text.trim()}`).digest();
}
