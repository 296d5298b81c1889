// Gas of one anchor and of one record, by size of the log and records since the last anchor; beside a contract that takes
// any head unchecked (contracts/test/UncheckedHeads.sol), and beside one transaction for each record.

import { id } from 'ethers';
import type { Sha256 } from '../../../verifier/src/hash.ts';
import { GasChain, type Deployed } from '../harness/gas-chain.ts';
import type { Context } from '../harness/context.ts';
import { atMost, type Cell, type Findings } from '../harness/findings.ts';
import type { OwnSection } from '../harness/section.ts';
import { withServiceSha256 } from '../harness/service-sha256.ts';
import { numberedLeaves, TileTree } from '../harness/tile-tree.ts';

export const gas: OwnSection = {
  name: 'gas',
  about: 'gas per anchor and per record, beside an unchecked head update and one transaction per record',
  run: (context) => withServiceSha256((sha256) => run(context, sha256)),
};

const RECORDS = [1, 256, 1000, 10_000] as const;

async function run({ quick, say, cleanUp }: Context, sha256: Sha256): Promise<Findings> {
  const sizes = quick ? [1000] : [1000, 10_000, 100_000, 1_000_000];
  const tree = TileTree.of(numberedLeaves(Math.max(...sizes) + Math.max(...RECORDS), sha256));
  const chain = await GasChain.open();
  cleanUp(() => chain.close());
  const registry = await chain.deployRegistry();
  const unchecked = await chain.deployTestContract('UncheckedHeads');
  const uncheckedGas = await gasOfUncheckedUpdate(unchecked, tree);
  const perRecord = await gasOfOneRecord(unchecked);
  const rows: Cell[][] = [];
  let routine: number | null = null;
  for (const size of sizes) {
    for (const records of RECORDS) {
      const anchored = await gasOfAnchor(registry, tree, size, size + records);
      rows.push([
        size,
        records,
        anchored,
        anchored / uncheckedGas,
        anchored / records,
        perRecord / (anchored / records),
      ]);
      if (records === 256) routine = anchored;
    }
    say(`anchors from size ${size.toLocaleString('en')} done`);
  }
  return {
    tables: [
      {
        title: `Gas: an unchecked head update takes ${uncheckedGas.toLocaleString('en')}, a transaction per record ${perRecord.toLocaleString('en')} for each`,
        columns: [
          { title: 'log size', digits: 0 },
          { title: 'records since the last anchor', digits: 0 },
          { title: 'gas of the anchor', digits: 0 },
          { title: '× unchecked', digits: 2 },
          { title: 'gas per record', digits: 1 },
          { title: 'times cheaper than a transaction per record', digits: 0 },
        ],
        rows,
      },
    ],
    targets: [
      atMost(
        `an anchor of 256 records at ${(sizes.at(-1) ?? 0).toLocaleString('en')}, beside the unchecked update`,
        1.5,
        '×',
        routine === null ? null : routine / uncheckedGas,
      ),
    ],
    notes: ['whole transactions: base cost, calldata and execution, on the in-process chain of the tests'],
  };
}

async function gasOfAnchor(registry: Deployed, tree: TileTree, from: number, to: number): Promise<number> {
  const logId = id(`bench/${String(from)}-${String(to)}`);
  await registry.send('registerLog', logId, registry.account);
  await registry.send('anchor', logId, from, tree.root(BigInt(from)), []);
  const proof = tree.consistencyProof(BigInt(from), BigInt(to));
  return await registry.send('anchor', logId, to, tree.root(BigInt(to)), proof);
}

/** Over a head that is there: the cheapest way to put one on chain at all. */
async function gasOfUncheckedUpdate(unchecked: Deployed, tree: TileTree): Promise<number> {
  const logId = id('bench/unchecked');
  await unchecked.send('register', logId);
  await unchecked.send('update', logId, 1000, tree.root(1000n));
  return await unchecked.send('update', logId, 1001, tree.root(1001n));
}

/** A hash of its own in storage for each record, with its time: the first update of a new slot. */
async function gasOfOneRecord(unchecked: Deployed): Promise<number> {
  const recordId = id('bench/record');
  await unchecked.send('register', recordId);
  return await unchecked.send('update', recordId, 1, recordId);
}
