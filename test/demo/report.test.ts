// How the demo judges a step and how it speaks: exact findings only, and lines that fit a narrow terminal.

import { describe, expect, test } from '@jest/globals';
import { announce, showResult, showSummary, wrap, type Output } from '../../scripts/demo/report.ts';
import { runStep, type Scene, type Step, type StepOutcome } from '../../scripts/demo/step.ts';

const step: Step = {
  name: 'A tampering that takes some explaining',
  story: 'Somebody does something that nobody should do, and it must be found by whoever looks.',
  expected: { service: 'altered: inclusion (INCLUSION_MISMATCH)', auditor: 'altered' },
  headline: 'service',
  act: () => Promise.resolve({ found: { service: 'altered: inclusion (INCLUSION_MISMATCH)', auditor: 'altered' } }),
};
// These steps look at nothing.
const scene = {} as Scene;
const finding = (found: StepOutcome['found']): Step => ({ ...step, act: () => Promise.resolve({ found }) });

function collect(width: number): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { width, lines, write: (text) => void lines.push(...text.split('\n')) };
}

describe('a step is as expected', () => {
  test('when every finding is exactly the expected one', async () => {
    expect(await runStep(step, scene)).toMatchObject({ asExpected: true });
  });

  test.each([
    ['another value', { ...step.expected, auditor: 'intact' }],
    ['one missing', { service: 'altered: inclusion (INCLUSION_MISMATCH)' }],
    ['one more', { ...step.expected, alarm: 'none' }],
    ['nothing found', {}],
  ])('and not with %s', async (_name, found: Record<string, string>) => {
    expect(await runStep(finding(found), scene)).toMatchObject({ asExpected: false });
  });

  test('and not when it throws', async () => {
    const throwing: Step = { ...step, act: () => Promise.reject(new Error('refused')) };
    expect(await runStep(throwing, scene)).toMatchObject({ asExpected: false, error: 'refused', found: {} });
  });
});

test.each([40, 60, 72, 80, 100])('no line is wider than a terminal of %d columns', async (width) => {
  const output = collect(width);
  const results = [
    await runStep(step, scene),
    await runStep(finding({ service: 'intact' }), scene),
    { ...(await runStep(step, scene)), notes: [`transaction 0x${'ab'.repeat(32)}`] },
  ];
  for (const result of results) {
    announce(result.step, 1, output);
    showResult(result, output);
  }
  showSummary(results, output);
  expect(output.lines.filter((line) => line.length > width)).toEqual([]);
  expect(output.lines.join('')).not.toContain('\u001b');
});

test('the table shows the headline of a good step and every difference of a bad one', async () => {
  const output = collect(100);
  showSummary([await runStep(step, scene), await runStep(finding({ service: 'intact' }), scene)], output);
  const [good, bad] = output.lines.join('\n').split('\nNO ');
  expect(good).toContain('the same');
  expect(good).not.toContain('auditor');
  expect(bad?.replaceAll(/\s+/g, ' ')).toContain('auditor: nothing');
});

test.each([
  ['one two three', 7, ['one two', 'three']],
  ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
  ['a bcdefgh', 4, ['a', 'bcde', 'fgh']],
  ['', 10, ['']],
])('wraps %j at %d columns', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});
