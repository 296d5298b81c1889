// `npm run demo` as a child process: every step as expected, exit code 0, nothing left behind, whatever the user's
// environment says. And the other way round: a story with a wrong expectation must not end well.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT_CODES } from '../../scripts/demo.ts';
import { playStory } from '../../scripts/demo/play.ts';
import type { Output } from '../../scripts/demo/report.ts';
import { oneDigit } from '../../scripts/demo/steps/compare-copies.ts';
import { anchor, submit } from '../../scripts/demo/steps/record-and-anchor.ts';
import { STORY } from '../../scripts/demo/story.ts';
import type { Step } from '../../scripts/demo/step.ts';

let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'medanchor-test-demo-'));
  // The database's account must be able to walk through, when the tests run as root.
  chmodSync(temporary, 0o711);
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Settings of a user whose own service is somewhere else: the demo must not touch any of it. */
const USERS_OWN = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/real-records',
  CHAIN_RPC_URL: 'http://127.0.0.1:1',
  MEDANCHOR_HOME: '/nonexistent/real-data',
  PORT: '1',
  LOG_ORIGIN: 'real.example/log/1',
};

function runDemo(): Promise<{ code: number | null; output: string }> {
  const { NODE_OPTIONS: _jests, ...env } = process.env;
  const child = spawn(process.execPath, ['scripts/medanchor.mjs', 'demo'], {
    env: { ...env, ...USERS_OWN, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

test('plays every step as expected, ends with 0, and leaves nothing behind', async () => {
  const { code, output } = await runDemo();
  for (const [position, { name }] of STORY.entries()) {
    const [, block = output] = output.split(`\n${String(position + 1)}. ${name}\n`);
    const [found = output] = block.split('\n\n');
    // The whole block, so that a failure says what was found.
    expect(found).toMatch(/→ as expected$/);
  }
  expect(output).toContain(`\n${String(STORY.length)} of ${String(STORY.length)} steps as expected (`);
  expect(code).toBe(0);
  expect(output).not.toContain('\u001b');
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}, 120_000);

test('tells the whole story', () => {
  const told = STORY.map(({ name, expected }) => `${name}: ${Object.values(expected).join('; ')}`).join('\n');
  for (const caught of [
    '409 history-rewritten',
    'equal-exact',
    'precision-differs',
    'CONTENT_ALTERED',
    'FIELD_NOT_IN_TREE',
    'INCLUSION_MISMATCH',
    'VERSION_CHAIN_BROKEN',
    'ANCHOR_TRANSACTION_UNKNOWN',
    'AnchorHistoryRewritten',
    'AnchorRootConflict',
    'AnchorSizeShrinks',
  ]) {
    expect(told).toContain(caught);
  }
  for (const { headline, expected } of STORY) expect(Object.keys(expected)).toContain(headline);
});

describe('a story that does not come out as told', () => {
  const played = async (story: readonly Step[], interrupted?: () => string | null) => {
    const lines: string[] = [];
    const output: Output = { write: (text) => void lines.push(text), width: 80 };
    const ending = await playStory(story, { output, ...(interrupted === undefined ? {} : { interrupted }) });
    return { ending, text: lines.join('\n') };
  };

  test('one wrong expectation, and a step that cannot be carried out: both are named, the rest is played', async () => {
    const hopeful: Step = { ...oneDigit, expected: { ...oneDigit.expected, verdict: 'identical' } };
    const broken: Step = {
      ...submit,
      name: 'Broken',
      act: () => Promise.reject(new Error('the disk is on fire')),
    };
    const { ending, text } = await played([submit, anchor, hopeful, broken, oneDigit]);
    expect(ending).toBe('not-as-expected');
    expect(text).toContain('     verdict: altered\n       expected: identical\n');
    expect(text).toContain('     could not be done: the disk is on fire\n     → NOT AS EXPECTED');
    expect(text).toContain('\nNO  3. One digit changed');
    expect(text).toContain('\nNO  4. Broken');
    expect(text).toContain('\nok  5. One digit changed');
    expect(text).toContain('\n3 of 5 steps as expected (');
  }, 60_000);

  test('interrupted between two steps: the instance is removed, and the ending says so', async () => {
    const { ending, text } = await played(STORY, () => 'Ctrl-C');
    expect(ending).toBe('interrupted');
    expect(text).toContain('Ctrl-C; the throw-away instance is gone.');
    expect(text).not.toContain('as expected');
  }, 60_000);

  test('only a good ending gives the exit code 0', () => {
    expect(EXIT_CODES).toEqual({ 'as-expected': 0, 'not-as-expected': 1, interrupted: 130 });
  });
});
