// SHA-256 and HMAC-SHA-256 for the whole library (FIPS 180-4, RFC 2104), with a seam for a faster SHA-256.

import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from './bytes.ts';
import { InvariantError } from './errors.ts';

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Octets in every hash of our formats. */
export const HASH_LENGTH = 32;
const BLOCK_LENGTH = 64;

// The one piece of global state in this library. A hash function handed through every call would show in each of some
// forty signatures and could differ between two calls of one proof, which would be far worse than a global that can only
// ever be SHA-256. In the browser and the CLI @noble/hashes is used; a Node service installs `crypto.hash`, which is
// about three times as fast on the 65 octets of a tree node.
let current: Sha256 = nobleSha256;

/** One-shot SHA-256. Callers must not rely on the exact class of the result: with Node's it is a Buffer. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return current(bytes);
}

/**
 * Replaces the implementation, for the whole process, e.g. `installSha256((b) => crypto.hash('sha256', b, 'buffer'))`.
 * It is checked against FIPS 180-4 examples of every block shape first, so that a wrong option cannot produce a ledger of
 * wrong hashes. Call once, at start.
 */
export function installSha256(impl: Sha256): void {
  for (const [message, digest] of KNOWN) {
    const got = toHex(impl(utf8(message)));
    if (got !== digest) throw new InvariantError(`not SHA-256: got ${got} for a known vector, wanted ${digest}`);
  }
  current = impl;
}

const KNOWN: readonly (readonly [string, string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
];

/**
 * RFC 2104 as two one-shot hashes, so that an installed SHA-256 serves HMAC too. Both inputs are put together in arrays that
 * are kept, as in hash-input.ts and for the same reason.
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = key.length > BLOCK_LENGTH ? sha256(key) : key;
  const length = BLOCK_LENGTH + message.length;
  const inner = length <= INNER.length ? INNER : new Uint8Array(length);
  for (let i = 0; i < BLOCK_LENGTH; i++) {
    const octet = block[i] ?? 0;
    inner[i] = octet ^ 0x36;
    OUTER[i] = octet ^ 0x5c;
  }
  inner.set(message, BLOCK_LENGTH);
  OUTER.set(sha256(length === inner.length ? inner : inner.subarray(0, length)), BLOCK_LENGTH);
  return sha256(OUTER);
}

const INNER = new Uint8Array(BLOCK_LENGTH + 512);
const OUTER = new Uint8Array(BLOCK_LENGTH + HASH_LENGTH);
