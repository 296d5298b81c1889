// Keys of signed notes: https://c2sp.org/signed-note, Ed25519 (0x01); docs/spec/formats.md section 7.
// A verifier key reads `name+hex(keyId)+base64(0x01 ‖ publicKey)`.

import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, fromBase64, quote, toBase64, toHex, utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { sha256 } from '../hash.ts';

export interface NoteSigner {
  readonly name: string;
  /** 4 octets. */
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface NoteVerifier {
  readonly name: string;
  /** 4 octets. */
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface VerifierKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

const ED25519 = 1;
const PUBLIC_KEY_LENGTH = 32;
const SIGNATURE_LENGTH = 64;

/** Not empty, no Unicode space, no control character, no plus sign: the separators of notes and verifier keys. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s+\p{Cc}\p{Z}]+$/u.test(name);
}

/** `SHA256(name ‖ 0x0A ‖ 0x01 ‖ publicKey)[0:4]`: binds name, algorithm and key. */
export function noteKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey)).slice(0, 4);
}

export function formatVerifierKey({
  name,
  publicKey,
}: {
  readonly name: string;
  readonly publicKey: Uint8Array;
}): string {
  const encoded = toBase64(concat(Uint8Array.of(ED25519), publicKey));
  const text = `${name}+${toHex(noteKeyId(name, publicKey))}+${encoded}`;
  parseVerifierKey(text);
  return text;
}

export function parseVerifierKey(vkey: string): VerifierKey {
  // The key itself is base64 and may hold plus signs; name and key id may not.
  const [, name = '', keyId = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? [];
  if (!isKeyName(name)) throw malformed(vkey, 'not name+keyid+key');
  let key: Uint8Array;
  try {
    key = fromBase64(encoded);
  } catch (cause) {
    throw new VerifyError('NOTE_KEY_MALFORMED', `verifier key ${quote(vkey)}: the key is not base64`, { cause });
  }
  if (key[0] !== ED25519) throw malformed(vkey, `algorithm ${key[0]} is not Ed25519 (1)`);
  const publicKey = key.slice(1);
  if (publicKey.length !== PUBLIC_KEY_LENGTH) throw malformed(vkey, `${publicKey.length} octets of public key`);
  const wanted = noteKeyId(name, publicKey);
  if (toHex(wanted) !== keyId) throw malformed(vkey, `its key id must be ${toHex(wanted)}`);
  if (!ed25519.utils.isValidPublicKey(publicKey, false)) throw malformed(vkey, 'not a point of the curve');
  return { name, keyId: wanted, publicKey };
}

export function noteVerifier(vkey: string): NoteVerifier {
  const key = parseVerifierKey(vkey);
  return { ...key, verify: (message, signature) => verifyEd25519(signature, message, key.publicKey) };
}

/** `seed` is the 32-octet private key of RFC 8032. It is copied, so the caller may wipe his. */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  if (!isKeyName(name)) throw new VerifyError('NOTE_KEY_MALFORMED', `${quote(name)} is not a key name`);
  if (seed.length !== PUBLIC_KEY_LENGTH) {
    throw new VerifyError('NOTE_KEY_MALFORMED', `the seed has ${seed.length} octets, wanted ${PUBLIC_KEY_LENGTH}`);
  }
  const secret = Uint8Array.from(seed);
  const publicKey = ed25519.getPublicKey(secret);
  const keyId = noteKeyId(name, publicKey);
  return { name, keyId, publicKey, sign: (message) => ed25519.sign(message, secret) };
}

/**
 * RFC 8032 without the leniency of ZIP-215. The same rule in service, CLI and browser, or they would disagree about odd
 * keys and signatures.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return signature.length === SIGNATURE_LENGTH && ed25519.verify(signature, message, publicKey, { zip215: false });
}

function malformed(vkey: string, what: string): VerifyError {
  return new VerifyError('NOTE_KEY_MALFORMED', `verifier key ${quote(vkey)}: ${what}`);
}
