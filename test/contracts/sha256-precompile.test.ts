// A chain on which the SHA-256 precompile is missing or broken must stop every proof, not turn leftovers of memory into
// hashes. No such chain can be had here, so the code of the test harness is changed instead: it calls another address.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Chain, Reverted } from './support/chain.ts';
import { refNodeHash } from './support/rfc-reference.ts';
import { hex, sampleTree } from './support/sample-tree.ts';

const tree = sampleTree(2);
const [left, right] = [tree.leaf(0), tree.leaf(1)];

/** PUSH1 address, GAS, STATICCALL: the call of the precompile in the compiled code. */
const callOf = (address: string): string => `60${address}5afa`;

let chain: Chain;

beforeAll(async () => {
  chain = await Chain.open();
}, 60_000);

afterAll(async () => {
  await chain.close();
});

/** The harness with every call of the SHA-256 precompile turned to another address. */
async function nodeHashBy(address: string): Promise<unknown> {
  const harness = await chain.deployTestContract('Rfc6962Harness', (bytecode) => {
    expect(bytecode).toContain(callOf('02'));
    return bytecode.replaceAll(callOf('02'), callOf(address));
  });
  return (await harness.call('nodeHash', left, right))[0];
}

test('with the precompile in its place', async () => {
  expect(await nodeHashBy('02')).toBe(hex(refNodeHash(left, right)));
});

test.each([
  ['nothing there: the call succeeds and returns nothing', 'ee'],
  ['another precompile there, with an answer of 65 octets (identity)', '04'],
  ['the precompile fails (pairing check, for which 65 octets are no input)', '08'],
])('%s', async (_, address) => {
  await expect(nodeHashBy(address)).rejects.toThrow(new Reverted('Rfc6962Sha256Failed', []));
});
