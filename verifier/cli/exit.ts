// What a run speaks to, and how it ends.

import type { VerificationReport } from '../src/index.ts';
import type { ByteStream } from './input.ts';
import type { Style } from './print.ts';

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: ByteStream;
  readonly style: Style;
  readonly version: string;
}

export const EXIT = { intact: 0, altered: 1, unusable: 2, unproven: 3 } as const;

/**
 * Offline the anchor is missing by request: then everything else must hold, and a key that the auditor trusts must have
 * signed the checkpoint, or nothing at all ties the bundle to the log.
 */
export function exitCode(report: VerificationReport, offline: boolean): number {
  if (!offline || report.outcome !== 'unproven') return EXIT[report.outcome];
  const held = (name: string): boolean => report.checks.some((one) => one.name === name && one.result === 'passed');
  const missing = report.checks.filter((one) => one.required && one.result === 'skipped' && one.name !== 'anchor');
  return missing.length === 0 && held('checkpoint-signature') ? EXIT.intact : EXIT.unproven;
}
