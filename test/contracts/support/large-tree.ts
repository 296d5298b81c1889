// A tree of more than a million leaves for the gas rows, with all perfect subtrees kept, so that any root or proof of it is a
// walk of some twenty hashes. Takes about two seconds to build. Shape and proofs are those of RFC 9162 section 2.1.

import { hash } from 'node:crypto';
import type { Hash } from './rfc-reference.ts';

const HASH_LENGTH = 32;

export class LargeTree {
  /** levels[h] holds the roots of the perfect subtrees of 2^h leaves, from left to right. */
  private readonly levels: readonly Buffer[];

  constructor(size: number) {
    const leaves = Buffer.alloc(size * HASH_LENGTH);
    const entry = Buffer.alloc(9); // 0x00, then the index: the entry of leaf n is n as 8 octets
    for (let i = 0; i < size; i++) {
      entry.writeUIntBE(i, 3, 6);
      hash('sha256', entry, 'buffer').copy(leaves, i * HASH_LENGTH);
    }
    const levels = [leaves];
    for (let below = leaves; below.length >= 2 * HASH_LENGTH;) {
      const nodes = Math.floor(below.length / (2 * HASH_LENGTH));
      const level = Buffer.alloc(nodes * HASH_LENGTH);
      for (let i = 0; i < nodes; i++) {
        const children = below.subarray(2 * i * HASH_LENGTH, 2 * (i + 1) * HASH_LENGTH);
        nodeHash(children).copy(level, i * HASH_LENGTH);
      }
      levels.push(level);
      below = level;
    }
    this.levels = levels;
  }

  leaf(index: number): Hash {
    return this.subtree(index, 1);
  }

  root(size: number): Hash {
    return this.subtree(0, size);
  }

  inclusionProof(index: number, size: number): Hash[] {
    return this.inclusion(index, 0, size);
  }

  consistencyProof(size1: number, size2: number): Hash[] {
    return this.consistency(size1, 0, size2, true);
  }

  private inclusion(index: number, start: number, count: number): Hash[] {
    if (count === 1) return [];
    const k = splitPoint(count);
    return index < k
      ? [...this.inclusion(index, start, k), this.subtree(start + k, count - k)]
      : [...this.inclusion(index - k, start + k, count - k), this.subtree(start, k)];
  }

  private consistency(m: number, start: number, count: number, whole: boolean): Hash[] {
    if (m === count) return whole ? [] : [this.subtree(start, count)];
    const k = splitPoint(count);
    return m <= k
      ? [...this.consistency(m, start, k, whole), this.subtree(start + k, count - k)]
      : [...this.consistency(m - k, start + k, count - k, false), this.subtree(start, k)];
  }

  /** Root of the leaves start … start + count - 1; `start` is a multiple of the power of two at or above `count`. */
  private subtree(start: number, count: number): Hash {
    const height = Math.log2(count);
    if (Number.isInteger(height)) {
      const at = (start / count) * HASH_LENGTH;
      return Uint8Array.from(this.levels[height]!.subarray(at, at + HASH_LENGTH));
    }
    const k = splitPoint(count);
    return Uint8Array.from(nodeHash(Buffer.concat([this.subtree(start, k), this.subtree(start + k, count - k)])));
  }
}

function splitPoint(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1);
}

function nodeHash(children: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(0x01), children]), 'buffer');
}
