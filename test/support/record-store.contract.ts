// The contract of RecordStore (api/src/ledger/store/record-store.port.ts), for any implementation.

import { randomUUID } from 'node:crypto';
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
  let tenantId: string;

  beforeEach(async () => {
    const backend = await open();
    processes = backend.processes;
    [stores] = backend.processes;
    sources = backend.sources;
    tenantId = backend.tenantId;
  });

  describe('find', () => {
    test('nothing is found before the first version is recorded, and exactly that record afterwards', async () => {
      const record = await createRecord(stores, sources[0], 'Patient/1');
      const name = { sourceId: sources[0], recordId: 'Patient/1' };
      expect(await stores.records.find([name])).toEqual([]);
      expect(await stores.records.find([])).toEqual([]);
      await stores.entries.sequence([versionOf(record, '1', '1')], plan);
      const found = await stores.records.find([name, { sourceId: sources[0], recordId: 'Patient/2' }]);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ ...name, id: record.id, headSeq: 1n });
      expect(toHex(found[0]?.recordRef as Uint8Array)).toBe(toHex(record.recordRef));
      expect(Buffer.from(found[0]?.wrappedKey as Uint8Array).toString()).toBe('wrapped key of Patient/1');
    });

    test('the same record id in another source is another record', async () => {
      const one = await createRecord(stores, sources[0], 'Patient/1');
      const other = await createRecord(stores, sources[1], 'Patient/1');
      await stores.entries.sequence([versionOf(one, '1', '1'), versionOf(other, '1', '1')], plan);
      const found = await stores.records.find([one, other]);
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set([one.id, other.id]));
    });

    test('record ids are compared exactly: case, accents and normalisation forms make different records', async () => {
      const names = ['a', 'A', 'å', 'a\u030a', 'a ', '%61'];
      const records = await Promise.all(names.map((name) => createRecord(stores, sources[0], name)));
      await stores.entries.sequence(
        records.map((record) => versionOf(record, '1', '1')),
        plan,
      );
      for (const record of records) expect((await stores.records.find([record]))[0]?.id).toBe(record.id);
    });

    test('ids are reserved for one caller only', async () => {
      const reserved = await Promise.all(processes.map(({ records }) => records.reserve(50)));
      expect(new Set(reserved.flat()).size).toBe(150);
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
      expect((await stores.records.locate([{ ...record, versionId: null }]))[0]?.latest?.versionId).toBe('1');
      expect((await stores.records.locate([{ ...record, versionId: 'b' }]))[0]?.version?.seq).toBe(3n);
      expect((await stores.records.locate([{ ...record, versionId: 'B' }]))[0]?.version).toBeNull();
      expect(await stores.records.count(record.id)).toBe(5n);
    });

    test('of a record that nobody has recorded are empty', async () => {
      const empty = await createRecord(stores, sources[0]);
      expect(await stores.records.history(empty.id, 0n, 10)).toEqual([]);
      expect(await stores.records.locate([{ ...empty, versionId: null }])).toEqual([null]);
      expect(await stores.records.count(empty.id)).toBe(0n);
    });
  });

  test('alarms are kept, newest first, up to the limit', async () => {
    const record = await createRecord(stores, sources[0]);
    await stores.entries.sequence([versionOf(record, '1', '1')], plan);
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
    const alarms = await processes[2].records.alarms(2, { tenantId, logWide: true });
    expect(alarms.map(({ kind, record: about, seq, detail }) => [kind, about, seq, detail])).toEqual([
      ['history-rewritten', record.id, 1n, 'third'],
      ['anchor-lost', null, null, 'second'],
    ]);
    expect(alarms[0]?.raisedAt).toEqual(BATCH_TIME);
    const details = async (of: { tenantId: string; logWide: boolean }): Promise<readonly string[]> =>
      (await processes[1].records.alarms(10, of)).map(({ detail }) => detail);
    expect(await details({ tenantId, logWide: false })).toEqual(['third', 'first']);
    expect(await details({ tenantId: randomUUID(), logWide: true })).toEqual(['second']);
    expect(await details({ tenantId: randomUUID(), logWide: false })).toEqual([]);
  });
}
