// Reads certificates in PEM, and the private keys that belong to them: of the HTTP server, and of our own for PostgreSQL.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { readPrivateFile, SecretFileError } from './secret-file.ts';

/** A path, and what the file is for: used in messages, with the variable that names it. */
export interface NamedFile {
  readonly path: string;
  readonly purpose: string;
}

/**
 * A certificate, its chain behind it, and its key, which only its owner can read.
 *
 * @throws {SecretFileError} also when the key is not that of the certificate, as half-way through a renewal
 */
export function readCertifiedKey(cert: NamedFile, key: NamedFile): { readonly cert: string; readonly key: string } {
  const pair = { cert: readCertificate(cert), key: readPrivateFile(key.path, key.purpose) };
  try {
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw new SecretFileError(`${key.purpose}: ${key.path} is not the PEM key of the certificate in ${cert.path}`, {
      cause,
    });
  }
}

/** @throws {SecretFileError} */
export function readCertificate({ path, purpose }: NamedFile): string {
  try {
    const text = readFileSync(path, 'utf8');
    // Reads the first of a chain; throws when there is none.
    void new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new SecretFileError(`${purpose}: ${path} holds no certificate in PEM that can be read`, { cause });
  }
}

/** When the first certificate of the file ends. */
export function notAfter(path: string): Date {
  return new X509Certificate(readFileSync(path, 'utf8')).validToDate;
}
