// Reads secrets from files that only their owner may read: 32-byte keys (hex text), and tokens.
import { readFileSync, statSync } from 'node:fs';

/** The start is refused: a key file is missing, malformed, or readable by others. Names the file, never its content. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

/**
 * @param purpose what the key is for, used in messages, with the variable that names the file
 * @returns 32 octets
 * @throws {SecretFileError}
 */
export function readSecretFile(path: string, purpose: string): Uint8Array {
  const hex = readPrivateFile(path, purpose).trim().replace(/^0x/, '');
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new SecretFileError(`${purpose}: ${path} must hold 64 lower-case hexadecimal digits`);
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** A token of one line, as another service has given it out. @throws {SecretFileError} */
export function readTokenFile(path: string, purpose: string): string {
  const token = readPrivateFile(path, purpose).trim();
  // It becomes the value of a header.
  if (!/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new SecretFileError(
      `${purpose}: ${path} must hold one token, at most 4096 visible characters without a space`,
    );
  return token;
}

/** The text of a file that nobody else can read. @throws {SecretFileError} */
export function readPrivateFile(path: string, purpose: string): string {
  try {
    const { mode } = statSync(path);
    // Group or world access means that the key may already be somebody else's. Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new SecretFileError(
        `${purpose}: ${path} can be read by others (mode ${(mode & 0o777).toString(8)}); use chmod 600`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof SecretFileError) throw cause;
    throw new SecretFileError(`${purpose}: ${path} cannot be read`, { cause });
  }
}
