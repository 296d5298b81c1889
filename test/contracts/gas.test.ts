// What the registry costs, to the unit of gas, against the committed test/contracts/gas-snapshot.json: a change shows in
// review. After a change that is meant:
//
//   MEDANCHOR_UPDATE_GAS=1 NODE_OPTIONS=--experimental-vm-modules npx jest test/contracts/gas
//
// The numbers are whole transactions (base cost, calldata, execution) except for verifyInclusion, which is read by contracts.
// Nothing in them depends on time or chance, so they are compared exactly.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { id } from 'ethers';
import { format, resolveConfig } from 'prettier';
import { Chain, type Contract } from './support/chain.ts';
import { LargeTree } from './support/large-tree.ts';

const SNAPSHOT = fileURLToPath(new URL('gas-snapshot.json', import.meta.url));
const UPDATE = process.env['MEDANCHOR_UPDATE_GAS'] === '1';

const JUMPS = [
  [1_000, 1_256],
  [1_000_000, 1_000_256],
  [1_000_000, 1_001_000],
  [1_048_575, 1_048_576],
  [1, 500_000],
] as const;

type Snapshot = Record<string, number>;

let chain: Chain;
let registry: Contract;
let measured: Snapshot;

const jumpName = (size1: number, size2: number): string =>
  `anchor ${size1.toLocaleString('en')} -> ${size2.toLocaleString('en')}`;

beforeAll(async () => {
  chain = await Chain.open();
  registry = await chain.deployRegistry();
  measured = await measure(new LargeTree(1_048_576 + 1));
  if (UPDATE) {
    const options = { ...(await resolveConfig(SNAPSHOT)), filepath: SNAPSHOT };
    await writeFile(SNAPSHOT, await format(JSON.stringify(measured), options));
  }
}, 60_000);

afterAll(async () => {
  await chain.close();
});

async function measure(tree: LargeTree): Promise<Snapshot> {
  const from = chain.account(0);
  const gas: Snapshot = { deploy: Number(registry.deploymentGas) };
  const send = async (contract: Contract, name: string, ...args: unknown[]): Promise<number> =>
    Number((await contract.send(from, name, ...args)).gasUsed);
  const newLog = async (name: string): Promise<string> => {
    const logId = id(`gas.test/${name}`);
    gas['registerLog'] = await send(registry, 'registerLog', logId, from);
    return logId;
  };

  const first = await newLog('first');
  gas['first anchor'] = await send(registry, 'anchor', first, 1_000, tree.root(1_000), []);
  gas['anchor of the stored head again'] = await send(registry, 'anchor', first, 1_000, tree.root(1_000), []);

  for (const [size1, size2] of JUMPS) {
    const logId = await newLog(`${size1}-${size2}`);
    await registry.send(from, 'anchor', logId, size1, tree.root(size1), []);
    const proof = tree.consistencyProof(size1, size2);
    gas[jumpName(size1, size2)] = await send(registry, 'anchor', logId, size2, tree.root(size2), proof);
  }

  const caller = await chain.deployTestContract('InclusionCaller');
  for (const depth of [10, 20]) {
    const size = 2 ** depth;
    const logId = await newLog(`inclusion-${depth}`);
    await registry.send(from, 'anchor', logId, size, tree.root(size), []);
    const index = Math.floor(size / 3);
    const args = [registry.address, logId, tree.leaf(index), index, tree.inclusionProof(index, size)] as const;
    const [included, gasUsed] = await caller.call('measure', ...args);
    expect(included).toBe(true);
    gas[`verifyInclusion at depth ${depth}, asked by a contract`] = Number(gasUsed);
  }

  const unchecked = await chain.deployTestContract('UncheckedHeads');
  await unchecked.send(from, 'register', first);
  await unchecked.send(from, 'update', first, 1_000_000, tree.root(1_000_000));
  gas['unchecked head update, for comparison'] = await send(
    unchecked,
    'update',
    first,
    1_000_256,
    tree.root(1_000_256),
  );
  return gas;
}

test('is what the committed snapshot says', async () => {
  const committed = JSON.parse(await readFile(SNAPSHOT, 'utf8')) as Snapshot;
  expect(measured).toEqual(committed);
});

describe('stays within what the design promises', () => {
  test.each([
    [jumpName(1_000, 1_256), 50_000],
    [jumpName(1_000_000, 1_000_256), 52_000],
    [jumpName(1_000_000, 1_001_000), 60_000],
    [jumpName(1_048_575, 1_048_576), 70_000],
    [jumpName(1, 500_000), 84_000],
  ])('%s: at most %i', (row, limit) => {
    expect(measured[row]).toBeGreaterThan(21_000);
    expect(measured[row]).toBeLessThanOrEqual(limit);
  });

  test('refusing a rewritten history costs less than half of an unchecked update on top', () => {
    const routine = measured[jumpName(1_000_000, 1_000_256)] ?? Infinity;
    const baseline = measured['unchecked head update, for comparison'] ?? 0;
    expect(routine - baseline).toBeLessThan(baseline / 2);
  });
});
