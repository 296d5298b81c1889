// Check `inclusion`: the entry is in the checkpoint's tree at the index that the proof names.

import { verifyInclusion } from '../tree/verify.ts';
import type { Check } from '../verdict.ts';
import { runCheck } from './check.ts';
import type { Subject } from './subject.ts';

export function checkInclusion({ leafHash, proof, checkpoint }: Subject): Check {
  return runCheck('inclusion', true, () => {
    verifyInclusion(proof.index, checkpoint.size, leafHash, proof.hashes, checkpoint.root);
    return `The entry is number ${proof.index} of the ${checkpoint.size} entries of ${checkpoint.origin}.`;
  });
}
