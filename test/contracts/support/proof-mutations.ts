// Every way in which the tests damage a proof. Each mutation has a name, so that a proof that got through is named by the
// test that fails.

import type { Hash } from './rfc-reference.ts';

export interface Mutation {
  readonly name: string;
  readonly proof: readonly Hash[];
}

const ZERO_HASH = new Uint8Array(32);

function flipBit(hash: Hash, bit: number): Hash {
  const flipped = Uint8Array.from(hash);
  flipped[bit >> 3]! ^= 0x80 >> (bit & 7);
  return flipped;
}

/** All single damages of `proof`; none of them equals it. */
export function* mutationsOf(proof: readonly Hash[]): Generator<Mutation> {
  const last = proof.at(-1) ?? ZERO_HASH;
  yield { name: 'zero hash appended', proof: [...proof, ZERO_HASH] };
  yield { name: 'last hash repeated', proof: [...proof, last] };
  yield { name: 'zero hash prepended', proof: [ZERO_HASH, ...proof] };
  for (const [i, hash] of proof.entries()) {
    yield { name: `hash ${i} left out`, proof: proof.toSpliced(i, 1) };
    yield { name: `first bit of hash ${i} flipped`, proof: proof.with(i, flipBit(hash, 0)) };
    yield { name: `last bit of hash ${i} flipped`, proof: proof.with(i, flipBit(hash, 255)) };
    const next = proof[i + 1];
    if (next !== undefined) {
      yield { name: `hashes ${i} and ${i + 1} swapped`, proof: proof.with(i, next).with(i + 1, hash) };
    }
  }
  if (proof.length > 1) yield { name: 'all hashes left out', proof: [] };
}
