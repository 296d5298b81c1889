// What the ledger can say better than a bundle can: by whom an unsigned version was sent, and why it cannot open one whose
// salts are with its source (docs/spec/formats.md section 10). Pure.
import { type Check, type CheckName, type VerificationReport } from '@medanchor/verifier';
import { type StoredRecord, type StoredVersion } from '../model.ts';
import { type Comparison } from './compare.rules.ts';

const WITH_SOURCE = 'The salts are with the source, which keeps the key of this record (digest mode)';

/** Only the checks to put in place of those that the bundle alone gave. */
export function ownChecks(
  { record, version }: { readonly record: StoredRecord; readonly version: StoredVersion },
  { checks }: Pick<VerificationReport, 'checks'>,
): readonly Check[] {
  return checks.flatMap((check): Check[] => {
    if (check.name === 'submitter-signature' && check.code === 'NOT_SIGNED')
      return [{ ...check, reason: attestedBy(version.submittedBy) }];
    if (record.keyHolder === 'source' && check.code === 'NOT_OPENED' && SALTED.includes(check.name))
      return [{ ...check, code: 'SALTS_WITH_SOURCE', reason: `${WITH_SOURCE}: complete the bundle there.` }];
    return [];
  });
}

const SALTED: readonly CheckName[] = ['content', 'identity'];

export function attestedBy(client: string | null): string {
  const who = client === null ? 'a client that was not signed in' : `client ${client}`;
  return `Not signed by its source: attested by the ledger for ${who}.`;
}

/** For a version that no checkpoint covers yet. */
export function uncompared(): Comparison {
  return {
    verdict: null,
    flags: [],
    check: {
      name: 'content',
      required: true,
      result: 'skipped',
      code: 'SALTS_WITH_SOURCE',
      reason: `${WITH_SOURCE}: content can be compared there only.`,
    },
  };
}
