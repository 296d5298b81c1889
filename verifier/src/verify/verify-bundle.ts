// The whole verification of a proof bundle: docs/spec/formats.md section 10. Reads like the protocol: one line per check. The
// bundle is hostile; what is trusted comes from the verifier alone.

import type { Bundle } from '../bundle.ts';
import type { RecordIdentity } from '../record/identity.ts';
import {
  explainOutcome,
  outcomeOf,
  type Check,
  type CheckName,
  type Flag,
  type Outcome,
  type Status,
  type Verdict,
} from '../verdict.ts';
import { checkAnchor } from './anchor.check.ts';
import type { Eip1193Provider } from './chain.ts';
import { runCheck, Skip } from './check.ts';
import { checkCheckpointSignature } from './checkpoint.check.ts';
import { checkCommitment } from './commitment.check.ts';
import { checkContent } from './content.check.ts';
import { checkFields } from './fields.check.ts';
import { checkIdentity } from './identity.check.ts';
import { checkInclusion } from './inclusion.check.ts';
import { subjectOf } from './subject.ts';
import { checkSubmitterSignature } from './submitter.check.ts';
import { checkSubmitterKey } from './submitter-key.check.ts';
import { readTrust, type Trust } from './trust.ts';

export interface VerifyOptions {
  readonly trust: Trust;
  readonly content?: Uint8Array;
  /** Of the content; the committed one when absent. */
  readonly mediaType?: string;
  /** What the verifier believes the bundle to be about. */
  readonly identity?: Partial<RecordIdentity>;
  readonly chain?: Eip1193Provider;
}

export interface VerificationReport {
  /** Null when no content was given, or none could be compared. */
  readonly verdict: Verdict | null;
  readonly flags: readonly Flag[];
  readonly status: Status;
  readonly outcome: Outcome;
  /** The outcome in plain words. */
  readonly reason: string;
  readonly checks: readonly Check[];
  readonly subject: {
    readonly kind: Bundle['entry']['kind'];
    readonly leafHash: Uint8Array;
    readonly index: bigint;
    readonly origin: string;
    readonly size: bigint;
    readonly root: Uint8Array;
    /** Only when the identity check passed. */
    readonly identity?: RecordIdentity;
    /** Only when the anchor check passed. */
    readonly confirmations?: bigint;
  };
}

/**
 * Never throws for what a bundle claims: each claim that does not hold is a failed check. Throws VerifyError
 * TRUST_MALFORMED for a mistake in `trust`.
 */
export async function verifyBundle(bundle: Bundle, options: VerifyOptions): Promise<VerificationReport> {
  const trust = readTrust(options.trust);
  const subject = subjectOf(bundle);
  const { check: content, verdict, flags } = checkContent(subject, options.content, options.mediaType);
  const { check: anchor, confirmations } = await checkAnchor(subject, trust, options.chain);
  const checks: Check[] = [
    checkCommitment(subject),
    checkIdentity(subject, options.identity),
    content,
    checkFields(subject),
    checkInclusion(subject),
    checkCheckpointSignature(subject, trust.logKeys),
    checkSubmitterSignature(subject, trust.submitterKeys),
    checkSubmitterKey(subject),
    anchor,
    needsLedger('version-chain', 'whether the earlier versions are linked without a gap'),
    needsLedger('latest', 'whether a newer version exists'),
  ];
  const identity = bundle.opening?.identity;
  return concluded({
    verdict,
    flags,
    status: statusOf(checks, confirmations, trust.confirmations),
    checks,
    subject: {
      kind: bundle.entry.kind,
      leafHash: subject.leafHash,
      index: subject.proof.index,
      origin: subject.checkpoint.origin,
      size: subject.checkpoint.size,
      root: subject.checkpoint.root,
      ...(identity !== undefined && passed(checks, 'identity') ? { identity } : {}),
      ...(confirmations !== undefined ? { confirmations } : {}),
    },
  });
}

/** The report with some checks replaced by better informed ones (the ledger's), and the outcome drawn again. */
export function withChecks(
  report: VerificationReport,
  checks: readonly Check[],
  flags: readonly Flag[] = [],
): VerificationReport {
  const better = new Map(checks.map((check) => [check.name, check]));
  return concluded({
    ...report,
    checks: report.checks.map((check) => better.get(check.name) ?? check),
    flags: [...new Set([...report.flags, ...flags])],
  });
}

/** What a ledger knows of the erasure of a record. */
export interface KnownErasure {
  readonly index: bigint;
  readonly time: string;
  readonly basis: string;
}

/**
 * The report on a version whose record has been erased since. What the content says stands, for whoever kept the content and
 * its salts; without it, nobody can say any more what the version was.
 */
export function withErasure(report: VerificationReport, { index, time, basis }: KnownErasure): VerificationReport {
  const latest: Check = {
    name: 'latest',
    required: false,
    result: 'skipped',
    code: 'ERASED',
    reason: `The record of this version was erased at ${time} (entry ${index}, ${basis}).`,
  };
  return withChecks({ ...report, verdict: report.verdict ?? 'erased' }, [latest], ['erased']);
}

function concluded(report: Omit<VerificationReport, 'outcome' | 'reason'>): VerificationReport {
  const outcome = outcomeOf(report.checks, report.verdict);
  return { ...report, outcome, reason: explainOutcome(outcome, report.checks, report.verdict) };
}

/** Only what the verifier has seen for himself: a bundle cannot claim a status. */
function statusOf(checks: readonly Check[], confirmations: bigint | undefined, wanted: bigint): Status {
  if (!passed(checks, 'inclusion')) return 'unknown';
  if (confirmations !== undefined) return confirmations >= wanted ? 'confirmed' : 'anchored';
  return passed(checks, 'checkpoint-signature') ? 'checkpointed' : 'unknown';
}

function passed(checks: readonly Check[], name: CheckName): boolean {
  return checks.some((check) => check.name === name && check.result === 'passed');
}

function needsLedger(name: CheckName, question: string): Check {
  return runCheck(name, false, () => {
    throw new Skip('NEEDS_LEDGER', `A bundle alone cannot tell ${question}; ask the ledger.`);
  });
}
