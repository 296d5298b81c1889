// Inclusion proofs on chain: every leaf of every tree up to 40 against verifier/ and against a literal transcription of the
// RFC; every damaged proof, forged index and forged size. The last part asks the registry itself, against its stored head.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consistencyProof, inclusionProof, verifyInclusion } from '@medanchor/verifier';
import { Chain, type Contract } from './support/chain.ts';
import { mutationsOf } from './support/proof-mutations.ts';
import { refInclusionProof, refLeafHash, refNodeHash, type Hash } from './support/rfc-reference.ts';
import { hex, sampleTree } from './support/sample-tree.ts';

const LARGEST = 40;
const tree = sampleTree(LARGEST);
const LOG = hex(refLeafHash(new TextEncoder().encode('inclusion.test/log')));

let chain: Chain;
let harness: Contract;
let registry: Contract;

beforeAll(async () => {
  chain = await Chain.open();
  harness = await chain.deployTestContract('Rfc6962Harness');
  registry = await chain.deployRegistry();
  await registry.send(chain.account(0), 'registerLog', LOG, chain.account(0));
}, 60_000);

afterAll(async () => {
  await chain.close();
});

async function accepts(index: bigint, size: bigint, leaf: Hash, proof: readonly Hash[], root: Hash): Promise<boolean> {
  const [wellFormed, computed] = await harness.call('rootFromInclusionProof', leaf, index, size, proof);
  return wellFormed === true && computed === hex(root);
}

function verifierAccepts(index: bigint, size: bigint, leaf: Hash, proof: readonly Hash[], root: Hash): boolean {
  try {
    verifyInclusion(index, size, leaf, proof, root);
    return true;
  } catch {
    return false;
  }
}

test('a node hash is SHA-256 of 0x01 and both children', async () => {
  const [left, right] = [tree.leaf(0), tree.leaf(1)];
  expect(await harness.call('nodeHash', left, right)).toEqual([hex(refNodeHash(left, right))]);
});

test('the two references agree before they judge the contract', () => {
  for (let size = 1; size <= LARGEST; size++) {
    for (let index = 0; index < size; index++) {
      const expected = refInclusionProof(index, tree.leaves.slice(0, size));
      expect(inclusionProof(BigInt(index), BigInt(size), tree.leaves)).toEqual(expected);
    }
  }
});

test.each(Array.from({ length: LARGEST }, (_, i) => i + 1))(
  'size %i: every leaf is found, no damaged proof is',
  async (n) => {
    const size = BigInt(n);
    for (let index = 0n; index < size; index++) {
      const proof = inclusionProof(index, size, tree.leaves);
      const leaf = tree.leaf(Number(index));
      expect(await accepts(index, size, leaf, proof, tree.root(n))).toBe(true);
      expect(await accepts(index, size, refLeafHash(leaf), proof, tree.root(n))).toBe(false);
      for (const mutation of mutationsOf(proof)) {
        const accepted = await accepts(index, size, leaf, mutation.proof, tree.root(n));
        if (accepted) throw new Error(`leaf ${index} of ${size}: accepted with ${mutation.name}`);
      }
    }
  },
);

test('a proof at another index of the same tree is refused', async () => {
  const size = 21n;
  for (let index = 0n; index < size; index++) {
    const proof = inclusionProof(index, size, tree.leaves);
    const leaf = tree.leaf(Number(index));
    for (const other of [...Array.from({ length: 24 }, (_, i) => BigInt(i)), 2n ** 63n, 2n ** 64n - 1n]) {
      expect(await accepts(other, size, leaf, proof, tree.root(21))).toBe(other === index);
    }
  }
});

test('a proof under another size gets exactly the answer of the reference', async () => {
  // Some are accepted: the same path can belong to trees of several sizes, and a root does not say how many leaves it
  // has. The registry takes the size from its stored head, so nobody can choose it.
  for (let size = 1n; size <= 12n; size++) {
    for (let index = 0n; index < size; index++) {
      const proof = inclusionProof(index, size, tree.leaves);
      for (let other = 0n; other <= 14n; other++) {
        const forged = [index, other, tree.leaf(Number(index)), proof, tree.root(Number(size))] as const;
        expect(await accepts(...forged)).toBe(verifierAccepts(...forged));
      }
    }
  }
});

describe('huge trees', () => {
  const proofOf = (length: number): Hash[] => Array.from({ length }, (_, i) => refLeafHash(Uint8Array.of(0xee, i)));

  test.each([
    ['first leaf of 2^63 - 1', 0n, 2n ** 63n - 1n, 63],
    ['last leaf of 2^63 - 1', 2n ** 63n - 2n, 2n ** 63n - 1n, 62],
    ['last leaf of 2^62 + 1, a single left sibling', 2n ** 62n, 2n ** 62n + 1n, 1],
  ])('%s: the contract and the verifier compute the same root', async (_, index, size, length) => {
    const leaf = tree.leaf(0);
    const [wellFormed, root] = await harness.call('rootFromInclusionProof', leaf, index, size, proofOf(length));
    expect(wellFormed).toBe(true);
    verifyInclusion(index, size, leaf, proofOf(length), Uint8Array.from(Buffer.from(String(root).slice(2), 'hex')));
    for (const wrong of [length - 1, length + 1]) {
      const answer = await harness.call('rootFromInclusionProof', leaf, index, size, proofOf(wrong));
      expect(answer[0]).toBe(false);
    }
  });

  test.each([
    ['size 2^63', 0n, 2n ** 63n, 63],
    ['size 2^64 - 1', 0n, 2n ** 64n - 1n, 64],
    ['more hashes than any tree has levels', 0n, 2n ** 63n - 1n, 65],
    ['empty tree', 0n, 0n, 0],
  ])('%s is not well formed', async (_, index, size, length) => {
    const answer = await harness.call('rootFromInclusionProof', tree.leaf(0), index, size, proofOf(length));
    expect(answer[0]).toBe(false);
  });
});

describe('the registry answers for its stored head', () => {
  const ask = async (logId: string, index: number, size: number): Promise<boolean> => {
    const proof = inclusionProof(BigInt(index), BigInt(size), tree.leaves);
    const [found] = await registry.call('verifyInclusion', logId, tree.leaf(index), index, proof);
    return found === true;
  };

  test('unknown log, registered log without anchor, anchored log, grown log', async () => {
    const unknown = hex(refLeafHash(Uint8Array.of(1, 2, 3)));
    expect(await ask(unknown, 0, 1)).toBe(false);
    expect(await ask(LOG, 0, 1)).toBe(false);

    await registry.send(chain.account(0), 'anchor', LOG, 13, tree.root(13), []);
    for (let index = 0; index < 13; index++) expect(await ask(LOG, index, 13)).toBe(true);
    expect(await ask(LOG, 13, 14)).toBe(false);
    expect(await ask(unknown, 0, 13)).toBe(false);

    await registry.send(chain.account(0), 'anchor', LOG, 29, tree.root(29), consistencyProof(13n, 29n, tree.leaves));
    for (let index = 0; index < 29; index++) expect(await ask(LOG, index, 29)).toBe(true);
    // The proof for the earlier size no longer fits: said in the interface, so it must stay so.
    expect(await ask(LOG, 0, 13)).toBe(false);
  });

  test('a zero leaf and an empty proof do not match a log without a head', async () => {
    const [found] = await registry.call('verifyInclusion', hex(new Uint8Array(32)), new Uint8Array(32), 0, []);
    expect(found).toBe(false);
  });
});
