// Consistency proofs: the Solidity library against verifier/ and against a literal transcription of the RFC, for every pair
// of sizes up to 40, with every damaged proof refused. Stateless: no log, no submitter (see anchor.test.ts for those).

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consistencyProof, rootFromLeaves, verifyConsistency } from '@medanchor/verifier';
import { Chain, Reverted, type Contract } from './support/chain.ts';
import { mutationsOf } from './support/proof-mutations.ts';
import { refConsistencyProof, refLeafHash, type Hash } from './support/rfc-reference.ts';
import { hex, sampleTree } from './support/sample-tree.ts';

const LARGEST = 40;
const { leaves, root: rootOf } = sampleTree(LARGEST);

let chain: Chain;
let harness: Contract;

beforeAll(async () => {
  chain = await Chain.open();
  harness = await chain.deployTestContract('Rfc6962Harness');
}, 60_000);

afterAll(async () => {
  await chain.close();
});

/** What the contract would decide: both roots follow from the proof. */
async function accepts(
  size1: number,
  size2: number,
  root1: Hash,
  root2: Hash,
  proof: readonly Hash[],
): Promise<boolean> {
  try {
    const [computed1, computed2] = await harness.call('rootsFromConsistencyProof', size1, size2, root1, proof);
    return computed1 === hex(root1) && computed2 === hex(root2);
  } catch (error) {
    if (error instanceof Reverted && error.errorName === 'Rfc6962ConsistencyProofLength') return false;
    throw error;
  }
}

function verifierAccepts(size1: number, size2: number, root1: Hash, root2: Hash, proof: readonly Hash[]): boolean {
  try {
    verifyConsistency(BigInt(size1), BigInt(size2), root1, root2, proof);
    return true;
  } catch {
    return false;
  }
}

describe('the two references agree before they judge the contract', () => {
  test('on every root and every consistency proof up to size 40', () => {
    for (let size2 = 1; size2 <= LARGEST; size2++) {
      expect(rootFromLeaves(leaves.slice(0, size2))).toEqual(rootOf(size2));
      for (let size1 = 1; size1 <= size2; size1++) {
        const expected = refConsistencyProof(size1, leaves.slice(0, size2));
        expect(consistencyProof(BigInt(size1), BigInt(size2), leaves)).toEqual(expected);
      }
    }
  });
});

describe.each(Array.from({ length: LARGEST - 1 }, (_, i) => i + 2))('new size %i', (size2) => {
  test('every older size is accepted, and no damaged proof is', async () => {
    for (let size1 = 1; size1 < size2; size1++) {
      const proof = consistencyProof(BigInt(size1), BigInt(size2), leaves);
      expect(await accepts(size1, size2, rootOf(size1), rootOf(size2), proof)).toBe(true);
      for (const mutation of mutationsOf(proof)) {
        const accepted = await accepts(size1, size2, rootOf(size1), rootOf(size2), mutation.proof);
        if (accepted) throw new Error(`${size1} -> ${size2}: accepted with ${mutation.name}`);
      }
      const otherRoot = rootOf(size2 === LARGEST ? size2 - 1 : size2 + 1);
      expect(await accepts(size1, size2, rootOf(size1), otherRoot, proof)).toBe(false);
    }
  });
});

test('a proof under other sizes gets exactly the answer of the reference', async () => {
  // Not always "no": a root does not say how many leaves are under it. [H(2,3)] takes a tree of 2 to one of 4, and just as
  // well to one of 3 whose third leaf hash is H(2,3). This is why a verifier takes the size from the anchor or a signed
  // checkpoint. What matters here is that the contract accepts nothing that the reference refuses.
  let accepted = 0;
  for (let size2 = 2; size2 <= 10; size2++) {
    for (let size1 = 1; size1 < size2; size1++) {
      const proof = consistencyProof(BigInt(size1), BigInt(size2), leaves);
      for (let other2 = 2; other2 <= 11; other2++) {
        for (let other1 = 1; other1 < other2; other1++) {
          const forged = [other1, other2, rootOf(size1), rootOf(size2), proof] as const;
          const answer = await accepts(...forged);
          if (answer !== verifierAccepts(...forged)) throw new Error(`${size1}->${size2} as ${other1}->${other2}`);
          if (answer) accepted++;
        }
      }
    }
  }
  expect(accepted).toBeGreaterThan(45); // the 45 honest pairs, and the ambiguous ones described above
}, 60_000);

describe('sizes outside the domain are an error of their own', () => {
  test.each([
    ['both zero', 0n, 0n],
    ['older tree empty', 0n, 5n],
    ['equal sizes', 5n, 5n],
    ['shrinking', 6n, 5n],
    ['newer size 2^63', 5n, 2n ** 63n],
    ['newer size 2^64 - 1', 5n, 2n ** 64n - 1n],
  ])('%s', async (_, size1, size2) => {
    const attempt = harness.call('rootsFromConsistencyProof', size1, size2, rootOf(1), [rootOf(2)]);
    await expect(attempt).rejects.toThrow(new Reverted('Rfc6962ConsistencySizes', [size1, size2]));
  });
});

describe('trees too large to build', () => {
  const h = (n: number): Hash => refLeafHash(Uint8Array.of(0xff, n));

  test.each([
    ['1 -> 2^63 - 1', 1n, 2n ** 63n - 1n, 63],
    ['3 -> 2^63 - 1, the longest proof there is', 3n, 2n ** 63n - 1n, 64],
    ['2^62 -> 2^63 - 1', 2n ** 62n, 2n ** 63n - 1n, 1],
    ['2^63 - 2 -> 2^63 - 1', 2n ** 63n - 2n, 2n ** 63n - 1n, 63],
  ])('%s takes a proof of exactly the length that the verifier computes', async (_, size1, size2, length) => {
    const proof = (n: number): Hash[] => Array.from({ length: n }, (_value, i) => h(i));
    const [computed1, computed2] = await harness.call('rootsFromConsistencyProof', size1, size2, h(99), proof(length));
    // The proof is arbitrary, so it is a proof for whatever roots follow from it; the verifier must find the same ones.
    const bytes = (text: unknown): Uint8Array => Uint8Array.from(Buffer.from(String(text).slice(2), 'hex'));
    verifyConsistency(size1, size2, bytes(computed1), bytes(computed2), proof(length));
    for (const wrong of [length - 1, length + 1]) {
      const attempt = harness.call('rootsFromConsistencyProof', size1, size2, h(99), proof(wrong));
      await expect(attempt).rejects.toThrow(
        new Reverted('Rfc6962ConsistencyProofLength', [size1, size2, BigInt(wrong)]),
      );
    }
  });
});
