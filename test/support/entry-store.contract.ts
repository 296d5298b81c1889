// The contract of EntryStore, sentence by sentence (api/src/ledger/store/entry-store.port.ts), for any implementation.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { leafHash, parseEntry, signDetachedJws, toHex, type KeyEntry } from '@medanchor/verifier';
import type { StoredVersion } from '../../api/src/ledger/model.ts';
import { chainOfVersions } from '../../api/src/ledger/prove/version-chain.rules.ts';
import {
  RecordExistsError,
  type PlainSubmission,
  type SequenceResult,
  type Submission,
  type VersionSubmission,
} from '../../api/src/ledger/store/entry-store.port.ts';
import {
  appendPlain,
  BATCH_TIME,
  createRecord,
  indexesOf,
  plainEntry,
  plan,
  versionOf,
  type LedgerStores,
  type OpenBackend,
} from './store-backend.ts';

export function describeEntryStore(open: OpenBackend): void {
  let processes: readonly [LedgerStores, LedgerStores, LedgerStores];
  let stores: LedgerStores;
  let source: string;

  beforeEach(async () => {
    const backend = await open();
    processes = backend.processes;
    [stores] = backend.processes;
    [source] = backend.sources;
  });

  describe('keys of sources', () => {
    const { jwk, keyId } = signDetachedJws(new Uint8Array(), new Uint8Array(32).fill(1));
    const { jwk: otherJwk, keyId: other } = signDetachedJws(new Uint8Array(), new Uint8Array(32).fill(2));
    const act = (changes: Partial<KeyEntry>): PlainSubmission => ({
      kind: 'plain',
      entry: { kind: 'key', time: BATCH_TIME.toISOString(), source, keyId, action: 'register', jwk, ...changes },
    });
    const revoke = (): PlainSubmission => {
      const { jwk: _, ...rest } = act({ action: 'revoke' }).entry as KeyEntry;
      return { kind: 'plain', entry: rest };
    };
    const outcomes = async (...submissions: readonly Submission[]): Promise<readonly string[]> =>
      (await stores.entries.sequence(submissions, plan)).map((one) =>
        one.result === 'refused' ? one.code : one.result,
      );
    const signed = async (versionId: string): Promise<VersionSubmission> => ({
      ...versionOf(await createRecord(stores, source), versionId, '{}'),
      // The plan looks at the key; whose signature it is was decided before.
      submitter: { keyId, jws: signDetachedJws(new Uint8Array(), new Uint8Array(32).fill(1)).jws },
    });

    test('a signed version is sequenced only while its key is in force, in the order of the log', async () => {
      expect(await outcomes(await signed('1'))).toEqual(['signature-key-unknown']);
      expect(await outcomes(await signed('2'), act({}), await signed('3'))).toEqual([
        'signature-key-unknown',
        'sequenced-plain',
        'sequenced',
      ]);
      expect(await outcomes(await signed('4'), revoke(), await signed('5'))).toEqual([
        'sequenced',
        'sequenced-plain',
        'signature-key-revoked',
      ]);
      expect(await outcomes(await signed('6'))).toEqual(['signature-key-revoked']);
      expect(await stores.entries.ends()).toEqual({ next: 4n, stored: 4n });
    });

    test('a key is registered once, ends once, and never comes again', async () => {
      expect(await outcomes(revoke(), act({}), act({}))).toEqual(['unknown-key', 'sequenced-plain', 'key-exists']);
      const rotate = act({ action: 'rotate', keyId: other, jwk: otherJwk, replaces: keyId });
      expect(await outcomes(rotate, rotate, revoke(), act({}))).toEqual([
        'sequenced-plain',
        'key-exists',
        'key-revoked',
        'key-revoked',
      ]);
      expect(await stores.keys.list(source)).toEqual([
        { source, keyId, jwk, registeredIndex: 0n, revokedIndex: 1n, replacedBy: other },
        { source, keyId: other, jwk: otherJwk, registeredIndex: 1n, revokedIndex: null, replacedBy: null },
      ]);
      expect((await stores.keys.chain(source, other)).map((key) => key.keyId)).toEqual([other, keyId]);
      expect(await stores.keys.chain(source, 'x'.repeat(43))).toEqual([]);
    });

    test('of three processes that register one key at once, one is first', async () => {
      const results = (await Promise.all(processes.map((process) => process.entries.sequence([act({})], plan)))).flat();
      expect(results.map(({ result }) => result).sort()).toEqual(['refused', 'refused', 'sequenced-plain']);
      expect(await stores.entries.ends()).toEqual({ next: 1n, stored: 1n });
    });
  });

  describe('indexes', () => {
    test('start at 0 and go on from batch to batch', async () => {
      expect(indexesOf(await appendPlain(stores, 1))).toEqual([0n]);
      expect(indexesOf(await appendPlain(stores, 3))).toEqual([1n, 2n, 3n]);
      expect(await stores.entries.ends()).toEqual({ next: 4n, stored: 4n });
    });

    test('have neither gap nor duplicate when three processes append at once', async () => {
      const records = await Promise.all(Array.from({ length: 6 }, () => createRecord(stores, source)));
      const calls = Array.from({ length: 36 }, (_, call) => ({
        process: processes[call % 3] as LedgerStores,
        batch: Array.from({ length: 1 + (call % 5) }, (_, line) =>
          versionOf(records[(call + line) % 6] as (typeof records)[0], `${call}.${line}`, `{"n":${call}}`),
        ),
      }));
      const results = (
        await Promise.all(calls.map(({ process, batch }) => process.entries.sequence(batch, plan)))
      ).flat();
      expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['sequenced']));
      const indexes = [...indexesOf(results)].sort((a, b) => Number(a - b));
      expect(indexes).toEqual(Array.from({ length: 106 }, (_, index) => BigInt(index)));
      // What was answered is what is stored, at that index.
      const stored = await stores.entries.readEntries(0n, 106n);
      expect(stored).toHaveLength(106);
      for (const version of versionsOf(results)) {
        expect(toHex(leafHash(stored[Number(version.index)] as Uint8Array))).toBe(toHex(version.leafHash));
      }
    });

    test('are not used up by a call that fails', async () => {
      await appendPlain(stores, 2);
      const failing = stores.entries.sequence([plainEntry()], () => {
        throw new Error('the planner failed');
      });
      await expect(failing).rejects.toThrow('the planner failed');
      expect(await stores.entries.ends()).toEqual({ next: 2n, stored: 2n });
      expect(indexesOf(await appendPlain(stores, 1))).toEqual([2n]);
    });

    test('an empty batch takes none', async () => {
      expect(await stores.entries.sequence([], plan)).toEqual([]);
      expect(await stores.entries.ends()).toEqual({ next: 0n, stored: 0n });
    });
  });

  describe('a record to create', () => {
    test('that has come into being under another id is refused with its whole batch, and nothing is written', async () => {
      const first = await createRecord(stores, source, 'Patient/1');
      await stores.entries.sequence([versionOf(first, '1', '1')], plan);
      const late = await createRecord(stores, source, 'Patient/1');
      const other = await createRecord(stores, source, 'Patient/2');
      const batch = [versionOf(other, '1', '1'), versionOf(late, '2', '2')];
      await expect(stores.entries.sequence(batch, plan)).rejects.toThrow(RecordExistsError);
      expect(await stores.entries.ends()).toEqual({ next: 1n, stored: 1n });
      expect(await stores.records.find([other])).toEqual([]);
      const [kept] = await stores.records.find([first]);
      expect([kept?.id, kept?.headSeq]).toEqual([first.id, 1n]);
    });

    test('that is there under the same id stays as it is', async () => {
      const record = await createRecord(stores, source, 'Patient/1');
      const [one, two] = [versionOf(record, '1', '1'), versionOf(record, '2', '2')];
      await stores.entries.sequence([one], plan);
      const again = { ...two, create: { ...two.create!, wrappedKey: Uint8Array.of(1, 2, 3) } };
      await stores.entries.sequence([again], plan);
      const [kept] = await stores.records.find([record]);
      expect(Buffer.from(kept?.wrappedKey as Uint8Array).toString()).toBe('wrapped key of Patient/1');
      expect(kept?.headSeq).toBe(2n);
    });

    test('whom three processes meet at once comes into being once', async () => {
      const met = await Promise.all(processes.map((process) => createRecord(process, source, 'Patient/1')));
      const settled = await Promise.allSettled(
        processes.map(({ entries }, n) => entries.sequence([versionOf(met[n]!, `v${n}`, '1')], plan)),
      );
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = settled.findIndex(({ status }) => status === 'fulfilled');
      const [kept] = await stores.records.find([met[0]!]);
      expect(kept?.id).toBe(met[winner]?.id);
      expect(await stores.entries.ends()).toEqual({ next: 1n, stored: 1n });
    });
  });

  describe('versions of one record', () => {
    test('form one unbroken chain when three processes append them at once', async () => {
      const record = await createRecord(stores, source);
      const results = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          (processes[n % 3] as LedgerStores).entries.sequence([versionOf(record, `v${n}`, `{"n":${n}}`)], plan),
        ),
      );
      expect(results.flat().map(({ result }) => result)).toEqual(Array.from({ length: 24 }, () => 'sequenced'));
      const history = await stores.records.history(record.id, 0n, 100);
      expect(history.map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, n) => BigInt(n + 1)));
      expect(chainOfVersions(history.map((one) => ({ ...one, computed: leafHash(one.entry) })))).toBeNull();
      // The order of the chain is the order of the log.
      const indexes = history.map(({ index }) => index);
      expect(indexes).toEqual([...indexes].sort((a, b) => Number(a - b)));
    });

    test('may follow each other in one batch', async () => {
      const record = await createRecord(stores, source);
      const batch = ['a', 'b', 'c'].map((id) => versionOf(record, id, `{"id":"${id}"}`));
      const versions = versionsOf(await stores.entries.sequence(batch, plan));
      expect(versions.map(({ seq, index, activity }) => [seq, index, activity])).toEqual([
        [1n, 0n, 'create'],
        [2n, 1n, 'update'],
        [3n, 2n, 'update'],
      ]);
      expect(chainOfVersions(versions.map((one) => ({ ...one, computed: leafHash(one.entry) })))).toBeNull();
      const [found] = await stores.records.find([record]);
      expect(found?.headSeq).toBe(3n);
    });

    test('are stored with what opens them, and with their entry octet for octet', async () => {
      const record = await createRecord(stores, source);
      const submission = versionOf(record, 'ünïcode/1', '{"value":6.30}');
      const [sequenced] = versionsOf(await stores.entries.sequence([plainEntry(), submission], plan));
      const stored = (await stores.records.locate([{ ...record, versionId: 'ünïcode/1' }]))[0]?.version;
      expect(plainly(stored)).toEqual(plainly(sequenced));
      expect(stored?.recordedAt).toEqual(BATCH_TIME);
      expect(stored?.components.map(({ name }) => name)).toEqual(['identity', 'raw', 'content', 'contentExact']);
      expect(parseEntry(stored?.entry as Uint8Array)).toMatchObject({
        kind: 'record-version',
        source,
        seq: 1n,
        previous: null,
        activity: 'create',
        scheme: 'json/1',
        time: '2026-01-02T03:04:05.678Z',
      });
    });
  });

  describe('a version that is there already', () => {
    test('same content in a later batch: a duplicate with the first entry', async () => {
      const record = await createRecord(stores, source);
      const [first] = versionsOf(await stores.entries.sequence([versionOf(record, '1', '{"a":1}')], plan));
      await appendPlain(stores, 5);
      const [again] = await processes[1].entries.sequence([versionOf(record, '1', '{"a":1}')], plan);
      expect(again?.result).toBe('duplicate');
      expect(plainly(versionOfResult(again))).toEqual(plainly(first));
      expect(await stores.entries.ends()).toEqual({ next: 6n, stored: 6n });
    });

    test('same content twice in one batch: one entry', async () => {
      const record = await createRecord(stores, source);
      const one = versionOf(record, '1', '{"a":1}');
      const results = await stores.entries.sequence([one, one, versionOf(record, '1', '{ "a": 1 }')], plan);
      expect(results.map(({ result }) => result)).toEqual(['sequenced', 'duplicate', 'duplicate']);
      expect(indexesOf(results)).toEqual([0n, 0n, 0n]);
      expect(results[2]).toMatchObject({ verdict: 'equal-exact' });
      expect(await stores.entries.ends()).toEqual({ next: 1n, stored: 1n });
    });

    test('twelve processes’ worth of identical submissions at once: exactly one is sequenced', async () => {
      const record = await createRecord(stores, source);
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          (processes[n % 3] as LedgerStores).entries.sequence([versionOf(record, '1', '{"a":1}')], plan),
        ),
      );
      const kinds = results.flat().map(({ result }) => result);
      expect(kinds.filter((kind) => kind === 'sequenced')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(11);
      expect(new Set(indexesOf(results.flat()))).toEqual(new Set([0n]));
    });

    test('other content: that submission alone is a conflict, and nothing is written for it', async () => {
      const [a, b] = [await createRecord(stores, source), await createRecord(stores, source)];
      await stores.entries.sequence([versionOf(a, '1', '{"dose":6.30}')], plan);
      const results = await stores.entries.sequence(
        [versionOf(b, '1', '{}'), versionOf(a, '1', '{"dose":6.3}'), versionOf(a, '2', '{"dose":7}')],
        plan,
      );
      expect(results.map(({ result }) => result)).toEqual(['sequenced', 'conflict', 'sequenced']);
      expect(results[1]).toMatchObject({ verdict: 'equal', flags: ['precision-differs'] });
      expect(versionOfResult(results[1]).index).toBe(0n);
      expect(indexesOf(results)).toEqual([1n, 0n, 2n]);
      expect(await stores.entries.ends()).toEqual({ next: 3n, stored: 3n });
      expect((await stores.records.history(a.id, 0n, 10)).map(({ versionId }) => versionId)).toEqual(['1', '2']);
    });

    test('other content within one batch: the first wins', async () => {
      const record = await createRecord(stores, source);
      const results = await stores.entries.sequence(
        [versionOf(record, '1', '{"a":1}'), versionOf(record, '1', '{"a":2}')],
        plan,
      );
      expect(results.map(({ result }) => result)).toEqual(['sequenced', 'conflict']);
      expect(results[1]).toMatchObject({ verdict: 'altered' });
    });

    test('a batch of nothing but duplicates and conflicts writes nothing', async () => {
      const record = await createRecord(stores, source);
      await stores.entries.sequence([versionOf(record, '1', '{"a":1}')], plan);
      const results = await stores.entries.sequence(
        [versionOf(record, '1', '{"a":1}'), versionOf(record, '1', '{"a":2}')],
        plan,
      );
      expect(results.map(({ result }) => result)).toEqual(['duplicate', 'conflict']);
      expect(await stores.entries.ends()).toEqual({ next: 1n, stored: 1n });
    });

    test('another record’s version of the same id is another version', async () => {
      const [a, b] = [await createRecord(stores, source), await createRecord(stores, source)];
      const results = await stores.entries.sequence([versionOf(a, '1', '{}'), versionOf(b, '1', '{}')], plan);
      expect(results.map(({ result }) => result)).toEqual(['sequenced', 'sequenced']);
    });
  });

  test('results stand in the order of the submissions', async () => {
    const [a, b] = [await createRecord(stores, source), await createRecord(stores, source)];
    await stores.entries.sequence([versionOf(a, '1', '{"a":1}')], plan);
    const results = await stores.entries.sequence(
      [
        versionOf(b, '1', '{}'),
        plainEntry(),
        versionOf(a, '1', '{"a":1}'),
        versionOf(a, '1', '{"a":2}'),
        versionOf(a, '2', null),
        plainEntry(),
      ],
      plan,
    );
    expect(results.map(({ result }) => result)).toEqual([
      'sequenced',
      'sequenced-plain',
      'duplicate',
      'conflict',
      'sequenced',
      'sequenced-plain',
    ]);
    expect(indexesOf(results)).toEqual([1n, 2n, 0n, 0n, 3n, 4n]);
    expect(versionOfResult(results[4])).toMatchObject({ activity: 'delete', scheme: 'identity/1', seq: 2n });
  });

  describe('readEntries', () => {
    test('gives every range across batches of 3, 1, 300 and 2', async () => {
      const hashes: string[] = [];
      for (const count of [3, 1, 300, 2]) {
        for (const result of await appendPlain(stores, count)) {
          if (result.result === 'sequenced-plain') hashes.push(toHex(result.leafHash));
        }
      }
      const borders = [0, 1, 2, 3, 4, 5, 255, 256, 257, 303, 304, 305, 306];
      for (const from of borders) {
        for (const to of borders) {
          const entries = await stores.entries.readEntries(BigInt(from), BigInt(to));
          expect(entries.map((entry) => toHex(leafHash(entry)))).toEqual(hashes.slice(from, Math.max(from, to)));
        }
      }
    });

    test('gives fewer when the log ends before', async () => {
      await appendPlain(stores, 3);
      expect(await stores.entries.readEntries(1n, 1000n)).toHaveLength(2);
      expect(await stores.entries.readEntries(3n, 10n)).toEqual([]);
      expect(await stores.entries.readEntries(1_000_000n, 1_000_001n)).toEqual([]);
    });
  });
}

function versionsOf(results: readonly SequenceResult[]): readonly StoredVersion[] {
  return results.flatMap((result) => (result.result === 'sequenced' ? [result.version] : []));
}

function versionOfResult(result: SequenceResult | undefined): StoredVersion {
  if (result === undefined || !('version' in result)) throw new Error('not a version');
  return result.version;
}

/** Buffers and Uint8Arrays compare by their octets. */
function plainly(version: StoredVersion | null | undefined): unknown {
  if (version === null || version === undefined) return version;
  return {
    ...version,
    leafHash: toHex(version.leafHash),
    entry: toHex(version.entry),
    components: version.components.map(({ name, commitment }) => [name, toHex(commitment)]),
  };
}
