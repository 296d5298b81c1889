// The contract of TreeStore (api/src/ledger/store/tree-store.port.ts), for any implementation.

import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyRoot,
  InvariantError,
  leafHash,
  rootFromLeaves,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from '@medanchor/verifier';
import type { SignedCheckpoint, TreeHead } from '../../api/src/ledger/model.ts';
import { StoredTiles } from '../../api/src/ledger/store/tile-source.ts';
import { TreeReader } from '../../api/src/ledger/store/tree-reader.ts';
import type { IntegrationInput } from '../../api/src/ledger/store/tree-store.port.ts';
import { appendPlain, extend, growTo, integrateAll, type LedgerStores, type OpenBackend } from './store-backend.ts';

const noteOf = ({ size }: TreeHead): string => `note of size ${size}`;

export function describeTreeStore(open: OpenBackend): void {
  let processes: readonly [LedgerStores, LedgerStores, LedgerStores];
  let stores: LedgerStores;

  beforeEach(async () => {
    const backend = await open();
    processes = backend.processes;
    [stores] = backend.processes;
  });

  async function leaves(): Promise<readonly Uint8Array[]> {
    return (await stores.entries.readEntries(0n, 1_000_000n)).map((entry) => leafHash(entry));
  }

  test('an empty log has the empty tree and nothing to do', async () => {
    const head = await stores.trees.head();
    expect([head.size, toHex(head.root)]).toEqual([0n, toHex(emptyRoot())]);
    expect(await stores.trees.integrate(10, extend)).toBeNull();
    expect(await stores.trees.sign(noteOf)).toBeNull();
    expect(await stores.trees.latestCheckpoint()).toBeNull();
    expect(await stores.trees.checkpoint(0n)).toBeNull();
    expect(await stores.trees.tile(0, 0n)).toBeNull();
    expect(await stores.trees.tiles([])).toEqual([]);
    expect(await stores.trees.sizes(1)).toEqual({
      sequenced: 0n,
      integrated: 0n,
      checkpointed: 0n,
      anchored: 0n,
      confirmed: 0n,
    });
  });

  describe('integrate', () => {
    test('hands over the entries from the tree’s size on, with the hashes stored beside them, and the edge', async () => {
      await appendPlain(stores, 3);
      await integrateAll(stores);
      await appendPlain(stores, 2);
      let seen: IntegrationInput | undefined;
      await stores.trees.integrate(100, (input) => {
        seen = input;
        return extend(input);
      });
      const all = await leaves();
      expect(seen?.head.size).toBe(3n);
      expect(seen?.entries.map((entry) => toHex(leafHash(entry)))).toEqual(all.slice(3).map(toHex));
      expect(seen?.leafHashes.map(toHex)).toEqual(all.slice(3).map(toHex));
      expect(seen?.edge.map(({ level, index, data }) => [level, index, data.length])).toEqual([[0, 0n, 96]]);
    });

    test('grows the tree through 1, 2, 255, 256, 257, 511, 512 and 700 entries; every root and proof is right', async () => {
      const reader = new TreeReader(new StoredTiles(stores.trees));
      const roots: { size: bigint; root: Uint8Array }[] = [];
      let size = 0;
      for (const next of [1, 2, 255, 256, 257, 511, 512, 700]) {
        await appendPlain(stores, next - size);
        size = next;
        const head = await integrateAll(stores);
        const all = await leaves();
        expect([head.size, toHex(head.root)]).toEqual([BigInt(size), toHex(rootFromLeaves(all))]);
        for (const index of [0n, BigInt(size - 1), BigInt(size >> 1)]) {
          const proof = await reader.inclusionProof(index, head.size);
          verifyInclusion(index, head.size, all[Number(index)] as Uint8Array, proof, head.root);
        }
        // Earlier trees can still be proved, from wider tiles than they had.
        for (const old of roots) {
          expect(toHex(await reader.root(old.size))).toBe(toHex(old.root));
          verifyConsistency(
            old.size,
            head.size,
            old.root,
            head.root,
            await reader.consistencyProof(old.size, head.size),
          );
        }
        roots.push(head);
      }
      expect((await stores.trees.tile(1, 0n))?.length).toBe(64);
      expect((await stores.trees.tile(0, 2n))?.length).toBe((700 - 512) * 32);
    });

    test('takes no batch that begins beyond the limit', async () => {
      for (let batch = 0; batch < 4; batch += 1) await appendPlain(stores, 2);
      expect((await stores.trees.integrate(3, extend))?.size).toBe(4n);
      expect((await stores.trees.integrate(1, extend))?.size).toBe(6n);
      expect((await stores.trees.integrate(100, extend))?.size).toBe(8n);
      expect(await stores.trees.integrate(100, extend)).toBeNull();
    });

    test('six calls at once from three processes do the work exactly once', async () => {
      await appendPlain(stores, 20);
      const heads = await Promise.all(
        Array.from({ length: 6 }, (_, n) => (processes[n % 3] as LedgerStores).trees.integrate(100, extend)),
      );
      expect(heads.filter((head) => head !== null).map(({ size }) => size)).toEqual([20n]);
      expect(toHex((await stores.trees.head()).root)).toBe(toHex(rootFromLeaves(await leaves())));
    });

    test('work that fails leaves the previous tree, and can be done again', async () => {
      await appendPlain(stores, 3);
      await integrateAll(stores);
      const before = await stores.trees.head();
      await appendPlain(stores, 3);
      const failing = stores.trees.integrate(100, () => {
        throw new Error('died half-way');
      });
      await expect(failing).rejects.toThrow('died half-way');
      expect(await stores.trees.head()).toEqual(before);
      expect((await stores.trees.integrate(100, extend))?.size).toBe(6n);
    });

    test('a tile that would not grow at its end only is refused, and nothing of that run is kept', async () => {
      await appendPlain(stores, 2);
      await integrateAll(stores);
      await appendPlain(stores, 1);
      const forged = stores.trees.integrate(100, (input) => {
        const output = extend(input);
        return { ...output, tiles: [{ level: 0, index: 0n, data: new Uint8Array(96).fill(7) }] };
      });
      await expect(forged).rejects.toThrow('may only grow at its end');
      expect((await stores.trees.head()).size).toBe(2n);
    });
  });

  describe('tiles', () => {
    beforeEach(async () => {
      await appendPlain(stores, 300);
      await integrateAll(stores);
    });

    test('come in the order asked, cut to the width asked', async () => {
      const all = await leaves();
      const [second, first, top] = await stores.trees.tiles([
        { level: 0, index: 1n, width: 3 },
        { level: 0, index: 0n, width: 256 },
        { level: 1, index: 0n, width: 1 },
      ]);
      expect(toHex(second as Uint8Array)).toBe(all.slice(256, 259).map(toHex).join(''));
      expect(toHex(first as Uint8Array)).toBe(all.slice(0, 256).map(toHex).join(''));
      expect(toHex(top as Uint8Array)).toBe(toHex(rootFromLeaves(all.slice(0, 256))));
    });

    test.each([
      ['too narrow', { level: 0, index: 1n, width: 45 }, 'tile 0/1 has fewer than 45 hashes'],
      ['missing', { level: 0, index: 2n, width: 1 }, 'tile 0/2 has fewer than 1 hashes'],
      ['of a level that is not there', { level: 2, index: 0n, width: 1 }, 'tile 2/0 has fewer than 1 hashes'],
    ])('%s: an invariant error', async (_what, wanted, message) => {
      const asking = stores.trees.tiles([{ level: 0, index: 0n, width: 256 }, wanted]);
      await expect(asking).rejects.toThrow(InvariantError);
      await expect(stores.trees.tiles([wanted])).rejects.toThrow(message);
    });
  });

  describe('sign', () => {
    test('signs the tree’s head once, and again only when it has grown', async () => {
      await appendPlain(stores, 3);
      expect(await stores.trees.sign(noteOf)).toBeNull();
      const head = await integrateAll(stores);
      const signed = await stores.trees.sign(noteOf);
      expect(plainly(signed)).toEqual({ size: 3n, root: toHex(head.root), note: 'note of size 3' });
      expect(await stores.trees.sign(noteOf)).toBeNull();
      expect(await growTo(stores, 5)).toBe(5n);
      expect(plainly(await processes[1].trees.checkpoint(3n))).toEqual(plainly(signed));
      expect((await processes[1].trees.latestCheckpoint())?.note).toBe('note of size 5');
      expect(await stores.trees.checkpoint(4n)).toBeNull();
    });

    test('is durable before it is returned', async () => {
      await appendPlain(stores, 1);
      await integrateAll(stores);
      const signed = await stores.trees.sign(noteOf);
      expect(plainly(await processes[2].trees.latestCheckpoint())).toEqual(plainly(signed));
    });

    test('six calls at once sign exactly once', async () => {
      await appendPlain(stores, 4);
      await integrateAll(stores);
      const notes = await Promise.all(
        Array.from({ length: 6 }, (_, n) => (processes[n % 3] as LedgerStores).trees.sign(() => `signed by call ${n}`)),
      );
      const given = notes.filter((note) => note !== null);
      expect(given).toHaveLength(1);
      expect((await stores.trees.checkpoint(4n))?.note).toBe(given[0]?.note);
    });

    test('a signer that fails leaves nothing behind', async () => {
      await appendPlain(stores, 1);
      await integrateAll(stores);
      const failing = stores.trees.sign(() => {
        throw new Error('no key');
      });
      await expect(failing).rejects.toThrow('no key');
      expect(await stores.trees.latestCheckpoint()).toBeNull();
      expect((await stores.trees.sign(noteOf))?.size).toBe(1n);
    });
  });

  test('sizes say how far each stage has come', async () => {
    await growTo(stores, 3);
    await appendPlain(stores, 2);
    await integrateAll(stores);
    await appendPlain(stores, 4);
    expect(await processes[1].trees.sizes(1)).toEqual({
      sequenced: 9n,
      integrated: 5n,
      checkpointed: 3n,
      anchored: 0n,
      confirmed: 0n,
    });
  });
}

function plainly(checkpoint: SignedCheckpoint | null): unknown {
  return checkpoint === null ? null : { ...checkpoint, root: toHex(checkpoint.root) };
}
