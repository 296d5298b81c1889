// Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator understands them) and
// recovery codes. The secret is stored wrapped by the key provider, bound to its account.
import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { KeyUnwrapError, type KeyProvider } from '../../platform/keys/key-provider.port.ts';

const ISSUER = 'MedAnchor';
/** Encrypted columns, docs/spec/formats.md: the form, and how much of a wrapped value names the key that wraps it. */
const FORM = 'mf1';
const HEADER_OCTETS = 5;
const PERIOD_SECONDS = 30;
/** RFC 4226 section 4 asks for 16 octets at least; 32 are as many as a data key has. */
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

/** As it stands in the column: text of the form `mf1.<header>.<rest>`, by which a rotation of the keys finds it. */
export async function encryptSecret(keys: KeyProvider, accountId: string, secret: Uint8Array): Promise<string> {
  const text = Buffer.from(Buffer.from(secret).toString('base64url'), 'utf8');
  const [wrapped] = await keys.wrap([{ key: text, context: contextOf(accountId) }]);
  if (wrapped === undefined) throw new Error('the key provider wrapped nothing');
  const bytes = Buffer.from(wrapped);
  return `${FORM}.${bytes.toString('hex', 0, HEADER_OCTETS)}.${bytes.toString('base64url', HEADER_OCTETS)}`;
}

/** @throws {KeyUnwrapError} when the stored secret was changed, moved, or wrapped by another key */
export async function decryptSecret(keys: KeyProvider, accountId: string, stored: string): Promise<Uint8Array> {
  const [form, header = '', rest = ''] = stored.split('.');
  if (form !== FORM) throw new KeyUnwrapError('a stored second factor is malformed');
  const wrapped = Buffer.concat([Buffer.from(header, 'hex'), Buffer.from(rest, 'base64url')]);
  const [text] = await keys.unwrap([{ wrapped, context: contextOf(accountId) }]);
  if (text === undefined) throw new Error('the key provider unwrapped nothing');
  if (text instanceof Error) throw text;
  return Buffer.from(Buffer.from(text).toString('utf8'), 'base64url');
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
  return `medanchor/field/1:account:totp_secret:${accountId}`;
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
