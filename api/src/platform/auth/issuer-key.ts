// The key with which the embedded issuer signs access tokens: an ES256 private JWK (RFC 7517) on one line, in a file that
// only its owner may read. Whoever holds it can sign in as anybody; a new one makes all tokens of the old one worthless.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { z } from 'zod';
import { readPrivateFile, SecretFileError } from '../keys/secret-file.ts';

const PURPOSE = 'key of the token issuer (ISSUER_KEY_FILE)';

const privateJwkSchema = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

export interface IssuerKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** RFC 7638 thumbprint of the public key: what stands in `kid`. */
  readonly kid: string;
  /** What may be published. */
  readonly publicJwk: JWK;
}

/** @throws {SecretFileError} missing, readable by others, or no ES256 private JWK; names the file, never its content */
export async function readIssuerKey(path: string): Promise<IssuerKey> {
  const text = readPrivateFile(path, PURPOSE);
  let privateKey: KeyObject;
  try {
    const jwk = privateJwkSchema.parse(JSON.parse(text));
    privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    // Without its cause: a parser quotes what it could not read.
    throw new SecretFileError(`${PURPOSE}: ${path} must hold an EC private key on P-256 as a JWK (RFC 7517)`);
  }
  const publicKey = createPublicKey(privateKey);
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  return { privateKey, publicKey, kid, publicJwk: { ...bare, kid, alg: 'ES256', use: 'sig' } };
}

/** A fresh key as the text of such a file. */
export function newIssuerKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' });
}
