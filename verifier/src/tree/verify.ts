// Checking proofs: RFC 9162 sections 2.1.3.2 (inclusion) and 2.1.4.2 (consistency), iterative. Every input is hostile.
//
// A proof is worth only as much as its *size*: the same leaf, path and root also verify for other (index, size) pairs, so
// the size must come from a signed checkpoint or from the contract, never from whoever sent the proof.

import { equalBytes, toHex } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { assertHash, assertLeafIndex, assertTreeSize, emptyRoot, nodeHash } from './hashing.ts';

/** Computes the root that this proof leads to. The proof must have exactly the length that index and size ask for. */
export function rootFromInclusionProof(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array {
  assertLeafIndex(index, size);
  assertHash(leafHash, 'leaf hash');
  const wanted = inclusionProofLength(index, size);
  if (proof.length !== wanted) {
    throw new VerifyError('INCLUSION_PROOF_LENGTH', `got ${proof.length} hashes, wanted ${wanted}`);
  }
  let fn = index;
  let sn = size - 1n;
  let hash = leafHash;
  for (const sibling of proof) {
    assertHash(sibling, 'proof hash');
    if ((fn & 1n) === 1n || fn === sn) {
      hash = nodeHash(sibling, hash);
      // At the right edge a node may have no sibling for several levels; it is promoted, so these levels have no hash.
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return hash;
}

/** Throws unless the leaf is at this index of the tree with this size and root. */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  assertHash(root, 'root');
  const computed = rootFromInclusionProof(index, size, leafHash, proof);
  if (!equalBytes(computed, root)) {
    throw new VerifyError(
      'INCLUSION_MISMATCH',
      `the proof leads to root ${toHex(computed)}, wanted ${toHex(root)} (index ${index}, size ${size})`,
    );
  }
}

/**
 * Throws unless the tree (size1, root1) is a prefix of the tree (size2, root2).
 *
 * From size 0 the proof is empty and root1 must be the empty root: true of every log, so it proves nothing. Between equal
 * sizes the proof is empty and the roots must be equal.
 */
export function verifyConsistency(
  size1: bigint,
  size2: bigint,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  assertTreeSize(size1, 'first size');
  assertTreeSize(size2, 'second size');
  assertHash(root1, 'first root');
  assertHash(root2, 'second root');
  if (size1 > size2) throw new VerifyError('TREE_SIZE', `the tree cannot shrink from ${size1} to ${size2}`);
  const wanted = consistencyProofLength(size1, size2);
  if (proof.length !== wanted) {
    throw new VerifyError('CONSISTENCY_PROOF_LENGTH', `got ${proof.length} hashes, wanted ${wanted}`);
  }
  if (size1 === 0n) assertSameRoot(root1, emptyRoot(), 'first');
  if (size2 === 0n || size1 === size2) return assertSameRoot(root2, root1, 'second');
  if (size1 === 0n) return;

  // When size1 is a power of two its root is itself a node of the second tree and is not sent.
  const isNode = (size1 & (size1 - 1n)) === 0n;
  const path = isNode ? [root1, ...proof] : proof;
  let fn = size1 - 1n;
  let sn = size2 - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let first = path[0] as Uint8Array;
  assertHash(first, 'proof hash');
  let second = first;
  for (const hash of path.slice(1)) {
    assertHash(hash, 'proof hash');
    if ((fn & 1n) === 1n || fn === sn) {
      first = nodeHash(hash, first);
      second = nodeHash(hash, second);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      second = nodeHash(second, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  assertSameRoot(first, root1, 'first');
  assertSameRoot(second, root2, 'second');
}

/**
 * Knowing the exact length beforehand makes "consumed whole" one comparison, and tells a truncated proof from a forged one.
 * Inner siblings: one per level below the point where leaf and right edge part. Border siblings: one per set bit above it.
 */
export function inclusionProofLength(index: bigint, size: bigint): number {
  const inner = bitLength(index ^ (size - 1n));
  return inner + onesOf(index >> BigInt(inner));
}

export function consistencyProofLength(size1: bigint, size2: bigint): number {
  if (size1 === 0n || size1 === size2) return 0;
  // The proof starts at the last perfect subtree of the first tree, 2^shift leaves wide, and goes up from there.
  const shift = trailingZeros(size1);
  const start = (size1 - 1n) >> BigInt(shift);
  const inner = bitLength(start ^ ((size2 - 1n) >> BigInt(shift)));
  return inner + onesOf(start >> BigInt(inner)) + (start === 0n ? 0 : 1);
}

function bitLength(n: bigint): number {
  return n === 0n ? 0 : n.toString(2).length;
}

function onesOf(n: bigint): number {
  return n.toString(2).replaceAll('0', '').length;
}

function trailingZeros(n: bigint): number {
  return n.toString(2).length - n.toString(2).lastIndexOf('1') - 1;
}

function assertSameRoot(computed: Uint8Array, root: Uint8Array, which: 'first' | 'second'): void {
  if (!equalBytes(computed, root)) {
    throw new VerifyError(
      'CONSISTENCY_MISMATCH',
      `the proof leads to ${which} root ${toHex(computed)}, wanted ${toHex(root)}`,
    );
  }
}
