// The verifier's README: its example is this folder's readme-example.ts, which is type-checked and run here, and its text of
// --help and its sample of a run are what the command prints.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { formatBundle, utf8 } from '@medanchor/verifier';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { HELP } from '../../verifier/cli/help.ts';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { explain } from './readme-example.ts';
import { CONTENT, Files, makeBundle, verify, type Anchored } from './support.ts';

const README = readFileSync(path.join(PROJECT_ROOT, 'verifier', 'README.md'), 'utf8');
const files = new Files();
let chain: TestChain;
let made: Anchored;

beforeAll(async () => {
  chain = await startTestChain();
  made = await makeBundle(chain);
}, 60_000);

afterAll(async () => {
  await chain.stop();
  files.remove();
});

/** The code blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );
}

test('shows the example as it is run here', async () => {
  expect(blocks('ts')[0]).toBe(readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8'));
  const bundle = utf8(formatBundle(made.bundle));
  const intact = await explain(bundle, CONTENT, chain.url, chain.contract);
  expect(intact).toEqual({ outcome: 'intact', verdict: 'identical', flags: [], failed: [] });
  const changed = utf8(new TextDecoder().decode(CONTENT).replace('4.10', '1.40'));
  const altered = await explain(bundle, changed, chain.url, chain.contract);
  expect(altered).toEqual({ outcome: 'altered', verdict: 'altered', flags: [], failed: ['CONTENT_ALTERED'] });
});

test('shows what --help says', () => {
  expect(blocks('text')[0]).toBe(HELP);
});

test('shows what a run prints, but for the values of that day', async () => {
  const [shown = ''] = blocks('console');
  const [command = '', ...lines] = shown.split('\n');
  expect(command).toMatch(/^\$ medanchor-verify bundle\.json potassium\.json --rpc http:\/\/127\.0\.0\.1:8545 /);
  const argv = [files.bundle('bundle.json', made.bundle), files.write('potassium.json', CONTENT)];
  const trust = ['--rpc', chain.url, '--contract', chain.contract, '--chain-id', '31337', '--log-key', made.logKey];
  const { code, out } = await verify(...argv, ...trust, '--record', 'Observation/potassium');
  expect(code).toBe(0);
  expect(masked(out)).toBe(masked(lines.join('\n')));
});

function masked(text: string): string {
  return text.replace(/0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.]+Z|block \d+/g, '…');
}
