// A slow, literal transcription of RFC 9162 section 2.1 as recursive definitions over lists of leaf hashes. It shares no
// code and no algorithm with `verifier/` (which works iteratively over tiles) or with the contract (which climbs bits), so
// that an error has to be made three times to go unnoticed.

import { createHash } from 'node:crypto';

export type Hash = Uint8Array;

export function sha256(...parts: readonly Uint8Array[]): Hash {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

const NODE_PREFIX = Uint8Array.of(0x01);
const LEAF_PREFIX = Uint8Array.of(0x00);

export const refLeafHash = (entry: Uint8Array): Hash => sha256(LEAF_PREFIX, entry);
export const refNodeHash = (left: Hash, right: Hash): Hash => sha256(NODE_PREFIX, left, right);

/** The largest power of two smaller than n (n > 1): where the RFC splits a list of n. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH(D[n]) of section 2.1.1. */
export function refRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  const k = splitPoint(leaves.length);
  return refNodeHash(refRoot(leaves.slice(0, k)), refRoot(leaves.slice(k)));
}

/** PATH(m, D[n]) of section 2.1.3.1. */
export function refInclusionProof(m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length === 1) return [];
  const k = splitPoint(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...refInclusionProof(m, left), refRoot(right)] : [...refInclusionProof(m - k, right), refRoot(left)];
}

/** PROOF(m, D[n]) = SUBPROOF(m, D[n], true) of section 2.1.4.1. */
export function refConsistencyProof(m: number, leaves: readonly Hash[], whole = true): Hash[] {
  const n = leaves.length;
  if (m === n) return whole ? [] : [refRoot(leaves)];
  const k = splitPoint(n);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...refConsistencyProof(m, left, whole), refRoot(right)]
    : [...refConsistencyProof(m - k, right, false), refRoot(left)];
}
