// Check `content`: the given content is what was committed, and how exactly.

import type { Opening } from '../bundle.ts';
import { VerifyError } from '../errors.ts';
import { digestContent } from '../record/digest.ts';
import { openRecord } from '../record/opening.ts';
import type { ComponentName } from '../record/scheme.ts';
import { explainVerdict, verdictOf, type Check, type Flag, type Verdict } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

export interface ContentFinding {
  readonly check: Check;
  readonly verdict: Verdict | null;
  readonly flags: readonly Flag[];
}

/** Content that cannot even be read under the committed scheme is altered: what was committed could be. */
export function checkContent(
  { bundle: { entry, opening } }: Subject,
  content: Uint8Array | undefined,
  mediaType: string | undefined,
): ContentFinding {
  let verdict: Verdict | null = null;
  let flags: readonly Flag[] = [];
  const check = runCheck('content', content !== undefined, () => {
    if (content === undefined) throw new Skip('NOT_GIVEN', 'No content was given to compare with.');
    if (entry.kind === 'record-erasure') verdict = 'erased';
    if (opening?.scheme === 'identity/1') verdict = 'deleted';
    if (verdict !== null) throw new Skip('NO_CONTENT_COMMITTED', explainVerdict(verdict));
    if (opening === null) throw new Skip('NOT_APPLICABLE', `An entry of kind ${entry.kind} has no content.`);

    // Until it is shown otherwise: a failure to read or to open below leaves this verdict.
    verdict = 'altered';
    const grade = verdictOf(matchesOf(opening, content, mediaType));
    ({ verdict, flags } = grade);
    if (grade.verdict === null) throw new Skip('NOT_OPENED', grade.reason);
    if (grade.verdict === 'altered') throw new VerifyError('CONTENT_ALTERED', grade.reason);
    return grade.reason;
  });
  return { check, verdict, flags };
}

function matchesOf(opening: Opening, content: Uint8Array, mediaType: string | undefined) {
  const salts = new Map<ComponentName, Uint8Array>();
  for (const { name, salt } of opening.components) if (salt !== undefined) salts.set(name, salt);
  // A copy may come with another media type (application/json for application/fhir+json); the committed scheme says how
  // to read it, and only `raw` depends on the type.
  const digest = digestContent(content, mediaType ?? opening.mediaType, { scheme: opening.scheme });
  const committed = opening.components.filter(({ name }) => name !== 'identity');
  return openRecord(digest, committed, salts);
}
