// Forged, truncated and over-long proofs, each named after its mutation, with the code that must come out.

import { beforeAll, describe, expect, test } from '@jest/globals';
import crypto from 'node:crypto';
import {
  consistencyProof,
  inclusionProof,
  installSha256,
  rootFromLeaves,
  verifyConsistency,
  verifyInclusion,
  type VerifyErrorCode,
} from '@medanchor/verifier';
import { codeOf, flipped, leaves } from './support.ts';

beforeAll(() => installSha256((bytes) => crypto.hash('sha256', bytes, 'buffer')));

const all = leaves(40);
const HUGE = 2n ** 63n - 1n;

interface Inclusion {
  index: bigint;
  size: bigint;
  leaf: Uint8Array;
  proof: Uint8Array[];
  root: Uint8Array;
}

interface Consistency {
  size1: bigint;
  size2: bigint;
  root1: Uint8Array;
  root2: Uint8Array;
  proof: Uint8Array[];
}

function inclusion(index: bigint, size: bigint): Inclusion {
  const proof = inclusionProof(index, size, all);
  return {
    index,
    size,
    leaf: all[Number(index)] as Uint8Array,
    proof,
    root: rootFromLeaves(all.slice(0, Number(size))),
  };
}

function consistency(size1: bigint, size2: bigint): Consistency {
  const proof = consistencyProof(size1, size2, all);
  const root = (size: bigint) => rootFromLeaves(all.slice(0, Number(size)));
  return { size1, size2, root1: root(size1), root2: root(size2), proof };
}

const verifyI = ({ index, size, leaf, proof, root }: Inclusion) => verifyInclusion(index, size, leaf, proof, root);
const verifyC = ({ size1, size2, root1, root2, proof }: Consistency) =>
  verifyConsistency(size1, size2, root1, root2, proof);

describe('inclusion', () => {
  const rows: [string, (p: Inclusion) => Partial<Inclusion>, VerifyErrorCode][] = [
    ['proof truncated', (p) => ({ proof: p.proof.slice(0, -1) }), 'INCLUSION_PROOF_LENGTH'],
    ['proof without its first hash', (p) => ({ proof: p.proof.slice(1) }), 'INCLUSION_PROOF_LENGTH'],
    ['proof empty', () => ({ proof: [] }), 'INCLUSION_PROOF_LENGTH'],
    ['proof with a hash too many', (p) => ({ proof: [...p.proof, p.root] }), 'INCLUSION_PROOF_LENGTH'],
    ['proof twice', (p) => ({ proof: [...p.proof, ...p.proof] }), 'INCLUSION_PROOF_LENGTH'],
    [
      'proof of a million hashes',
      (p) => ({ proof: new Array<Uint8Array>(1e6).fill(p.root) }),
      'INCLUSION_PROOF_LENGTH',
    ],
    ['proof reversed', (p) => ({ proof: p.proof.toReversed() }), 'INCLUSION_MISMATCH'],
    ['first two hashes swapped', (p) => ({ proof: swapped(p.proof) }), 'INCLUSION_MISMATCH'],
    ['one bit of the first hash', (p) => ({ proof: withFirst(p.proof, flipped) }), 'INCLUSION_MISMATCH'],
    ['one bit of the last hash', (p) => ({ proof: withLast(p.proof, flipped) }), 'INCLUSION_MISMATCH'],
    ['a hash of 31 octets', (p) => ({ proof: withFirst(p.proof, (h) => h.slice(1)) }), 'TREE_HASH_LENGTH'],
    ['an empty hash', (p) => ({ proof: withLast(p.proof, () => new Uint8Array(0)) }), 'TREE_HASH_LENGTH'],
    ['one bit of the leaf', (p) => ({ leaf: flipped(p.leaf) }), 'INCLUSION_MISMATCH'],
    ['a leaf of 33 octets', (p) => ({ leaf: Uint8Array.of(...p.leaf, 0) }), 'TREE_HASH_LENGTH'],
    ['another leaf of the tree', () => ({ leaf: all[8] as Uint8Array }), 'INCLUSION_MISMATCH'],
    ['the root as leaf', (p) => ({ leaf: p.root }), 'INCLUSION_MISMATCH'],
    ['one bit of the root', (p) => ({ root: flipped(p.root, 31) }), 'INCLUSION_MISMATCH'],
    ['a root of 31 octets', (p) => ({ root: p.root.slice(1) }), 'TREE_HASH_LENGTH'],
    ['the index before', (p) => ({ index: p.index - 1n }), 'INCLUSION_MISMATCH'],
    ['the index after', (p) => ({ index: p.index + 1n }), 'INCLUSION_MISMATCH'],
    ['index 0', () => ({ index: 0n }), 'INCLUSION_MISMATCH'],
    ['index equal to size', (p) => ({ index: p.size }), 'TREE_INDEX'],
    ['index negative', () => ({ index: -1n }), 'TREE_INDEX'],
    ['index 2^63 - 1', () => ({ index: HUGE }), 'TREE_INDEX'],
    ['size 0', () => ({ size: 0n }), 'TREE_INDEX'],
    ['size negative', () => ({ size: -1n }), 'TREE_SIZE'],
    ['size 2^63 - 1', () => ({ size: HUGE }), 'INCLUSION_PROOF_LENGTH'],
    ['size 2^63', () => ({ size: HUGE + 1n }), 'TREE_SIZE'],
    ['size 2^4096', () => ({ size: 2n ** 4096n }), 'TREE_SIZE'],
    ['the size of a taller tree', () => ({ size: 33n }), 'INCLUSION_PROOF_LENGTH'],
  ];

  test.each(rows)('%s', (_, mutate, code) => {
    const good = inclusion(11n, 23n);
    verifyI(good);
    expect(codeOf(() => verifyI({ ...good, ...mutate(good) }))).toBe(code);
  });

  test('index 2^63 - 2 of 2^63 - 1 leaves needs 62 hashes at the right edge and ends', () => {
    const hash = all[0] as Uint8Array;
    const bad = { index: HUGE - 1n, size: HUGE, leaf: hash, root: hash, proof: new Array<Uint8Array>(62).fill(hash) };
    expect(codeOf(() => verifyI(bad))).toBe('INCLUSION_MISMATCH');
    expect(codeOf(() => verifyI({ ...bad, proof: [...bad.proof, hash] }))).toBe('INCLUSION_PROOF_LENGTH');
    expect(codeOf(() => verifyI({ ...bad, index: 0n }))).toBe('INCLUSION_PROOF_LENGTH');
  });

  test('no other index of the same size passes with the same proof, in every tree up to 40', () => {
    let refused = 0;
    for (let size = 2n; size <= 40n; size++) {
      for (let index = 0n; index < size; index++) {
        const good = inclusion(index, size);
        for (let other = 0n; other < size; other++) {
          if (other === index) continue;
          if (codeOf(() => verifyI({ ...good, index: other })).startsWith('INCLUSION_')) refused++;
        }
      }
    }
    expect(refused).toBe(21320);
  });
});

describe('consistency', () => {
  const rows: [string, (p: Consistency) => Partial<Consistency>, VerifyErrorCode][] = [
    ['proof truncated', (p) => ({ proof: p.proof.slice(0, -1) }), 'CONSISTENCY_PROOF_LENGTH'],
    ['proof without its first hash', (p) => ({ proof: p.proof.slice(1) }), 'CONSISTENCY_PROOF_LENGTH'],
    ['proof empty', () => ({ proof: [] }), 'CONSISTENCY_PROOF_LENGTH'],
    ['proof with a hash too many', (p) => ({ proof: [...p.proof, p.root2] }), 'CONSISTENCY_PROOF_LENGTH'],
    ['proof with the old root in front', (p) => ({ proof: [p.root1, ...p.proof] }), 'CONSISTENCY_PROOF_LENGTH'],
    ['proof reversed', (p) => ({ proof: p.proof.toReversed() }), 'CONSISTENCY_MISMATCH'],
    ['first two hashes swapped', (p) => ({ proof: swapped(p.proof) }), 'CONSISTENCY_MISMATCH'],
    ['one bit of the first hash', (p) => ({ proof: withFirst(p.proof, flipped) }), 'CONSISTENCY_MISMATCH'],
    ['one bit of the last hash', (p) => ({ proof: withLast(p.proof, flipped) }), 'CONSISTENCY_MISMATCH'],
    ['a first hash of 31 octets', (p) => ({ proof: withFirst(p.proof, (h) => h.slice(1)) }), 'TREE_HASH_LENGTH'],
    ['a last hash of 31 octets', (p) => ({ proof: withLast(p.proof, (h) => h.slice(1)) }), 'TREE_HASH_LENGTH'],
    ['one bit of the old root', (p) => ({ root1: flipped(p.root1) }), 'CONSISTENCY_MISMATCH'],
    ['one bit of the new root', (p) => ({ root2: flipped(p.root2) }), 'CONSISTENCY_MISMATCH'],
    ['roots exchanged', (p) => ({ root1: p.root2, root2: p.root1 }), 'CONSISTENCY_MISMATCH'],
    ['an old root of 31 octets', (p) => ({ root1: p.root1.slice(1) }), 'TREE_HASH_LENGTH'],
    ['a new root of 31 octets', (p) => ({ root2: p.root2.slice(1) }), 'TREE_HASH_LENGTH'],
    ['sizes exchanged (a shrunk tree)', (p) => ({ size1: p.size2, size2: p.size1 }), 'TREE_SIZE'],
    ['the old size one less', (p) => ({ size1: p.size1 - 1n }), 'CONSISTENCY_PROOF_LENGTH'],
    ['the new size of a taller tree', () => ({ size2: 33n }), 'CONSISTENCY_PROOF_LENGTH'],
    ['old size 0', () => ({ size1: 0n }), 'CONSISTENCY_PROOF_LENGTH'],
    ['old size 0 with an empty proof', () => ({ size1: 0n, proof: [] }), 'CONSISTENCY_MISMATCH'],
    ['equal sizes with a proof', (p) => ({ size1: p.size2 }), 'CONSISTENCY_PROOF_LENGTH'],
    ['equal sizes with other roots', (p) => ({ size1: p.size2, proof: [] }), 'CONSISTENCY_MISMATCH'],
    ['old size negative', () => ({ size1: -1n }), 'TREE_SIZE'],
    ['new size 2^63 - 1', () => ({ size2: HUGE }), 'CONSISTENCY_PROOF_LENGTH'],
    ['new size 2^63', () => ({ size2: HUGE + 1n }), 'TREE_SIZE'],
    ['old size 2^63', () => ({ size1: HUGE + 1n }), 'TREE_SIZE'],
  ];

  test.each(rows)('%s', (_, mutate, code) => {
    const good = consistency(11n, 23n);
    verifyC(good);
    expect(codeOf(() => verifyC({ ...good, ...mutate(good) }))).toBe(code);
  });

  test('from a power of two the old root takes part in both computations', () => {
    const good = consistency(8n, 23n);
    verifyC(good);
    expect(codeOf(() => verifyC({ ...good, root1: flipped(good.root1) }))).toBe('CONSISTENCY_MISMATCH');
    expect(codeOf(() => verifyC({ ...good, root1: all[0] as Uint8Array }))).toBe('CONSISTENCY_MISMATCH');
  });

  test('from 1 to 2^63 - 1 leaves: 63 hashes, and it ends', () => {
    const hash = all[0] as Uint8Array;
    const bad = { size1: 1n, size2: HUGE, root1: hash, root2: hash, proof: new Array<Uint8Array>(63).fill(hash) };
    expect(codeOf(() => verifyC(bad))).toBe('CONSISTENCY_MISMATCH');
    expect(codeOf(() => verifyC({ ...bad, proof: [...bad.proof, hash] }))).toBe('CONSISTENCY_PROOF_LENGTH');
  });

  test('a rewritten entry is found from every earlier size', () => {
    const rewritten = all.with(5, flipped(all[5] as Uint8Array));
    for (let size1 = 6n; size1 < 40n; size1++) {
      const root1 = rootFromLeaves(all.slice(0, Number(size1)));
      const root2 = rootFromLeaves(rewritten);
      const proof = consistencyProof(size1, 40n, rewritten);
      expect(codeOf(() => verifyConsistency(size1, 40n, root1, root2, proof))).toBe('CONSISTENCY_MISMATCH');
    }
  });
});

function swapped(proof: readonly Uint8Array[]): Uint8Array[] {
  const [first, second, ...rest] = proof as [Uint8Array, Uint8Array, ...Uint8Array[]];
  return [second, first, ...rest];
}

function withFirst(proof: readonly Uint8Array[], change: (hash: Uint8Array) => Uint8Array): Uint8Array[] {
  return proof.with(0, change(proof[0] as Uint8Array));
}

function withLast(proof: readonly Uint8Array[], change: (hash: Uint8Array) => Uint8Array): Uint8Array[] {
  return proof.with(-1, change(proof.at(-1) as Uint8Array));
}
