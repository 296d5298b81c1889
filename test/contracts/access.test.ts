// Who may do what: every administrative call and every anchor, by the owner, a submitter, a pending owner and a stranger,
// on a log that is free, open or paused. Nobody reaches a log that is not theirs.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { id, ZeroAddress } from 'ethers';
import { Chain, Reverted, type Contract } from './support/chain.ts';
import { sampleTree } from './support/sample-tree.ts';

const tree = sampleTree(4);

let chain: Chain;
let registry: Contract;
let logId: string;
let logs = 0;
let owner: string;
let submitter: string;
let pending: string;
let stranger: string;

beforeAll(async () => {
  chain = await Chain.open();
  registry = await chain.deployRegistry();
  [owner, submitter, pending, stranger] = [0, 1, 2, 3].map((n) => chain.account(n)) as [string, string, string, string];
}, 60_000);

beforeEach(async () => {
  logId = id(`access.test/log/${++logs}`);
  await registry.send(owner, 'registerLog', logId, submitter);
});

afterAll(async () => {
  await chain.close();
});

const read = async (name: string, ...args: unknown[]): Promise<unknown> => (await registry.call(name, ...args))[0];
const anchorBy = async (from: string): Promise<unknown> =>
  await registry.send(from, 'anchor', logId, 1, tree.root(1), []);

/** Signature and arguments of what a call emitted. */
async function eventsOf(from: string, name: string, ...args: unknown[]): Promise<unknown[]> {
  const { events } = await registry.send(from, name, ...args);
  return events.map((event) => [event.name, ...event.args]);
}

async function refused(from: string, name: string, args: readonly unknown[], error: Reverted): Promise<void> {
  await expect(registry.send(from, name, ...args)).rejects.toThrow(error);
}

describe('registration', () => {
  test('makes the caller the owner and the named account the only submitter', async () => {
    const fresh = id('access.test/fresh');
    expect(await eventsOf(stranger, 'registerLog', fresh, submitter)).toEqual([
      ['LogRegistered', fresh, stranger],
      ['SubmitterAdded', fresh, submitter],
    ]);
    expect(await read('ownerOf', fresh)).toBe(stranger);
    expect(await read('pendingOwnerOf', fresh)).toBe(ZeroAddress);
    expect(await read('isSubmitter', fresh, submitter)).toBe(true);
    expect(await read('isSubmitter', fresh, stranger)).toBe(false);
    expect([...((await read('submittersOf', fresh)) as string[])]).toEqual([submitter]);
    expect(await read('isPaused', fresh)).toBe(false);
    expect([...((await read('head', fresh)) as unknown[])]).toEqual([`0x${'0'.repeat(64)}`, 0n, 0n, 0n]);
  });

  test('happens once, whoever asks', async () => {
    for (const caller of [owner, submitter, stranger]) {
      await refused(
        caller,
        'registerLog',
        [logId, stranger],
        new Reverted('AnchorLogAlreadyRegistered', [logId, owner]),
      );
    }
    expect(await read('isSubmitter', logId, stranger)).toBe(false);
  });

  test('needs a submitter', async () => {
    const fresh = id('access.test/no-submitter');
    await refused(owner, 'registerLog', [fresh, ZeroAddress], new Reverted('AnchorZeroSubmitter', [fresh]));
    expect(await read('ownerOf', fresh)).toBe(ZeroAddress);
  });
});

/** Every call that only the owner may make, with arguments that would be accepted from the owner. */
const ownerCalls: readonly (readonly [string, () => readonly unknown[]])[] = [
  ['addSubmitter', () => [logId, stranger]],
  ['removeSubmitter', () => [logId, submitter]],
  ['transferLogOwnership', () => [logId, stranger]],
  ['pauseLog', () => [logId]],
  ['unpauseLog', () => [logId]],
];

describe.each(ownerCalls)('%s', (name, args) => {
  test('is the owner’s alone', async () => {
    await registry.send(owner, 'transferLogOwnership', logId, pending);
    if (name === 'unpauseLog') await registry.send(owner, 'pauseLog', logId);
    for (const caller of [submitter, pending, stranger]) {
      await refused(caller, name, args(), new Reverted('AnchorNotLogOwner', [logId, caller]));
    }
    const { events } = await registry.send(owner, name, ...args());
    expect(events).toHaveLength(1);
  });

  test('is not for the owner of another log', async () => {
    await registry.send(stranger, 'registerLog', id(`access.test/strangers/${name}`), stranger);
    await refused(stranger, name, args(), new Reverted('AnchorNotLogOwner', [logId, stranger]));
  });

  test('names a log that nobody registered', async () => {
    const free = id('access.test/free');
    await refused(owner, name, [free, ...args().slice(1)], new Reverted('AnchorLogUnknown', [free]));
  });
});

describe('anchor', () => {
  test('is for submitters only; the owner is none unless added', async () => {
    await registry.send(owner, 'transferLogOwnership', logId, pending);
    for (const caller of [owner, pending, stranger]) {
      await expect(anchorBy(caller)).rejects.toThrow(new Reverted('AnchorNotSubmitter', [logId, caller]));
    }
    await registry.send(owner, 'addSubmitter', logId, owner);
    await anchorBy(owner);
  });

  test('names a log that nobody registered', async () => {
    const free = id('access.test/free');
    await refused(submitter, 'anchor', [free, 1, tree.root(1), []], new Reverted('AnchorLogUnknown', [free]));
  });

  test('of another log gives no rights here', async () => {
    await registry.send(stranger, 'registerLog', id('access.test/strangers/anchor'), stranger);
    await expect(anchorBy(stranger)).rejects.toThrow(new Reverted('AnchorNotSubmitter', [logId, stranger]));
  });
});

describe('submitters', () => {
  test('a key is replaced in one transaction', async () => {
    const encode = (name: string, account: string): string => registry.iface.encodeFunctionData(name, [logId, account]);
    const calls = [encode('addSubmitter', stranger), encode('removeSubmitter', submitter)];
    expect(await eventsOf(owner, 'multicall', calls)).toEqual([
      ['SubmitterAdded', logId, stranger],
      ['SubmitterRemoved', logId, submitter],
    ]);
    await expect(anchorBy(submitter)).rejects.toThrow(new Reverted('AnchorNotSubmitter', [logId, submitter]));
    await anchorBy(stranger);
    expect([...((await read('submittersOf', logId)) as string[])]).toEqual([stranger]);
  });

  test('adding twice, adding nobody and removing a stranger are errors', async () => {
    const already = new Reverted('AnchorAlreadySubmitter', [logId, submitter]);
    await refused(owner, 'addSubmitter', [logId, submitter], already);
    await refused(owner, 'addSubmitter', [logId, ZeroAddress], new Reverted('AnchorZeroSubmitter', [logId]));
    await refused(owner, 'removeSubmitter', [logId, stranger], new Reverted('AnchorNotSubmitter', [logId, stranger]));
  });

  test('without any, nothing is anchored until one is added', async () => {
    await registry.send(owner, 'removeSubmitter', logId, submitter);
    await expect(anchorBy(submitter)).rejects.toThrow(new Reverted('AnchorNotSubmitter', [logId, submitter]));
    await registry.send(owner, 'addSubmitter', logId, submitter);
    await anchorBy(submitter);
  });
});

describe('ownership moves in two steps', () => {
  test('offer, then acceptance; the old owner keeps all rights until then and none after', async () => {
    expect(await eventsOf(owner, 'transferLogOwnership', logId, pending)).toEqual([
      ['LogOwnershipTransferStarted', logId, owner, pending],
    ]);
    expect(await read('pendingOwnerOf', logId)).toBe(pending);
    expect(await read('ownerOf', logId)).toBe(owner);
    await registry.send(owner, 'addSubmitter', logId, stranger);

    expect(await eventsOf(pending, 'acceptLogOwnership', logId)).toEqual([
      ['LogOwnershipTransferred', logId, owner, pending],
    ]);
    expect(await read('ownerOf', logId)).toBe(pending);
    expect(await read('pendingOwnerOf', logId)).toBe(ZeroAddress);
    await refused(owner, 'pauseLog', [logId], new Reverted('AnchorNotLogOwner', [logId, owner]));
    await registry.send(pending, 'removeSubmitter', logId, submitter);
    await refused(pending, 'acceptLogOwnership', [logId], new Reverted('AnchorNotPendingOwner', [logId, pending]));
  });

  test('nobody else accepts, not even the owner', async () => {
    await registry.send(owner, 'transferLogOwnership', logId, pending);
    for (const caller of [owner, submitter, stranger]) {
      await refused(caller, 'acceptLogOwnership', [logId], new Reverted('AnchorNotPendingOwner', [logId, caller]));
    }
  });

  test('without an offer nobody accepts', async () => {
    await refused(pending, 'acceptLogOwnership', [logId], new Reverted('AnchorNotPendingOwner', [logId, pending]));
    const free = id('access.test/free');
    await refused(pending, 'acceptLogOwnership', [free], new Reverted('AnchorLogUnknown', [free]));
  });

  test('a later offer replaces the earlier one, the zero address withdraws it', async () => {
    await registry.send(owner, 'transferLogOwnership', logId, pending);
    await registry.send(owner, 'transferLogOwnership', logId, stranger);
    await refused(pending, 'acceptLogOwnership', [logId], new Reverted('AnchorNotPendingOwner', [logId, pending]));
    expect(await eventsOf(owner, 'transferLogOwnership', logId, ZeroAddress)).toEqual([
      ['LogOwnershipTransferStarted', logId, owner, ZeroAddress],
    ]);
    await refused(stranger, 'acceptLogOwnership', [logId], new Reverted('AnchorNotPendingOwner', [logId, stranger]));
    expect(await read('ownerOf', logId)).toBe(owner);
  });
});

describe('a pause', () => {
  test('stops anchoring, a repetition of the stored head included, and nothing else', async () => {
    await anchorBy(submitter);
    expect(await eventsOf(owner, 'pauseLog', logId)).toEqual([['LogPaused', logId, owner]]);
    expect(await read('isPaused', logId)).toBe(true);
    await expect(anchorBy(submitter)).rejects.toThrow(new Reverted('AnchorPaused', [logId]));
    const grown = [logId, 2, tree.root(2), [tree.leaf(1)]];
    await refused(submitter, 'anchor', grown, new Reverted('AnchorPaused', [logId]));

    // Reading goes on, with the head as it was; so does administration.
    expect(await read('verifyInclusion', logId, tree.leaf(0), 0, [])).toBe(true);
    const [root, size] = (await read('head', logId)) as [string, bigint];
    expect([root, size]).toEqual([`0x${Buffer.from(tree.root(1)).toString('hex')}`, 1n]);
    await registry.send(owner, 'addSubmitter', logId, stranger);

    expect(await eventsOf(owner, 'unpauseLog', logId)).toEqual([['LogUnpaused', logId, owner]]);
    expect(await read('isPaused', logId)).toBe(false);
    await registry.send(stranger, 'anchor', ...grown);
  });

  test('of one log leaves the others alone', async () => {
    const other = id('access.test/not-paused');
    await registry.send(owner, 'registerLog', other, submitter);
    await registry.send(owner, 'pauseLog', logId);
    expect(await read('isPaused', other)).toBe(false);
    const { events } = await registry.send(submitter, 'anchor', other, 1, tree.root(1), []);
    expect(events).toHaveLength(1);
  });

  test('does not begin or end twice', async () => {
    await refused(owner, 'unpauseLog', [logId], new Reverted('AnchorNotPaused', [logId]));
    await registry.send(owner, 'pauseLog', logId);
    await refused(owner, 'pauseLog', [logId], new Reverted('AnchorPaused', [logId]));
  });

  test('survives a change of the owner', async () => {
    await registry.send(owner, 'pauseLog', logId);
    await registry.send(owner, 'transferLogOwnership', logId, pending);
    await registry.send(pending, 'acceptLogOwnership', logId);
    await expect(anchorBy(submitter)).rejects.toThrow(new Reverted('AnchorPaused', [logId]));
    await registry.send(pending, 'unpauseLog', logId);
    await anchorBy(submitter);
  });
});

test('the contract takes no ether', async () => {
  const data = registry.iface.encodeFunctionData('pauseLog', [logId]);
  for (const call of [data, '0x', '0x12345678']) {
    const transaction = { from: owner, to: registry.address, data: call, value: '0x1' };
    await expect(chain.request('eth_sendTransaction', transaction)).rejects.toThrow(/revert|payable|recognized/i);
  }
  expect(await chain.request('eth_getBalance', registry.address, 'latest')).toBe('0x0');
});
