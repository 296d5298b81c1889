// Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator understands them) and
// recovery codes. The secret is stored encrypted, bound to its account.
import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { type FieldCipher } from '../../platform/keys/field-cipher.ts';

const ISSUER = 'MedAnchor';
/** Where the secret is stored; its row is the account's id. */
export const SECOND_FACTOR_COLUMN = { table: 'account', column: 'totp_secret' } as const;
const PERIOD_SECONDS = 30;
/** RFC 4226 section 4 asks for 16 octets at least; 32 are as many as a data key has. */
const SECRET_OCTETS = 32;
/** Steps before and after the present one that are taken: clocks differ, and people type slowly. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** Of five bits each. Codes given out before had 16, and still count. */
const RECOVERY_CODE_LENGTH = 26;

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

/** As it stands in the column. @throws {DomainError} `unavailable` when the key service cannot be reached */
export function encryptSecret(fields: FieldCipher, accountId: string, secret: Uint8Array): Promise<string> {
  return fields.encrypt({ ...SECOND_FACTOR_COLUMN, row: accountId }, Buffer.from(secret).toString('base64url'));
}

/** @throws {FieldDamagedError}; {DomainError} `unavailable` when the key service cannot be reached */
export async function decryptSecret(fields: FieldCipher, accountId: string, stored: string): Promise<Uint8Array> {
  return Buffer.from(await fields.decrypt({ ...SECOND_FACTOR_COLUMN, row: accountId }, stored), 'base64url');
}

/** Each with 130 random bits, which nobody guesses from a digest, for one use, shown once. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    new Secret({ size: 17 }).base32
      .slice(0, RECOVERY_CODE_LENGTH)
      .toLowerCase()
      .replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

/** What of a recovery code is stored; null when the text cannot be one. */
export function digestRecoveryCode(accountId: string, code: string): Buffer | null {
  const bare = code.toLowerCase().replaceAll(/[\s-]/g, '');
  if (!/^(?:[a-z2-7]{16}|[a-z2-7]{26})$/.test(bare)) return null;
  return createHash('sha256').update(`medanchor/recovery-code/1\n${accountId}\n${bare}`).digest();
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
