// The life of a log's head: what `anchor` accepts, what it refuses and with which error, and that a refused call changes
// nothing. A rewritten history is really built here, with a valid proof for its own tree.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { consistencyProof, rootFromLeaves, verifyConsistency } from '@medanchor/verifier';
import { AbiCoder, getAddress, id } from 'ethers';
import { Chain, Reverted, type Contract, type Receipt } from './support/chain.ts';
import { mutationsOf } from './support/proof-mutations.ts';
import { refLeafHash, refNodeHash, type Hash } from './support/rfc-reference.ts';
import { hex, sampleTree } from './support/sample-tree.ts';

const tree = sampleTree(70);
const proofFor = (size1: number, size2: number): Hash[] => consistencyProof(BigInt(size1), BigInt(size2), tree.leaves);

let chain: Chain;
let registry: Contract;
let submitter: string;
let logId: string;
let logs = 0;

beforeAll(async () => {
  chain = await Chain.open();
  registry = await chain.deployRegistry();
  submitter = chain.account(1);
}, 60_000);

beforeEach(async () => {
  logId = id(`anchor.test/log/${++logs}`);
  await registry.send(chain.account(0), 'registerLog', logId, submitter);
});

afterAll(async () => {
  await chain.close();
});

const anchor = async (size: number | bigint, root: Hash, proof: readonly Hash[]): Promise<Receipt> =>
  await registry.send(submitter, 'anchor', logId, size, root, proof);

async function headOf(log: string): Promise<{ root: string; size: bigint; time: bigint; blockNumber: bigint }> {
  const [head] = await registry.call('head', log);
  const [root, size, time, blockNumber] = head as [string, bigint, bigint, bigint];
  return { root, size, time, blockNumber };
}

/** The call ends with this error, and the head is what it was. */
async function refused(attempt: () => Promise<unknown>, error: Reverted): Promise<void> {
  const before = await headOf(logId);
  await expect(attempt()).rejects.toThrow(error);
  expect(await headOf(logId)).toEqual(before);
}

describe('the head moves', () => {
  test('first anchor: root, size, block number and block time are stored, one event tells of it', async () => {
    const { events, blockNumber } = await anchor(7, tree.root(7), []);
    expect(events.map(({ signature, args }) => [signature, ...args])).toEqual([
      ['HeadAnchored(bytes32,uint64,bytes32)', logId, 7n, hex(tree.root(7))],
    ]);
    const block = await chain.request<{ timestamp: string }>(
      'eth_getBlockByNumber',
      `0x${blockNumber.toString(16)}`,
      false,
    );
    expect(await headOf(logId)).toEqual({
      root: hex(tree.root(7)),
      size: 7n,
      time: BigInt(block.timestamp),
      blockNumber,
    });
  });

  test('every step from 1 to 70 in strides of 1, 2, 3, 4, …', async () => {
    let size = 1;
    await anchor(size, tree.root(size), []);
    for (let stride = 1; size + stride <= 70; stride++) {
      const next = size + stride;
      const { events } = await anchor(next, tree.root(next), proofFor(size, next));
      expect(events).toHaveLength(1);
      expect(await headOf(logId)).toMatchObject({ root: hex(tree.root(next)), size: BigInt(next) });
      size = next;
    }
    expect(size).toBe(67);
  });

  test('head() is four plain words: root, size, time, block', async () => {
    const { blockNumber } = await anchor(5, tree.root(5), []);
    const { time } = await headOf(logId);
    const raw = await chain.request<string>(
      'eth_call',
      { to: registry.address, data: registry.iface.encodeFunctionData('head', [logId]) },
      'latest',
    );
    const types = ['bytes32', 'uint64', 'uint64', 'uint64'];
    expect(raw).toBe(AbiCoder.defaultAbiCoder().encode(types, [tree.root(5), 5, time, blockNumber]));
  });

  test('the event has the signature and the indexed members of the specification', async () => {
    await anchor(3, tree.root(3), []);
    const [log] = await chain.request<{ topics: string[]; data: string; address: string }[]>('eth_getLogs', {
      fromBlock: 'latest',
      toBlock: 'latest',
    });
    expect(log).toMatchObject({
      topics: [id('HeadAnchored(bytes32,uint64,bytes32)'), logId, `0x${'3'.padStart(64, '0')}`],
      data: hex(tree.root(3)),
    });
    expect(getAddress(log?.address ?? '')).toBe(getAddress(registry.address));
  });
});

describe('the stored head again', () => {
  test('changes nothing and emits nothing, with an empty proof', async () => {
    await anchor(9, tree.root(9), []);
    const before = await headOf(logId);
    const { events } = await anchor(9, tree.root(9), []);
    expect(events).toEqual([]);
    expect(await headOf(logId)).toEqual(before);
  });

  test('also when the very same transaction is sent twice, with the proof of its first try', async () => {
    await anchor(9, tree.root(9), []);
    await anchor(12, tree.root(12), proofFor(9, 12));
    const before = await headOf(logId);
    const { events } = await anchor(12, tree.root(12), proofFor(9, 12));
    expect(events).toEqual([]);
    expect(await headOf(logId)).toEqual(before);
  });

  test('but the same size with another root is a conflict', async () => {
    await anchor(9, tree.root(9), []);
    const [stored, other] = [hex(tree.root(9)), hex(tree.root(10))];
    await refused(() => anchor(9, tree.root(10), []), new Reverted('AnchorRootConflict', [logId, 9n, stored, other]));
  });
});

describe('a rewritten history is refused', () => {
  // The operator changed entry 4 after the log was anchored at 11, rebuilt the whole tree, and went on to 20.
  const rewritten = tree.leaves.with(4, refLeafHash(new TextEncoder().encode('another entry')));
  const rewrittenRoot = (size: number): Hash => rootFromLeaves(rewritten.slice(0, size));

  beforeEach(async () => {
    await anchor(11, tree.root(11), []);
  });

  test('with a proof that is valid for the rewritten tree', async () => {
    const proof = consistencyProof(11n, 20n, rewritten);
    const [stored, older, newer] = [hex(tree.root(11)), hex(rewrittenRoot(11)), hex(rewrittenRoot(20))];
    await refused(
      () => anchor(20, rewrittenRoot(20), proof),
      new Reverted('AnchorHistoryRewritten', [logId, stored, older, newer, newer]),
    );
  });

  test('with the proof of the honest tree', async () => {
    const [stored, honest, newer] = [hex(tree.root(11)), hex(tree.root(20)), hex(rewrittenRoot(20))];
    await refused(
      () => anchor(20, rewrittenRoot(20), proofFor(11, 20)),
      new Reverted('AnchorHistoryRewritten', [logId, stored, stored, newer, honest]),
    );
  });

  test('without a proof', async () => {
    await refused(
      () => anchor(20, rewrittenRoot(20), []),
      new Reverted('Rfc6962ConsistencyProofLength', [11n, 20n, 0n]),
    );
  });

  test('at the size that is stored', async () => {
    const [stored, other] = [hex(tree.root(11)), hex(rewrittenRoot(11))];
    await refused(
      () => anchor(11, rewrittenRoot(11), []),
      new Reverted('AnchorRootConflict', [logId, 11n, stored, other]),
    );
  });

  test('after the tail was cut off, or an old backup restored', async () => {
    await refused(() => anchor(10, tree.root(10), []), new Reverted('AnchorSizeShrinks', [logId, 11n, 10n]));
    await refused(() => anchor(1, tree.root(1), []), new Reverted('AnchorSizeShrinks', [logId, 11n, 1n]));
  });

  test('with two entries exchanged, at every pair of places', async () => {
    for (let i = 0; i < 11; i++) {
      for (let j = i + 1; j < 11; j++) {
        const exchanged = tree.leaves.with(i, tree.leaf(j)).with(j, tree.leaf(i)).slice(0, 14);
        const attempt = anchor(14, rootFromLeaves(exchanged), consistencyProof(11n, 14n, exchanged));
        await expect(attempt).rejects.toThrow('AnchorHistoryRewritten');
      }
    }
    expect(await headOf(logId)).toMatchObject({ size: 11n, root: hex(tree.root(11)) });
  });

  test('and the honest history still goes on afterwards', async () => {
    await expect(anchor(20, rewrittenRoot(20), consistencyProof(11n, 20n, rewritten))).rejects.toThrow(Reverted);
    await anchor(20, tree.root(20), proofFor(11, 20));
    expect(await headOf(logId)).toMatchObject({ size: 20n, root: hex(tree.root(20)) });
  });
});

describe('a damaged proof is refused', () => {
  test.each([
    [11, 20],
    [16, 33],
    [6, 7],
    [1, 64],
    [63, 64],
  ])('%i -> %i', async (size1, size2) => {
    await anchor(size1, tree.root(size1), []);
    for (const { name, proof } of mutationsOf(proofFor(size1, size2))) {
      const outcome = await anchor(size2, tree.root(size2), proof).then(
        () => `accepted with ${name}`,
        (error: unknown) => (error instanceof Reverted ? error.errorName : String(error)),
      );
      expect(['AnchorHistoryRewritten', 'Rfc6962ConsistencyProofLength']).toContain(outcome);
    }
    await anchor(size2, tree.root(size2), proofFor(size1, size2));
  });

  test('a first anchor with a proof', async () => {
    await refused(
      () => anchor(9, tree.root(9), [tree.leaf(0), tree.leaf(1)]),
      new Reverted('AnchorUnexpectedProof', [logId, 2n]),
    );
  });

  test('more hashes than any tree has levels are refused before one is read', async () => {
    await anchor(1, tree.root(1), []);
    const endless = Array.from({ length: 65 }, () => tree.leaf(0));
    await refused(
      () => anchor(2n ** 63n - 1n, tree.root(2), endless),
      new Reverted('Rfc6962ConsistencyProofLength', [1n, 2n ** 63n - 1n, 65n]),
    );
  });
});

describe('sizes', () => {
  test.each([0n, 2n ** 63n, 2n ** 64n - 1n])('%s is out of range, first or later', async (size) => {
    const error = new Reverted('AnchorSizeOutOfRange', [logId, size]);
    await refused(() => anchor(size, tree.root(1), []), error);
    await anchor(1, tree.root(1), []);
    await refused(() => anchor(size, tree.root(1), [tree.leaf(1)]), error);
  });

  test('the largest tree can be anchored, first or later', async () => {
    const largest = 2n ** 63n - 1n;
    await anchor(2n ** 62n, tree.root(5), []);
    const root = refNodeHash(tree.root(5), tree.leaf(9));
    await anchor(largest, root, [tree.leaf(9)]);
    expect(await headOf(logId)).toMatchObject({ size: largest, root: hex(root) });
  });

  test('a root under another size than its own: the answer of the reference, and no other', async () => {
    // RFC 6962 roots do not hold their size, so a submitter can pass a root off under some sizes near its own (here those
    // whose tree differs from that of 20 only beneath a hash that the proof gives whole). Every verifier must therefore
    // demand that size *and* root of anchor and checkpoint agree. The older size is stored here and cannot be forged.
    await anchor(11, tree.root(11), []);
    const accepted: number[] = [];
    const expected: number[] = [];
    const proof = proofFor(11, 20);
    for (let claimed = 12; claimed <= 70; claimed++) {
      await registry.simulate(submitter, 'anchor', logId, claimed, tree.root(20), proof).then(
        () => accepted.push(claimed),
        (error: unknown) => expect(error).toBeInstanceOf(Reverted),
      );
      try {
        verifyConsistency(11n, BigInt(claimed), tree.root(11), tree.root(20), proof);
        expected.push(claimed);
      } catch {
        continue;
      }
    }
    expect(accepted).toEqual(expected);
    expect(accepted).toEqual(Array.from({ length: 16 }, (_, i) => 17 + i));
  });
});

describe('between logs', () => {
  test('an anchor moves its own log only, and a proof is no good for another log', async () => {
    const other = id('anchor.test/other');
    await registry.send(chain.account(0), 'registerLog', other, submitter);
    const foreign = Array.from({ length: 20 }, (_, i) => refLeafHash(Uint8Array.of(0xaa, i)));
    await registry.send(submitter, 'anchor', other, 11, rootFromLeaves(foreign.slice(0, 11)), []);
    await anchor(11, tree.root(11), []);
    const before = await headOf(other);

    await anchor(20, tree.root(20), proofFor(11, 20));
    expect(await headOf(other)).toEqual(before);
    await expect(registry.send(submitter, 'anchor', other, 20, tree.root(20), proofFor(11, 20))).rejects.toThrow(
      'AnchorHistoryRewritten',
    );
    expect(await headOf(other)).toEqual(before);
  });
});

describe('multicall', () => {
  const call = (...args: readonly unknown[]): string => registry.iface.encodeFunctionData('anchor', args);

  test('anchors several lanes in one transaction', async () => {
    const lanes = [0, 1, 2].map((n) => id(`anchor.test/lane/${n}`));
    for (const lane of lanes) await registry.send(chain.account(0), 'registerLog', lane, submitter);
    const { events } = await registry.send(
      submitter,
      'multicall',
      lanes.map((lane, n) => call(lane, n + 1, tree.root(n + 1), [])),
    );
    expect(events.map(({ args }) => args[0] as string)).toEqual(lanes);
    for (const [n, lane] of lanes.entries()) expect(await headOf(lane)).toMatchObject({ size: BigInt(n + 1) });
  });

  test('all or none: one refused lane undoes the others, and its error comes through', async () => {
    await anchor(11, tree.root(11), []);
    const lane = id('anchor.test/lane/alone');
    await registry.send(chain.account(0), 'registerLog', lane, submitter);
    const calls = [call(lane, 5, tree.root(5), []), call(logId, 10, tree.root(10), [])];
    await refused(
      () => registry.send(submitter, 'multicall', calls),
      new Reverted('AnchorSizeShrinks', [logId, 11n, 10n]),
    );
    expect(await headOf(lane)).toMatchObject({ size: 0n });
  });

  test('gives nobody the rights of another', async () => {
    const stranger = chain.account(5);
    await refused(
      () => registry.send(stranger, 'multicall', [call(logId, 1, tree.root(1), [])]),
      new Reverted('AnchorNotSubmitter', [logId, stranger]),
    );
  });
});
