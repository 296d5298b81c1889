// Pure rule: a proof that we hand out proves what it says. Whoever changed a stored entry or tile must not make us hand
// out a bundle that the next verifier calls forged.
import {
  formatEntry,
  leafHash,
  parseSignedCheckpoint,
  parseTlogProof,
  verifyInclusion,
  VerifyError,
  type Bundle,
} from '@medanchor/verifier';
import { IntegrityFaultError } from '../integrity-fault.ts';

/** @throws {IntegrityFaultError} */
export function assertProves({ entry, proof }: Bundle): void {
  const { index, hashes, checkpoint } = parseTlogProof(proof);
  const { size, root } = parseSignedCheckpoint(checkpoint);
  try {
    verifyInclusion(index, size, leafHash(formatEntry(entry)), hashes, root);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw new IntegrityFaultError(`the stored entry ${index} is not in the tree that was signed at size ${size}`, {
      cause: error,
    });
  }
}
