// Every tree of 0 to 130 leaves, every leaf, every earlier size: against the recursive RFC 6962 and against merkletreejs.

import { beforeAll, describe, expect, test } from '@jest/globals';
import crypto from 'node:crypto';
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  installSha256,
  nodeHash,
  rootFromInclusionProof,
  rootFromLeaves,
  sha256,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from '@medanchor/verifier';
import { MerkleTree } from 'merkletreejs';
import { leafOf, mth, path, proof } from './reference-tree.ts';
import { codeOf, hexes, leaves } from './support.ts';

beforeAll(() => installSha256((bytes) => crypto.hash('sha256', bytes, 'buffer')));

const MAX = 130;
const all = leaves(MAX);
const roots = Array.from({ length: MAX + 1 }, (_, size) => mth(all, 0, size));

describe('known values', () => {
  test('the empty tree', () => {
    expect(toHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(rootFromLeaves([]))).toBe(toHex(emptyRoot()));
  });

  test('a leaf and a node by the book', () => {
    expect(toHex(leaves(1)[0] as Uint8Array)).toBe(toHex(leafOf(new TextEncoder().encode('0'))));
    const [a, b] = leaves(2) as [Uint8Array, Uint8Array];
    expect(toHex(nodeHash(a, b))).toBe(toHex(mth([a, b])));
  });

  test('the empty leaf of RFC 6962', () => {
    expect(toHex(leafOf(new Uint8Array(0)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });
});

describe('every size up to 130', () => {
  test('roots are those of the recursive definition', () => {
    for (let size = 0; size <= MAX; size++) {
      expect(toHex(rootFromLeaves(all.slice(0, size)))).toBe(toHex(roots[size] as Uint8Array));
    }
  });

  test('every inclusion proof is the recursive one and verifies', () => {
    let checked = 0;
    for (let size = 1; size <= MAX; size++) {
      const root = roots[size] as Uint8Array;
      for (let index = 0; index < size; index++) {
        const made = inclusionProof(BigInt(index), BigInt(size), all);
        expect(hexes(made).join()).toBe(hexes(path(index, all, 0, size)).join());
        verifyInclusion(BigInt(index), BigInt(size), all[index] as Uint8Array, made, root);
        checked++;
      }
    }
    expect(checked).toBe((MAX * (MAX + 1)) / 2);
  });

  test('every consistency proof is the recursive one and verifies', () => {
    let checked = 0;
    for (let size2 = 1; size2 <= MAX; size2++) {
      for (let size1 = 1; size1 <= size2; size1++) {
        const made = consistencyProof(BigInt(size1), BigInt(size2), all);
        expect(hexes(made).join()).toBe(hexes(proof(size1, all, size2)).join());
        verifyConsistency(BigInt(size1), BigInt(size2), roots[size1] as Uint8Array, roots[size2] as Uint8Array, made);
        checked++;
      }
    }
    expect(checked).toBe((MAX * (MAX + 1)) / 2);
  });

  test('merkletreejs with the options of section 5 gives the same roots and proofs', () => {
    const hashNode = (x: Buffer): Buffer => Buffer.from(sha256(Buffer.concat([Uint8Array.of(1), x])));
    for (let size = 1; size <= MAX; size++) {
      const tree = new MerkleTree(
        all.slice(0, size).map((leaf) => Buffer.from(leaf)),
        hashNode,
        {
          hashLeaves: false,
          sort: false,
          sortLeaves: false,
          sortPairs: false,
          duplicateOdd: false,
          isBitcoinTree: false,
        },
      );
      expect(tree.getRoot().toString('hex')).toBe(toHex(roots[size] as Uint8Array));
      for (const index of new Set([0, 1, size >> 1, size - 1])) {
        if (index >= size) continue;
        const theirs = tree.getProof(Buffer.from(all[index] as Uint8Array), index);
        expect(theirs.map(({ data }) => data.toString('hex'))).toEqual(
          hexes(inclusionProof(BigInt(index), BigInt(size), all)),
        );
      }
    }
  });
});

describe('from the empty tree', () => {
  const root = roots[5] as Uint8Array;

  test('the proof is empty, and the first root must be the empty one', () => {
    expect(consistencyProof(0n, 5n, all)).toEqual([]);
    verifyConsistency(0n, 5n, emptyRoot(), root, []);
    verifyConsistency(0n, 0n, emptyRoot(), emptyRoot(), []);
    expect(codeOf(() => verifyConsistency(0n, 5n, root, root, []))).toBe('CONSISTENCY_MISMATCH');
    expect(codeOf(() => verifyConsistency(0n, 0n, emptyRoot(), root, []))).toBe('CONSISTENCY_MISMATCH');
    expect(codeOf(() => verifyConsistency(0n, 5n, emptyRoot(), root, [root]))).toBe('CONSISTENCY_PROOF_LENGTH');
  });

  test('a tree without entries includes nothing', () => {
    expect(codeOf(() => inclusionProof(0n, 0n, []))).toBe('TREE_INDEX');
    expect(codeOf(() => verifyInclusion(0n, 0n, root, [], emptyRoot()))).toBe('TREE_INDEX');
  });
});

test('a proof over more leaves than were given is refused', () => {
  expect(codeOf(() => inclusionProof(0n, 131n, all))).toBe('TREE_SIZE');
  expect(codeOf(() => consistencyProof(1n, 131n, all))).toBe('TREE_SIZE');
});

test('the same leaf, proof and root also pass for another size: the size must be authenticated', () => {
  // Index 1 of 2 and index 2 of 3 have the same path. This is why no size is ever taken from whoever sent the proof.
  const [a, b] = all as [Uint8Array, Uint8Array];
  const root = roots[2] as Uint8Array;
  verifyInclusion(1n, 2n, b, [a], root);
  verifyInclusion(2n, 3n, b, [a], root);
  expect(toHex(rootFromInclusionProof(2n, 3n, b, [a]))).toBe(toHex(root));
});
