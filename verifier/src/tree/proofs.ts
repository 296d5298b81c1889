// Roots and proofs from leaf hashes held in memory: RFC 6962 sections 2.1, 2.1.1 and 2.1.2. For small trees, disclosures,
// tests and third parties; the service builds the same proofs from tiles with the plans of nodes.ts.

import { VerifyError } from '../errors.ts';
import { assertHash, emptyRoot, nodeHash } from './hashing.ts';
import { consistencyNodes, inclusionNodes, rehash, rehashPart, rootNodes, type SubtreeNode } from './nodes.ts';

export function rootFromLeaves(leafHashes: readonly Uint8Array[]): Uint8Array {
  for (const hash of leafHashes) assertHash(hash, 'leaf hash');
  if (leafHashes.length === 0) return emptyRoot();
  return rehashPart(rootNodes(BigInt(leafHashes.length)), subtreeHasher(leafHashes));
}

/** `leafHashes` must hold at least the first `size` leaves; later ones are not looked at. */
export function inclusionProof(index: bigint, size: bigint, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  return rehash(inclusionNodes(index, size), subtreeHasher(leavesUpTo(size, leafHashes)));
}

/** `leafHashes` must hold at least the first `size2` leaves; later ones are not looked at. */
export function consistencyProof(size1: bigint, size2: bigint, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  return rehash(consistencyNodes(size1, size2), subtreeHasher(leavesUpTo(size2, leafHashes)));
}

function leavesUpTo(size: bigint, leafHashes: readonly Uint8Array[]): readonly Uint8Array[] {
  if (size > BigInt(leafHashes.length)) {
    throw new VerifyError('TREE_SIZE', `size ${size} needs as many leaf hashes, got ${leafHashes.length}`);
  }
  return leafHashes;
}

function subtreeHasher(leafHashes: readonly Uint8Array[]): (node: SubtreeNode) => Uint8Array {
  return function hashOf({ level, index }: SubtreeNode): Uint8Array {
    if (level > 0) {
      return nodeHash(
        hashOf({ level: level - 1, index: index * 2n }),
        hashOf({ level: level - 1, index: index * 2n + 1n }),
      );
    }
    // Present: the plans reach no further than the size, and leavesUpTo has compared that with the array.
    const leaf = leafHashes[Number(index)] as Uint8Array;
    assertHash(leaf, 'leaf hash');
    return leaf;
  };
}
