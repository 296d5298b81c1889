// Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator understands them) and
// recovery codes. The secret is stored wrapped by the key provider, bound to its account.
import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';

const ISSUER = 'MedAnchor';
const PERIOD_SECONDS = 30;
/** RFC 4226 section 4 asks for 16 octets at least; 32 are what key providers wrap. */
const SECRET_OCTETS = 32;
/** Steps before and after the present one that are taken: clocks differ, and people type slowly. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

export function newSecret(): Uint8Array {
  return randomBytes(SECRET_OCTETS);
}

/** For a QR code, and in base32 for typing. */
export function describeSecret(secret: Uint8Array, login: string): { uri: string; text: string } {
  const totp = totpOf(secret, login);
  return { uri: totp.toString(), text: totp.secret.base32.replaceAll(/(.{4})(?=.)/g, '$1 ') };
}

/** @returns the number of the step that the code belongs to, or null for a wrong code */
export function stepOf(secret: Uint8Array, code: string, now: Date): bigint | null {
  if (!/^[0-9]{6}$/.test(code)) return null;
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  if (delta === null) return null;
  return BigInt(Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta);
}

export async function wrapSecret(keys: KeyProvider, accountId: string, secret: Uint8Array): Promise<Uint8Array> {
  const [wrapped] = await keys.wrap([{ key: secret, context: contextOf(accountId) }]);
  if (wrapped === undefined) throw new Error('the key provider wrapped nothing');
  return wrapped;
}

/** @throws {KeyUnwrapError} when the stored secret was changed, moved, or wrapped by another key */
export async function unwrapSecret(keys: KeyProvider, accountId: string, wrapped: Uint8Array): Promise<Uint8Array> {
  const [secret] = await keys.unwrap([{ wrapped, context: contextOf(accountId) }]);
  if (secret === undefined) throw new Error('the key provider unwrapped nothing');
  if (secret instanceof Error) throw secret;
  return secret;
}

/** Each with 80 random bits, for one use, shown once. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    new Secret({ size: 10 }).base32.toLowerCase().replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

/** What of a recovery code is stored; null when the text cannot be one. */
export function digestRecoveryCode(accountId: string, code: string): Buffer | null {
  const bare = code.toLowerCase().replaceAll(/[\s-]/g, '');
  if (!/^[a-z2-7]{16}$/.test(bare)) return null;
  return createHash('sha256').update(`medanchor/recovery-code/1\n${accountId}\n${bare}`).digest();
}

function contextOf(accountId: string): string {
  return `totp:${accountId}`;
}

function totpOf(secret: Uint8Array, label: string): TOTP {
  const { buffer, byteOffset, byteLength } = secret;
  return new TOTP({
    issuer: ISSUER,
    label: label === '' ? 'account' : label,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    secret: new Secret({ buffer: buffer.slice(byteOffset, byteOffset + byteLength) }),
  });
}
