// What a bundle speaks of, worked out once for all checks: the octets and leaf hash of its entry, its proof and the checkpoint
// in it. parseBundle has checked the structure; nothing is verified yet.

import type { Bundle } from '../bundle.ts';
import { formatEntry } from '../log/entry.ts';
import { parseSignedCheckpoint, type SignedCheckpoint } from '../log/checkpoint.ts';
import { parseTlogProof, type TlogProof } from '../log/tlog-proof.ts';
import { leafHash } from '../tree/hashing.ts';

export interface Subject {
  readonly bundle: Bundle;
  readonly leafHash: Uint8Array;
  readonly proof: TlogProof;
  readonly checkpoint: SignedCheckpoint;
}

export function subjectOf(bundle: Bundle): Subject {
  const proof = parseTlogProof(bundle.proof);
  return {
    bundle,
    leafHash: leafHash(formatEntry(bundle.entry)),
    proof,
    checkpoint: parseSignedCheckpoint(proof.checkpoint),
  };
}
