// Which stored hashes make a proof: RFC 6962 sections 2.1, 2.1.1 and 2.1.2, as plans. A plan is computed from sizes alone,
// so a store that keeps tiles can fetch every node it needs in one go and hash afterwards (`rehash`). Pure arithmetic:
// nothing here knows where hashes live.

import { InvariantError, VerifyError } from '../errors.ts';
import { assertLeafIndex, assertTreeSize, nodeHash } from './hashing.ts';

/** The perfect subtree over the leaves [index << level, (index + 1) << level). Its hash never changes once complete. */
export interface SubtreeNode {
  readonly level: number;
  readonly index: bigint;
}

/**
 * One hash of a proof: perfect subtrees from left to right, hashed together from the right. More than one subtree only at
 * the right edge, where the hash belongs to this tree size and to no other.
 */
export type ProofPart = readonly SubtreeNode[];

/** The subtrees that make up the root; none for size 0, whose root is the empty one. */
export function rootNodes(size: bigint): ProofPart {
  assertTreeSize(size);
  return rangeNodes(0n, size);
}

/** The inclusion proof of a leaf, from its sibling upwards. */
export function inclusionNodes(index: bigint, size: bigint): ProofPart[] {
  assertLeafIndex(index, size);
  const parts: ProofPart[] = [];
  let low = 0n;
  let high = size;
  while (high - low > 1n) {
    const split = low + splitOf(high - low);
    if (index < split) {
      parts.push(rangeNodes(split, high));
      high = split;
    } else {
      parts.push(rangeNodes(low, split));
      low = split;
    }
  }
  return parts.reverse();
}

/** The consistency proof between two sizes; empty from size 0 and between equal sizes. */
export function consistencyNodes(size1: bigint, size2: bigint): ProofPart[] {
  assertTreeSize(size1, 'first size');
  assertTreeSize(size2, 'second size');
  if (size1 > size2) throw new VerifyError('TREE_SIZE', `the tree cannot shrink from ${size1} to ${size2}`);
  if (size1 === 0n) return [];
  const parts: ProofPart[] = [];
  let low = 0n;
  let high = size2;
  while (high !== size1) {
    const split = low + splitOf(high - low);
    if (size1 <= split) {
      parts.push(rangeNodes(split, high));
      high = split;
    } else {
      parts.push(rangeNodes(low, split));
      low = split;
    }
  }
  // While the walk never went right (low is 0), what is left is the whole first tree, whose root the verifier has.
  if (low !== 0n) parts.push(rangeNodes(low, high));
  return parts.reverse();
}

/** Turns plans into hashes. `hashOf` must know every node of the plan. */
export function rehash(parts: readonly ProofPart[], hashOf: (node: SubtreeNode) => Uint8Array): Uint8Array[] {
  return parts.map((part) => rehashPart(part, hashOf));
}

/** One hash of a plan, the root for `rootNodes`. */
export function rehashPart(part: ProofPart, hashOf: (node: SubtreeNode) => Uint8Array): Uint8Array {
  const hashes = part.map(hashOf);
  const last = hashes.pop();
  if (last === undefined) throw new InvariantError('an empty proof part has no hash');
  return hashes.reduceRight((right, left) => nodeHash(left, right), last);
}

/** Largest power of two below n, for n > 1. */
function splitOf(n: bigint): bigint {
  return 1n << BigInt(bitLength(n - 1n) - 1);
}

/** Subtrees of a range whose start is a multiple of every subtree size in it, as in each range of RFC 6962. */
function rangeNodes(low: bigint, high: bigint): SubtreeNode[] {
  const nodes: SubtreeNode[] = [];
  let at = low;
  while (at < high) {
    const level = bitLength(high - at) - 1;
    nodes.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return nodes;
}

/** Bits needed to write n > 0; at most 63 for a size. */
function bitLength(n: bigint): number {
  const high = Number(n >> 32n);
  return high === 0 ? 32 - Math.clz32(Number(n)) : 64 - Math.clz32(high);
}
