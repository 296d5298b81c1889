// The last line of `npm test`: what counts as passed, failed and skipped.

import { describe, expect, test } from '@jest/globals';
import { addCounts, countJest, countStep, formatCounts, type JestReport } from '../../scripts/check/summary.ts';

const report: JestReport = {
  success: true,
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};

describe('counts of a test run', () => {
  test('a green run: tests and checks are added, pending and todo are skipped', () => {
    const counts = addCounts([countStep(true), countStep(true), countJest(report, 0)]);
    expect(formatCounts(counts)).toBe('14 passed, 0 failed, 3 skipped');
  });

  test('a test file that cannot be loaded is a failure', () => {
    const broken = { ...report, success: false, numRuntimeErrorTestSuites: 2, numFailedTests: 1 };
    expect(countJest(broken, 1)).toEqual({ passed: 12, failed: 3, skipped: 3 });
  });

  test('a run that fails without a failed test still counts one failure', () => {
    expect(countJest(report, 1)).toEqual({ passed: 12, failed: 1, skipped: 3 });
    expect(countJest({ ...report, success: false }, 0)).toEqual({ passed: 12, failed: 1, skipped: 3 });
  });

  test('no report at all is one failure and nothing passed', () => {
    expect(countJest(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('a failed check is one failure', () => {
    expect(formatCounts(addCounts([countStep(false), countStep(true)]))).toBe('1 passed, 1 failed, 0 skipped');
  });
});
