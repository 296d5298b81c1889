// Grading: docs/spec/formats.md section 10. Pure rules from what opened to a verdict, and from checks to an outcome. A check that
// could not be made never counts as passed.

import type { ComponentMatches } from './record/opening.ts';

export type ContentVerdict = 'identical' | 'equal-exact' | 'equal' | 'altered';
export type Verdict = ContentVerdict | 'unknown-version' | 'erased' | 'deleted';
export type Flag = 'precision-differs' | 'narrative-changed' | 'labels-changed' | 'superseded' | 'erased';
export type Status = 'sequenced' | 'integrated' | 'checkpointed' | 'anchored' | 'confirmed' | 'unknown';
export type Outcome = 'intact' | 'altered' | 'unproven';

export const CHECK_NAMES = [
  'commitment',
  'identity',
  'content',
  'fields',
  'inclusion',
  'checkpoint-signature',
  'submitter-signature',
  'submitter-key',
  'anchor',
  'version-chain',
  'latest',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

export interface Check {
  readonly name: CheckName;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Whether the outcome can be `intact` while this check is skipped. */
  readonly required: boolean;
  /** In plain words, for people. */
  readonly reason: string;
  /** For programs: a VerifyErrorCode, or a SkipCode when skipped. */
  readonly code?: string;
}

export interface Grade {
  /** Null when the salts that were given do not allow to tell. */
  readonly verdict: ContentVerdict | null;
  readonly flags: Flag[];
  readonly reason: string;
}

/** The first that opens wins: the exact octets, then the exact values, then the values as numbers. */
export function verdictOf(matches: ComponentMatches): Grade {
  const verdict = contentVerdict(matches);
  const flags: Flag[] = [];
  if (verdict === 'equal') flags.push('precision-differs');
  if (changed(matches, 'narrative')) flags.push('narrative-changed');
  if (changed(matches, 'labels')) flags.push('labels-changed');
  const reason =
    verdict === null
      ? 'The bundle carries no salt for the content, so the given content cannot be compared with what was committed.'
      : explainVerdict(verdict);
  return { verdict, flags, reason };
}

function contentVerdict(matches: ComponentMatches): ContentVerdict | null {
  if (matches.get('raw') === 'opens') return 'identical';
  if (matches.get('contentExact') === 'opens') return 'equal-exact';
  if (matches.get('content') === 'opens') return 'equal';
  // Only the weakest committed component can say `altered`: while it is unknown, the values may still be the same.
  const weakest = matches.has('content') ? matches.get('content') : matches.get('raw');
  return weakest === 'unknown' || weakest === undefined ? null : 'altered';
}

function changed(matches: ComponentMatches, name: 'narrative' | 'labels'): boolean {
  const match = matches.get(name);
  return match === 'differs' || match === 'missing' || match === 'uncommitted';
}

const EXPLANATIONS = {
  identical: 'The content is, octet for octet, what was committed.',
  'equal-exact':
    'The content has exactly the committed values, digit for digit; only its writing (order, white space, metadata or narrative) differs.',
  equal:
    'The content has the committed values as numbers, but some number is written with other digits (6.30 became 6.3, say).',
  altered: 'The content is not what was committed: some value differs.',
  'unknown-version': 'No such version is known to the ledger.',
  erased: 'The link between this record and the log was erased: only who kept the content and its salts can compare.',
  deleted: 'This version is a delete: it has no content to compare with.',
} as const satisfies Record<Verdict, string>;

/** The verdict in plain words. */
export function explainVerdict(verdict: Verdict): string {
  return EXPLANATIONS[verdict];
}

const GOOD: readonly (Verdict | null)[] = ['identical', 'equal-exact', 'equal', null];

/** `verdict` is null when no content was given, or when it could not be compared (then the content check is skipped). */
export function outcomeOf(checks: readonly Check[], verdict: Verdict | null): Outcome {
  if (verdict === 'altered' || checks.some(({ result }) => result === 'failed')) return 'altered';
  const gap = checks.some(({ result, required }) => required && result === 'skipped');
  return gap || !GOOD.includes(verdict) ? 'unproven' : 'intact';
}

/** The outcome in plain words, with what stood in the way. */
export function explainOutcome(outcome: Outcome, checks: readonly Check[], verdict: Verdict | null): string {
  const failed = checks.filter(({ result }) => result === 'failed').map(({ name }) => name);
  const gaps = checks.filter(({ result, required }) => required && result === 'skipped').map(({ name }) => name);
  const about = verdict === null ? '' : ` ${explainVerdict(verdict)}`;
  if (outcome === 'intact') return `Intact: every check that is required passed.${about}`;
  if (outcome === 'altered') return `Altered: ${failed.join(', ') || 'the content'} did not hold.${about}`;
  return `Unproven: nothing speaks against it, but ${gaps.join(', ') || 'the comparison'} could not be checked.${about}`;
}
