// The contract of RecordStore (api/src/ledger/store/record-store.port.ts), for any implementation.

import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { toHex } from '@medanchor/verifier';
import {
  BATCH_TIME,
  createRecord,
  plan,
  versionOf,
  type LedgerStores,
  type OpenBackend,
  type TestRecord,
} from './store-backend.ts';

export function describeRecordStore(open: OpenBackend): void {
  let processes: readonly [LedgerStores, LedgerStores, LedgerStores];
  let stores: LedgerStores;
  let sources: readonly [string, string];

  beforeEach(async () => {
    const backend = await open();
    processes = backend.processes;
    [stores] = backend.processes;
    sources = backend.sources;
  });

  describe('create and find', () => {
    test('nothing is found before it is created, and exactly that afterwards', async () => {
      const name = { sourceId: sources[0], recordId: 'Patient/1' };
      expect(await stores.records.find([name])).toEqual([]);
      expect(await stores.records.find([])).toEqual([]);
      const key = randomBytes(32);
      await stores.records.create([{ ...name, recordRef: key, wrappedKey: Buffer.from('wrapped') }]);
      const [found] = await stores.records.find([name, { sourceId: sources[0], recordId: 'Patient/2' }]);
      expect(found).toMatchObject({ ...name, headSeq: 0n });
      expect(toHex(found?.recordRef as Uint8Array)).toBe(toHex(key));
      expect(Buffer.from(found?.wrappedKey as Uint8Array).toString()).toBe('wrapped');
    });

    test('a record that exists stays as it is', async () => {
      const record = await createRecord(stores, sources[0], 'Patient/1');
      await stores.records.create([{ ...record, recordRef: randomBytes(32), wrappedKey: Buffer.from('another') }]);
      const found = await stores.records.find([record]);
      expect(found).toHaveLength(1);
      expect(found[0]?.id).toBe(record.id);
      expect(toHex(found[0]?.recordRef as Uint8Array)).toBe(toHex(record.recordRef));
      expect(Buffer.from(found[0]?.wrappedKey as Uint8Array).toString()).toBe('wrapped key of Patient/1');
    });

    test('the same record id in another source is another record', async () => {
      const one = await createRecord(stores, sources[0], 'Patient/1');
      const other = await createRecord(stores, sources[1], 'Patient/1');
      expect(one.id).not.toBe(other.id);
      expect(toHex(one.recordRef)).not.toBe(toHex(other.recordRef));
    });

    test('record ids are compared exactly: case, accents and normalisation forms make different records', async () => {
      const names = ['a', 'A', 'å', 'a\u030a', 'a ', '%61'];
      const ids = await Promise.all(names.map(async (name) => (await createRecord(stores, sources[0], name)).id));
      expect(new Set(ids).size).toBe(6);
    });

    test('three processes that meet the same forty new records in different orders agree on one key each', async () => {
      const names = Array.from({ length: 40 }, (_, n) => ({ sourceId: sources[0], recordId: `Observation/${n}` }));
      await Promise.all(
        processes.map(({ records }, process) => {
          const order = process === 1 ? [...names].reverse() : names;
          return records.create(
            order.map((name) => ({ ...name, recordRef: randomBytes(32), wrappedKey: randomBytes(65) })),
          );
        }),
      );
      const seen = await Promise.all(
        processes.map(async ({ records }) => {
          const found = await records.find(names);
          return found.map((one) => `${one.recordId} ${one.id} ${toHex(one.wrappedKey)}`).sort();
        }),
      );
      expect(seen[0]).toHaveLength(40);
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[2]).toEqual(seen[0]);
    });
  });

  describe('histories', () => {
    let record: TestRecord;
    beforeEach(async () => {
      record = await createRecord(stores, sources[0]);
      // Version ids that sort in another way than they arrive.
      const ids = ['9', '10', 'b', 'a', '1'];
      for (const [n, id] of ids.entries()) await stores.entries.sequence([versionOf(record, id, `{"n":${n}}`)], plan);
    });

    test('are in the order of arrival', async () => {
      const history = await stores.records.history(record.id, 0n, 100);
      expect(history.map(({ seq, versionId }) => [seq, versionId])).toEqual([
        [1n, '9'],
        [2n, '10'],
        [3n, 'b'],
        [4n, 'a'],
        [5n, '1'],
      ]);
    });

    test('are paged by seq', async () => {
      const page = async (after: bigint, limit: number): Promise<readonly bigint[]> =>
        (await stores.records.history(record.id, after, limit)).map(({ seq }) => seq);
      expect(await page(0n, 2)).toEqual([1n, 2n]);
      expect(await page(2n, 2)).toEqual([3n, 4n]);
      expect(await page(4n, 2)).toEqual([5n]);
      expect(await page(5n, 2)).toEqual([]);
      expect(await page((1n << 63n) - 1n, 2)).toEqual([]);
    });

    test('latest, version and count', async () => {
      expect((await stores.records.latest(record.id))?.versionId).toBe('1');
      expect((await stores.records.version(record.id, 'b'))?.seq).toBe(3n);
      expect(await stores.records.version(record.id, 'B')).toBeNull();
      expect(await stores.records.count(record.id)).toBe(5n);
    });

    test('of a record without versions are empty', async () => {
      const empty = await createRecord(stores, sources[0]);
      expect(await stores.records.history(empty.id, 0n, 10)).toEqual([]);
      expect(await stores.records.latest(empty.id)).toBeNull();
      expect(await stores.records.count(empty.id)).toBe(0n);
    });
  });

  test('alarms are kept, newest first, up to the limit', async () => {
    const record = await createRecord(stores, sources[0]);
    const raise = (detail: string, about: bigint | null): Promise<void> =>
      stores.records.raiseAlarm({
        kind: about === null ? 'anchor-lost' : 'history-rewritten',
        record: about,
        seq: about === null ? null : 1n,
        detail,
        raisedAt: BATCH_TIME,
      });
    await raise('first', record.id);
    await raise('second', null);
    await raise('third', record.id);
    const alarms = await processes[2].records.alarms(2);
    expect(alarms.map(({ kind, record: about, seq, detail }) => [kind, about, seq, detail])).toEqual([
      ['history-rewritten', record.id, 1n, 'third'],
      ['anchor-lost', null, null, 'second'],
    ]);
    expect(alarms[0]?.raisedAt).toEqual(BATCH_TIME);
  });
}
