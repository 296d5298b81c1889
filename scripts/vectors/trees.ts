// Vectors for inclusion and consistency proofs: docs/spec/formats.md section 7. The tree's leaf number i is the leaf hash of the
// one octet i.

import { consistencyProof, inclusionProof, leafHash, rootFromLeaves, toHex } from '@medanchor/verifier';
import { bitFlipped, type VectorCase, type VectorFile } from './vector-file.ts';

const LEAVES = Array.from({ length: 20 }, (_, value) => leafHash(Uint8Array.of(value)));

interface Inclusion {
  readonly index: string;
  readonly size: string;
  readonly leafHash: string;
  readonly proof: readonly string[];
  readonly root: string;
}

function inclusion(index: number, size: number): Inclusion {
  return {
    index: String(index),
    size: String(size),
    leafHash: toHex(LEAVES[index] ?? new Uint8Array(32)),
    proof: inclusionProof(BigInt(index), BigInt(size), LEAVES).map(toHex),
    root: toHex(rootFromLeaves(LEAVES.slice(0, size))),
  };
}

export function inclusionVectors(): VectorFile {
  const good = inclusion(4, 11);
  const [first = '', ...rest] = good.proof;
  const bad = (name: string, expect: string, changes: Partial<Inclusion>): VectorCase => ({
    name,
    expect,
    ...good,
    ...changes,
  });
  const valid = [1, 2, 3, 7, 8, 11].flatMap((size) =>
    [...new Set([0, size >> 1, size - 1])].map((index) => ({
      name: `leaf ${index} of ${size}`,
      expect: 'ok',
      ...inclusion(index, size),
    })),
  );
  return {
    format: 'medanchor-vectors/1',
    about:
      'verifyInclusion (sections 1 and 7). index and size are decimal; hashes are hex. Leaf number i of the tree is SHA256(00 ‖ i), i one octet.',
    cases: [
      ...valid,
      bad('index plus one', 'INCLUSION_MISMATCH', { index: '5' }),
      bad('index equal to the size', 'TREE_INDEX', { index: '11' }),
      bad('size plus one, where the path keeps its shape: only the signed checkpoint binds the size', 'ok', {
        size: '12',
      }),
      bad('size above a power of two', 'INCLUSION_PROOF_LENGTH', { size: '17' }),
      bad('size below the index', 'TREE_INDEX', { size: '4' }),
      bad('size zero', 'TREE_INDEX', { index: '0', size: '0', proof: [] }),
      bad('proof empty', 'INCLUSION_PROOF_LENGTH', { proof: [] }),
      bad('first hash left out', 'INCLUSION_PROOF_LENGTH', { proof: rest }),
      bad('last hash left out', 'INCLUSION_PROOF_LENGTH', { proof: good.proof.slice(0, -1) }),
      bad('a hash appended', 'INCLUSION_PROOF_LENGTH', { proof: [...good.proof, first] }),
      bad('first hash changed', 'INCLUSION_MISMATCH', { proof: [bitFlipped(first), ...rest] }),
      bad('hashes reversed', 'INCLUSION_MISMATCH', { proof: [...good.proof].reverse() }),
      bad('a hash of 31 octets', 'TREE_HASH_LENGTH', { proof: [first.slice(2), ...rest] }),
      bad('leaf changed', 'INCLUSION_MISMATCH', { leafHash: bitFlipped(good.leafHash) }),
      bad('root changed', 'INCLUSION_MISMATCH', { root: bitFlipped(good.root) }),
      bad('another leaf with this proof', 'INCLUSION_MISMATCH', { leafHash: inclusion(5, 11).leafHash }),
      bad('an inner node passed off as a leaf', 'INCLUSION_PROOF_LENGTH', {
        leafHash: toHex(rootFromLeaves(LEAVES.slice(4, 6))),
        index: '2',
        proof: rest,
      }),
    ],
  };
}

interface Consistency {
  readonly size1: string;
  readonly size2: string;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[];
}

function consistency(size1: number, size2: number, leaves = LEAVES): Consistency {
  return {
    size1: String(size1),
    size2: String(size2),
    root1: toHex(rootFromLeaves(leaves.slice(0, size1))),
    root2: toHex(rootFromLeaves(leaves.slice(0, size2))),
    proof: size1 === 0 ? [] : consistencyProof(BigInt(size1), BigInt(size2), leaves).map(toHex),
  };
}

export function consistencyVectors(): VectorFile {
  const good = consistency(6, 11);
  const [first = '', ...rest] = good.proof;
  const rewritten = consistency(6, 11, LEAVES.with(2, leafHash(Uint8Array.of(99))));
  const bad = (name: string, expect: string, changes: Partial<Consistency>): VectorCase => ({
    name,
    expect,
    ...good,
    ...changes,
  });
  const pairs = [
    [0, 0],
    [0, 5],
    [1, 2],
    [3, 7],
    [4, 8],
    [6, 8],
    [7, 7],
    [8, 11],
    [6, 20],
  ] as const;
  return {
    format: 'medanchor-vectors/1',
    about: 'verifyConsistency (section 7). Sizes are decimal; hashes are hex. The same tree as in inclusion.json.',
    cases: [
      ...pairs.map(([size1, size2]) => ({ name: `${size1} to ${size2}`, expect: 'ok', ...consistency(size1, size2) })),
      bad('sizes exchanged', 'TREE_SIZE', { size1: '11', size2: '6' }),
      bad('proof empty', 'CONSISTENCY_PROOF_LENGTH', { proof: [] }),
      bad('first hash left out', 'CONSISTENCY_PROOF_LENGTH', { proof: rest }),
      bad('a hash appended', 'CONSISTENCY_PROOF_LENGTH', { proof: [...good.proof, first] }),
      bad('first hash changed', 'CONSISTENCY_MISMATCH', { proof: [bitFlipped(first), ...rest] }),
      bad('a hash of 31 octets', 'TREE_HASH_LENGTH', { proof: [first.slice(2), ...rest] }),
      bad('old root changed', 'CONSISTENCY_MISMATCH', { root1: bitFlipped(good.root1) }),
      bad('new root changed', 'CONSISTENCY_MISMATCH', { root2: bitFlipped(good.root2) }),
      bad('an old leaf rewritten, with the rewritten tree’s own proof', 'CONSISTENCY_MISMATCH', {
        root2: rewritten.root2,
        proof: rewritten.proof,
      }),
      bad('an old leaf rewritten, with the honest proof', 'CONSISTENCY_MISMATCH', { root2: rewritten.root2 }),
      bad('equal sizes with different roots', 'CONSISTENCY_MISMATCH', { size2: '6', proof: [] }),
      bad('equal sizes with a proof', 'CONSISTENCY_PROOF_LENGTH', { size2: '6', root2: good.root1 }),
      bad('from nothing, but the old root is not the empty root', 'CONSISTENCY_MISMATCH', { size1: '0', proof: [] }),
    ],
  };
}
