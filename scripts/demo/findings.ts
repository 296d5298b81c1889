// Turns a report, of the service or of the verifier's library, into findings.

import { ApiError } from '../sample/ledger-client.ts';
import type { Findings } from './step.ts';

export interface ReportLike {
  readonly verdict: string | null;
  readonly flags: readonly string[];
  readonly outcome: string;
  readonly checks: readonly { readonly name: string; readonly result: string; readonly code?: string | undefined }[];
}

export function verdictFindings(report: ReportLike): Findings {
  return {
    verdict: report.verdict ?? 'none',
    flags: report.flags.length === 0 ? 'none' : report.flags.toSorted().join(', '),
    'failed checks': failedChecks(report),
    outcome: report.outcome,
  };
}

/** Each with the code that says what was wrong. */
export function failedChecks(report: ReportLike): string {
  const failed = report.checks.filter(({ result }) => result === 'failed');
  if (failed.length === 0) return 'none';
  return failed.map(({ name, code }) => (code === undefined ? name : `${name} (${code})`)).join(', ');
}

/** For steps that show the same verdict from several sides. */
export function outcomeWithReasons(report: ReportLike): string {
  const failed = failedChecks(report);
  return failed === 'none' ? report.outcome : `${report.outcome}: ${failed}`;
}

/** What the service answers to a request: `accepted`, or status and code of its refusal. */
export async function answerTo(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${String(error.status)} ${error.code ?? 'without a code'}`;
  }
}
