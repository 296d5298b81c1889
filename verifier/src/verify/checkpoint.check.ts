// Check `checkpoint-signature`: a trusted key of the log has signed the checkpoint. The anchor can stand in for it.

import { openCheckpoint } from '../log/checkpoint.ts';
import type { NoteVerifier } from '../log/note-key.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

export function checkCheckpointSignature({ proof }: Subject, logKeys: readonly NoteVerifier[]): Check {
  return runCheck('checkpoint-signature', false, () => {
    if (logKeys.length === 0) throw new Skip('NOT_TRUSTED', 'No key of the log was given to check the signature with.');
    const { origin, verified } = openCheckpoint(proof.checkpoint, logKeys);
    return `The checkpoint of ${origin} is signed by ${verified.length} of the trusted keys.`;
  });
}
