// The border between refused input and our own bugs, and the words in which an outcome is explained.

import { describe, expect, test } from '@jest/globals';
import {
  CHECK_NAMES,
  explainOutcome,
  explainVerdict,
  InvariantError,
  outcomeOf,
  VERIFY_ERROR_CODES,
  VerifyError,
  type Check,
} from '@medanchor/verifier';
import { onRefusal } from '../../verifier/src/errors.ts';
import { runAsyncCheck, runCheck, Skip } from '../../verifier/src/verify/check.ts';

const bug = (): never => {
  throw new InvariantError('our own');
};

describe('our own bugs never look like a verdict', () => {
  test('in a reader', () => {
    expect(() => onRefusal(bug, () => 'refused')).toThrow(InvariantError);
  });

  test('in a check', async () => {
    expect(() => runCheck('inclusion', true, bug)).toThrow(InvariantError);
    await expect(runAsyncCheck('anchor', true, async () => bug())).rejects.toThrow(InvariantError);
  });
});

test('refusals and skips become results, with their codes', () => {
  const refuse = (): never => {
    throw new VerifyError('TREE_SIZE', 'too small', { position: 3, cause: 'why' });
  };
  expect(onRefusal(refuse, ({ code, position, cause }) => [code, position, cause])).toEqual(['TREE_SIZE', 3, 'why']);
  expect(runCheck('inclusion', true, refuse)).toEqual({
    name: 'inclusion',
    required: true,
    result: 'failed',
    reason: 'too small',
    code: 'TREE_SIZE',
  });
  const skip = (): never => {
    throw new Skip('NOT_GIVEN', 'nothing given');
  };
  expect(runCheck('content', false, skip)).toMatchObject({ result: 'skipped', code: 'NOT_GIVEN' });
});

test('codes and names of checks are each listed once', () => {
  expect(new Set(VERIFY_ERROR_CODES).size).toBe(VERIFY_ERROR_CODES.length);
  expect(new Set(CHECK_NAMES).size).toBe(11);
});

describe('outcome', () => {
  const check = (result: Check['result'], required: boolean): Check => ({
    name: 'anchor',
    result,
    required,
    reason: 'because',
  });

  test.each<[Check[], Parameters<typeof outcomeOf>[1], string, string]>([
    [[], null, 'intact', 'Intact: every check that is required passed.'],
    [
      [check('passed', true)],
      'equal',
      'intact',
      `Intact: every check that is required passed. ${explainVerdict('equal')}`,
    ],
    [[check('skipped', false)], null, 'intact', 'Intact: every check that is required passed.'],
    [
      [check('skipped', true)],
      null,
      'unproven',
      'Unproven: nothing speaks against it, but anchor could not be checked.',
    ],
    [[check('failed', false)], 'identical', 'altered', `Altered: anchor did not hold. ${explainVerdict('identical')}`],
    [[check('passed', true)], 'altered', 'altered', `Altered: the content did not hold. ${explainVerdict('altered')}`],
    [[check('failed', true), check('skipped', true)], null, 'altered', 'Altered: anchor did not hold.'],
    [
      [],
      'unknown-version',
      'unproven',
      `Unproven: nothing speaks against it, but the comparison could not be checked. ${explainVerdict('unknown-version')}`,
    ],
    [
      [],
      'erased',
      'unproven',
      `Unproven: nothing speaks against it, but the comparison could not be checked. ${explainVerdict('erased')}`,
    ],
  ])('%j with verdict %s is %s', (checks, verdict, outcome, words) => {
    expect(outcomeOf(checks, verdict)).toBe(outcome);
    expect(explainOutcome(outcomeOf(checks, verdict), checks, verdict)).toBe(words);
  });
});
