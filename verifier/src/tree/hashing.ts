// Hashes of the Merkle tree: docs/spec/formats.md section 7, RFC 6962 section 2.1 and RFC 9162 section 2.1.1. The prefixes
// keep leaves and nodes apart: without them an inner node could be passed off as an entry.

import { MAX_SIZE } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { HASH_LENGTH, sha256 } from '../hash.ts';
import { hashInput } from '../hash-input.ts';

/** `SHA256(0x00 ‖ entry)`. */
export function leafHash(entryBytes: Uint8Array): Uint8Array {
  return hashInput().octet(0).octets(entryBytes).sha256();
}

/** `SHA256(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_LENGTH);
  return sha256(NODE);
}

// Kept, for the reason given in hash-input.ts.
const NODE = new Uint8Array(1 + 2 * HASH_LENGTH).fill(1, 0, 1);

/** Root of the tree without entries: `SHA256("")`. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Bounds every loop over a size: without it a size of 2^200 would be a way to keep a verifier busy. */
export function assertTreeSize(size: bigint, what = 'tree size'): void {
  if (size < 0n || size > MAX_SIZE) throw new VerifyError('TREE_SIZE', `${what} ${size} is not within 0 and 2^63 - 1`);
}

export function assertLeafIndex(index: bigint, size: bigint): void {
  assertTreeSize(size);
  if (index < 0n || index >= size) {
    throw new VerifyError('TREE_INDEX', `index ${index} is outside a tree of size ${size}`);
  }
}

export function assertHash(hash: Uint8Array, what: string): void {
  if (hash.length !== HASH_LENGTH) {
    throw new VerifyError('TREE_HASH_LENGTH', `${what} has ${hash.length} octets, wanted ${HASH_LENGTH}`);
  }
}
