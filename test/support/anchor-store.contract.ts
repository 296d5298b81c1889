// The contract of AnchorStore (api/src/ledger/store/anchor-store.port.ts), for any implementation.

import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { toHex } from '@medanchor/verifier';
import type { Anchor, Epoch } from '../../api/src/ledger/model.ts';
import { growTo, type LedgerStores, type OpenBackend } from './store-backend.ts';

const SENT_AT = new Date('2026-03-04T05:06:07.089Z');
const LATER = new Date('2026-03-04T05:06:09.000Z');

function epochOf(epoch: number): Epoch {
  return { epoch, chainId: 31337n, contract: `0x${'ab'.repeat(20)}`, reason: `epoch ${epoch}`, createdAt: SENT_AT };
}

export function describeAnchorStore(open: OpenBackend): void {
  let processes: readonly [LedgerStores, LedgerStores, LedgerStores];
  let stores: LedgerStores;
  let nonce = 0n;

  beforeEach(async () => {
    const backend = await open();
    processes = backend.processes;
    [stores] = backend.processes;
    nonce = 0n;
    for (const size of [2, 4, 6]) await growTo(stores, size);
  });

  async function send(size: bigint, epoch = 1): Promise<Anchor> {
    const checkpoint = await stores.trees.checkpoint(size);
    if (checkpoint === null) throw new Error(`no checkpoint of size ${size}`);
    nonce += 1n;
    return stores.anchors.add({
      epoch,
      size,
      root: checkpoint.root,
      transaction: `0x${randomBytes(32).toString('hex')}`,
      nonce,
      rawTransaction: '0x02f8',
      sentAt: SENT_AT,
    });
  }

  async function hold(anchor: Anchor, state: 'anchored' | 'confirmed', blockNumber: bigint): Promise<void> {
    await stores.anchors.update(anchor.id, {
      state,
      blockNumber,
      blockHash: `0x${'00'.repeat(31)}0${blockNumber % 10n}`,
      blockTime: LATER,
      gasUsed: 50_200n,
      updatedAt: LATER,
    });
  }

  describe('exclusively', () => {
    test('one works, the others are told at once', async () => {
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      let entered = (): void => undefined;
      const inside = new Promise<void>((resolve) => {
        entered = resolve;
      });
      const first = stores.anchors.exclusively(async () => {
        entered();
        await finished;
      });
      await inside;
      let ran = false;
      for (const other of [processes[1], processes[2], stores]) {
        expect(
          await other.anchors.exclusively(async () => {
            ran = true;
          }),
        ).toBe(false);
      }
      expect(ran).toBe(false);
      finish();
      expect(await first).toBe(true);
      expect(await processes[1].anchors.exclusively(async () => undefined)).toBe(true);
    });

    test('work that fails gives the lock back and its error to the caller', async () => {
      const failing = stores.anchors.exclusively(async () => {
        throw new Error('the chain refused');
      });
      await expect(failing).rejects.toThrow('the chain refused');
      expect(await processes[2].anchors.exclusively(async () => undefined)).toBe(true);
    });
  });

  describe('epochs', () => {
    test('none at first; the current one is the last added', async () => {
      expect(await stores.anchors.currentEpoch()).toBeNull();
      expect(await stores.anchors.epochs()).toEqual([]);
      await stores.anchors.addEpoch(epochOf(1), null);
      await stores.anchors.addEpoch(epochOf(2), 5n);
      expect(await processes[1].anchors.currentEpoch()).toEqual(epochOf(2));
      expect(await processes[1].anchors.epochs()).toEqual([epochOf(1), epochOf(2)]);
    });

    test('an epoch is added once', async () => {
      await stores.anchors.addEpoch(epochOf(1), null);
      await expect(processes[1].anchors.addEpoch(epochOf(1), null)).rejects.toThrow('duplicate');
    });

    test('anchors of one epoch are not those of another', async () => {
      await stores.anchors.addEpoch(epochOf(1), null);
      await hold(await send(2n), 'confirmed', 10n);
      await stores.anchors.addEpoch(epochOf(2), null);
      expect(await stores.anchors.latestHeld(2)).toBeNull();
      expect(await stores.anchors.covering(2, [0n])).toEqual([null]);
      expect((await stores.trees.sizes(2)).anchored).toBe(0n);
      expect((await stores.trees.sizes(1)).confirmed).toBe(2n);
      // The same size may be held once in each.
      await hold(await send(2n, 2), 'confirmed', 11n);
      expect((await stores.anchors.bySize(2n)).map(({ epoch }) => epoch)).toEqual([1, 2]);
    });
  });

  describe('anchors', () => {
    beforeEach(async () => {
      await stores.anchors.addEpoch(epochOf(1), null);
    });

    test('are durable, as sent, when `add` returns', async () => {
      const sent = await send(4n);
      expect(sent).toMatchObject({ epoch: 1, size: 4n, state: 'sent', nonce: 1n, rawTransaction: '0x02f8' });
      expect(sent).toMatchObject({ blockNumber: null, blockHash: null, blockTime: null, gasUsed: null });
      expect([sent.sentAt, sent.updatedAt]).toEqual([SENT_AT, SENT_AT]);
      expect(await processes[1].anchors.inState(1, ['sent'])).toEqual([sent]);
    });

    test('the same transaction signed again is the same anchor, sent once more; in another epoch it is another', async () => {
      const anchor = await send(2n);
      await hold(anchor, 'anchored', 10n);
      await stores.anchors.update(anchor.id, { state: 'dropped', updatedAt: LATER });
      const again = await stores.anchors.add({ ...anchor, sentAt: LATER });
      expect(again).toMatchObject({
        id: anchor.id,
        state: 'sent',
        blockNumber: null,
        blockHash: null,
        sentAt: SENT_AT,
      });
      await stores.anchors.addEpoch(epochOf(2), null);
      const elsewhere = await stores.anchors.add({ ...anchor, epoch: 2 });
      expect(elsewhere.id).not.toBe(anchor.id);
      expect((await stores.anchors.inState(1, ['sent'])).map(({ id }) => id)).toEqual([anchor.id]);
    });

    test('an anchor of a size that no checkpoint has is refused', async () => {
      const sent = await send(4n);
      const transaction = `0x${'11'.repeat(32)}`;
      await expect(stores.anchors.add({ ...sent, size: 5n, transaction })).rejects.toThrow('foreign key');
    });

    test('at most one is held per size, until it is dropped', async () => {
      const [first, second] = [await send(4n), await send(4n)];
      await hold(first, 'anchored', 7n);
      await expect(hold(second, 'anchored', 8n)).rejects.toThrow('anchor_held');
      await expect(hold(second, 'confirmed', 8n)).rejects.toThrow('anchor_held');
      await stores.anchors.update(first.id, { state: 'dropped', updatedAt: LATER });
      await hold(second, 'confirmed', 8n);
      expect((await stores.anchors.bySize(4n)).map(({ id, state, blockNumber }) => [id, state, blockNumber])).toEqual([
        [first.id, 'dropped', null],
        [second.id, 'confirmed', 8n],
      ]);
    });

    test('inState: smallest size first, the newest attempt of a size last', async () => {
      const [six, two, four, twoAgain] = [await send(6n), await send(2n), await send(4n), await send(2n)];
      await hold(four, 'anchored', 7n);
      const ids = async (...states: Anchor['state'][]): Promise<readonly bigint[]> =>
        (await stores.anchors.inState(1, states)).map(({ id }) => id);
      expect(await ids('sent')).toEqual([two.id, twoAgain.id, six.id]);
      expect(await ids('sent', 'anchored')).toEqual([two.id, twoAgain.id, four.id, six.id]);
      expect(await ids('failed')).toEqual([]);
    });

    test('confirmedSince: confirmed ones in that block or above', async () => {
      const anchors = [await send(2n), await send(4n), await send(6n)];
      await hold(anchors[0] as Anchor, 'confirmed', 10n);
      await hold(anchors[1] as Anchor, 'confirmed', 11n);
      await hold(anchors[2] as Anchor, 'anchored', 12n);
      const sizes = async (block: bigint): Promise<readonly bigint[]> =>
        (await stores.anchors.confirmedSince(1, block)).map(({ size }) => size);
      expect(await sizes(-5n)).toEqual([2n, 4n]);
      expect(await sizes(11n)).toEqual([4n]);
      expect(await sizes(12n)).toEqual([]);
    });

    test('settledAbove: dropped and failed ones of a larger size, newest first', async () => {
      const [two, four, six] = [await send(2n), await send(4n), await send(6n)];
      const settle = (anchor: Anchor, state: Anchor['state']): Promise<void> =>
        stores.anchors.update(anchor.id, { state, updatedAt: LATER });
      await settle(two, 'dropped');
      await settle(four, 'failed');
      const ids = async (size: bigint): Promise<readonly bigint[]> =>
        (await stores.anchors.settledAbove(1, size)).map(({ id }) => id);
      expect(await ids(0n)).toEqual([four.id, two.id]);
      expect(await ids(2n)).toEqual([four.id]);
      await settle(six, 'dropped');
      expect(await ids(2n)).toEqual([six.id, four.id]);
      expect(await ids(6n)).toEqual([]);
      for (let more = 0; more < 20; more += 1) await settle(await send(6n), 'dropped');
      expect(await ids(0n)).toHaveLength(20);
    });

    test('latestHeld: the largest that is on chain', async () => {
      expect(await stores.anchors.latestHeld(1)).toBeNull();
      await hold(await send(4n), 'anchored', 10n);
      await hold(await send(2n), 'confirmed', 9n);
      await send(6n);
      expect((await stores.anchors.latestHeld(1))?.size).toBe(4n);
    });

    test('covering: the smallest held anchor above the index, with its checkpoint', async () => {
      await hold(await send(6n), 'confirmed', 12n);
      const sizeFor = async (index: bigint): Promise<bigint | undefined> =>
        (await stores.anchors.covering(1, [index]))[0]?.anchor.size;
      expect(await sizeFor(0n)).toBe(6n);
      await hold(await send(2n), 'anchored', 13n);
      const four = await send(4n);
      expect(await Promise.all([0n, 1n, 2n, 5n, 6n].map(sizeFor))).toEqual([2n, 2n, 6n, 6n, undefined]);
      await hold(four, 'anchored', 14n);
      expect(await Promise.all([1n, 2n, 3n, 4n].map(sizeFor))).toEqual([2n, 4n, 4n, 6n]);
      const [found] = await stores.anchors.covering(1, [3n]);
      const checkpoint = await stores.trees.checkpoint(4n);
      expect(found?.checkpoint.note).toBe('note of size 4');
      expect(toHex(found?.checkpoint.root as Uint8Array)).toBe(toHex(checkpoint?.root as Uint8Array));
    });

    test('list: newest first, below an id', async () => {
      const ids = [(await send(2n)).id, (await send(4n)).id, (await send(6n)).id];
      const list = async (before: bigint | null, limit: number): Promise<readonly bigint[]> =>
        (await stores.anchors.list(before, limit)).map(({ id }) => id);
      expect(await list(null, 2)).toEqual([ids[2], ids[1]]);
      expect(await list(ids[1] as bigint, 2)).toEqual([ids[0]]);
      expect(await list(ids[0] as bigint, 2)).toEqual([]);
    });

    test('stage sizes follow what is held', async () => {
      const four = await send(4n);
      await hold(await send(2n), 'confirmed', 9n);
      await hold(four, 'anchored', 10n);
      expect(await stores.trees.sizes(1)).toMatchObject({ checkpointed: 6n, anchored: 4n, confirmed: 2n });
      await stores.anchors.update(four.id, { state: 'sent', updatedAt: LATER });
      expect(await stores.trees.sizes(1)).toMatchObject({ anchored: 2n, confirmed: 2n });
    });
  });
}
