// How a check is made: run it, and turn what it throws into a result. docs/spec/formats.md section 10.

import { VerifyError } from '../errors.ts';
import type { Check, CheckName } from '../verdict.ts';

/** Why a check could not be made. Closed, like the codes of failures. */
export type SkipCode =
  | 'NOT_APPLICABLE'
  | 'NOT_GIVEN'
  | 'NOT_OPENED'
  | 'NOT_SIGNED'
  | 'NOT_ANCHORED'
  | 'NOT_TRUSTED'
  | 'NO_CONTENT_COMMITTED'
  | 'NEEDS_LEDGER'
  | 'ERASED'
  | 'CHAIN_NOT_GIVEN'
  | 'CHAIN_UNREACHABLE'
  | 'CHAIN_ANSWER_MALFORMED';

/**
 * Thrown inside a check that cannot be made. Never leaves verify/. Not an Error: nearly every report has some, and a trace of
 * the stack, which nobody reads, would be the dearest part of the report.
 */
export class Skip {
  readonly code: SkipCode;
  readonly reason: string;

  constructor(code: SkipCode, reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

/** `make` returns the reason of a pass, throws VerifyError for a failure and Skip when the check cannot be made. */
export function runCheck(name: CheckName, required: boolean, make: () => string): Check {
  try {
    return { name, required, result: 'passed', reason: make() };
  } catch (error) {
    return notPassed(name, required, error);
  }
}

export async function runAsyncCheck(name: CheckName, required: boolean, make: () => Promise<string>): Promise<Check> {
  try {
    return { name, required, result: 'passed', reason: await make() };
  } catch (error) {
    return notPassed(name, required, error);
  }
}

function notPassed(name: CheckName, required: boolean, error: unknown): Check {
  if (error instanceof Skip) return { name, required, result: 'skipped', reason: error.reason, code: error.code };
  if (error instanceof VerifyError)
    return { name, required, result: 'failed', reason: error.message, code: error.code };
  // Anything else is our own bug, and must not look like a verdict.
  throw error;
}
