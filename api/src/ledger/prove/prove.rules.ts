// Pure rules: a stored entry can be read, and a proof that we hand out proves what it says. Whoever changed a stored row
// or tile must not make us hand out a bundle that the next verifier calls forged.
import {
  commitment,
  equalBytes,
  formatEntry,
  leafHash,
  parseEntry,
  parseSignedCheckpoint,
  parseTlogProof,
  verifyInclusion,
  VerifyError,
  type Bundle,
  type Entry,
} from '@medanchor/verifier';
import { IntegrityFaultError } from '../integrity-fault.ts';
import { type SignedCheckpoint, type StoredVersion } from '../model.ts';

/** @throws {IntegrityFaultError} instead of the parser's error, which speaks of what a client sent */
export function readStoredEntry({ entry, index }: Pick<StoredVersion, 'entry' | 'index'>): Entry {
  return whole(`the stored entry ${index} cannot be read any more`, () => parseEntry(entry));
}

/** @throws {IntegrityFaultError} when the stored note is not the one that was signed for this size and root */
export function assertStoredCheckpoint({ note, size, root }: SignedCheckpoint): void {
  const signed = whole(`the stored checkpoint of size ${size} cannot be read any more`, () =>
    parseSignedCheckpoint(note),
  );
  if (signed.size !== size || !equalBytes(signed.root, root)) {
    throw new IntegrityFaultError(`the stored checkpoint of size ${size} does not say what stands beside it`);
  }
}

/** @throws {IntegrityFaultError} */
export function assertProves({ entry, opening, proof }: Bundle): void {
  const { index, hashes, checkpoint } = parseTlogProof(proof);
  const { size, root } = parseSignedCheckpoint(checkpoint);
  whole(`the stored entry ${index} is not in the tree that was signed at size ${size}`, () =>
    verifyInclusion(index, size, leafHash(formatEntry(entry)), hashes, root),
  );
  if (opening === null || entry.kind !== 'record-version') return;
  if (!equalBytes(commitment(opening.scheme, opening.components), entry.commitment)) {
    throw new IntegrityFaultError(`the stored components of entry ${index} are not those that it commits to`);
  }
}

function whole<T>(complaint: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof VerifyError) throw new IntegrityFaultError(complaint, { cause });
    throw cause;
  }
}
