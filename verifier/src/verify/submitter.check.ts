// Check `submitter-signature`: the record system itself has signed this commitment. docs/spec/formats.md section 6.1.

import type { Bundle } from '../bundle.ts';
import { VerifyError } from '../errors.ts';
import { statementBytes, verifyDetachedJws } from '../jws.ts';
import { jwkThumbprint, type Jwk } from '../jwk.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

export const NOT_SIGNED =
  'The entry carries no signature of its source: that the record came from there, the ledger alone attests.';

/**
 * The entry names the key by its thumbprint, so the key in the bundle cannot be exchanged. But whose key it is, only the
 * verifier can know: when he names keys, the signature must be by one of them.
 */
export function checkSubmitterSignature({ bundle }: Subject, trusted: readonly Jwk[] | undefined): Check {
  return runCheck('submitter-signature', false, () => {
    const { entry, submitterKey } = bundle;
    const submitter = entry.kind === 'record-version' ? entry.submitter : undefined;
    if (entry.kind !== 'record-version' || submitter === undefined) {
      throw new Skip('NOT_SIGNED', NOT_SIGNED);
    }
    if (submitterKey !== undefined && jwkThumbprint(submitterKey) !== submitter.keyId) {
      throw new VerifyError(
        'SUBMITTER_KEY_MISMATCH',
        `the key in the bundle is not ${submitter.keyId}, which the entry names`,
      );
    }
    const known = trusted?.find((jwk) => jwkThumbprint(jwk) === submitter.keyId);
    if (trusted !== undefined && known === undefined) {
      throw new VerifyError(
        'SUBMITTER_KEY_UNTRUSTED',
        `key ${submitter.keyId} is not among the trusted submitter keys`,
      );
    }
    const key = known ?? submitterKey ?? registeredKey(bundle, submitter.keyId);
    if (key === undefined) throw new Skip('NOT_GIVEN', `The submitter's public key ${submitter.keyId} was not given.`);
    verifyDetachedJws(submitter.jws, statementBytes(entry), key);
    return known === undefined
      ? `Key ${submitter.keyId} has signed; whose key that is must be known from elsewhere.`
      : `The trusted submitter key ${submitter.keyId} has signed.`;
  });
}

/** The key as a `key` entry in the bundle has it. An entry's `jwk` has the thumbprint `keyId` (section 6). */
function registeredKey({ keyHistory }: Bundle, keyId: string): Jwk | undefined {
  return keyHistory?.find(({ entry }) => entry.keyId === keyId && entry.jwk !== undefined)?.entry.jwk;
}
