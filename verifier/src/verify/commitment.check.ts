// Check `commitment`: the component commitments in the bundle are exactly those in the log entry.

import { equalBytes, toHex } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { commitment } from '../record/commitment.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

export function checkCommitment({ bundle: { entry, opening } }: Subject): Check {
  return runCheck('commitment', entry.kind === 'record-version', () => {
    if (entry.kind !== 'record-version' || opening === null) {
      throw new Skip('NOT_APPLICABLE', `An entry of kind ${entry.kind} commits to no record content.`);
    }
    if (opening.scheme !== entry.scheme) {
      throw new VerifyError(
        'COMMITMENT_MISMATCH',
        `the opening is for ${opening.scheme}, the entry for ${entry.scheme}`,
      );
    }
    const computed = commitment(opening.scheme, opening.components);
    if (!equalBytes(computed, entry.commitment)) {
      throw new VerifyError(
        'COMMITMENT_MISMATCH',
        `the components hash to ${toHex(computed)}, the entry commits to ${toHex(entry.commitment)}`,
      );
    }
    return `The ${opening.components.length} components hash to the commitment in the log entry.`;
  });
}
