// Check `identity`: the bundle speaks of the record version that it names, and that is the one that was asked for.

import type { Opening } from '../bundle.ts';
import { equalBytes } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { componentCommitment } from '../record/commitment.ts';
import { digestIdentity } from '../record/digest.ts';
import type { RecordIdentity } from '../record/identity.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

/** Required when the verifier asked about a certain version: a valid proof of *another* version is no answer. */
export function checkIdentity({ bundle: { opening } }: Subject, asked: Partial<RecordIdentity> | undefined): Check {
  return runCheck('identity', asked !== undefined, () => {
    const named = namedIdentity(opening);
    for (const member of ['source', 'recordId', 'versionId'] as const) {
      if (asked?.[member] !== undefined && asked[member] !== named[member]) {
        throw new VerifyError('IDENTITY_MISMATCH', `the bundle is about another ${member} than the one asked for`);
      }
    }
    return asked === undefined
      ? 'The log entry commits to the source, record and version that the bundle names.'
      : 'The log entry commits to the source, record and version that were asked for.';
  });
}

/** The identity in the bundle, once it has opened. */
function namedIdentity(opening: Opening | null): RecordIdentity {
  if (opening === null) throw new Skip('NOT_APPLICABLE', 'This entry is not about a record version.');
  const component = opening.components.find(({ name }) => name === 'identity');
  if (opening.identity === undefined || component?.salt === undefined) {
    throw new Skip('NOT_OPENED', 'The bundle does not say which record version it is about, or gives no salt for it.');
  }
  const computed = componentCommitment(component.salt, digestIdentity(opening.identity).digest);
  if (!equalBytes(computed, component.commitment)) {
    throw new VerifyError('COMMITMENT_MISMATCH', 'the named identity is not the one that was committed');
  }
  return opening.identity;
}
