// The committed contracts/generated/anchor-registry.ts is what the sources compile to today, and what a chain runs after it
// is deployed. Everything else in the project, and every auditor, relies on that module instead of a compiler.

import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { keccak256 } from 'ethers';
import {
  anchorRegistryAbi,
  anchorRegistryBytecode,
  anchorRegistryCodeHash,
} from '../../contracts/generated/anchor-registry.ts';
import { GENERATED_FILE, renderAnchorRegistry } from '../../scripts/generate-contract.ts';
import { Chain } from './support/chain.ts';

test('is fresh; otherwise run: node scripts/generate-contract.ts', async () => {
  expect(await readFile(GENERATED_FILE, 'utf8')).toBe(await renderAnchorRegistry());
}, 60_000);

test('its bytecode deploys to code with its code hash, at any address and by any account', async () => {
  const chain = await Chain.open();
  try {
    for (const from of [chain.account(0), chain.account(1)]) {
      const hash = await chain.request<string>('eth_sendTransaction', { from, data: anchorRegistryBytecode });
      const receipt = await chain.request<{ contractAddress: string }>('eth_getTransactionReceipt', hash);
      const code = await chain.request<string>('eth_getCode', receipt.contractAddress, 'latest');
      expect(keccak256(code)).toBe(anchorRegistryCodeHash);
    }
  } finally {
    await chain.close();
  }
});

test('its interface has the event and the head of the specification, by name and type', () => {
  const signatures = anchorRegistryAbi.map((item) => {
    const inputs = 'inputs' in item ? item.inputs : [];
    const indexed = inputs.map(
      (input) => `${input.type}${'indexed' in input && input.indexed ? ' indexed' : ''} ${input.name}`,
    );
    return `${item.type} ${'name' in item ? item.name : ''}(${indexed.join(', ')})`;
  });
  expect(signatures).toContain('event HeadAnchored(bytes32 indexed logId, uint64 indexed size, bytes32 root)');
  expect(signatures).toContain('function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] proof)');
  expect(signatures).toContain('function head(bytes32 logId)');
});
