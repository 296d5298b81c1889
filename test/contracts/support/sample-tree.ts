// A small log whose entry n is the octet n, with every root known beforehand from the slow reference.

import { refLeafHash, refRoot, type Hash } from './rfc-reference.ts';

export interface SampleTree {
  readonly leaves: readonly Hash[];
  leaf(index: number): Hash;
  root(size: number): Hash;
}

export function sampleTree(size: number): SampleTree {
  const leaves = Array.from({ length: size }, (_, i) => refLeafHash(Uint8Array.of(i)));
  const roots = Array.from({ length: size + 1 }, (_, n) => refRoot(leaves.slice(0, n)));
  const pick = (list: readonly Hash[], index: number): Hash => {
    const hash = list[index];
    if (hash === undefined) throw new Error(`the sample tree has no ${index}`);
    return hash;
  };
  return { leaves, leaf: (index) => pick(leaves, index), root: (n) => pick(roots, n) };
}

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
