// planBatch: indexes, numbers, links and activities of the entries that a batch of submissions becomes.

import { describe, expect, test } from '@jest/globals';
import { fromUtf8, leafHash, toHex, utf8 } from '@medanchor/verifier';
import { planBatch } from '../../api/src/ledger/append/append.rules.ts';
import type { StoredVersion } from '../../api/src/ledger/model.ts';
import {
  versionKey,
  type RecordHead,
  type SequenceResult,
  type SequencerState,
} from '../../api/src/ledger/store/entry-store.port.ts';
import { deletion, epochEntry, octets, submission } from '../support/submissions.ts';

const TIME = new Date('2026-11-23T10:00:00.000Z');
const COMMITMENT_OF_5 = toHex(submission(1n, 'a', 5).commitment);

function state(nextIndex: bigint, heads: readonly [bigint, RecordHead][] = []): SequencerState {
  return { nextIndex, heads: new Map(heads), existing: new Map(), keys: new Map() };
}

function sequenced(result: SequenceResult | undefined): StoredVersion {
  if (result?.result !== 'sequenced') throw new Error(`got ${result?.result}`);
  return result.version;
}

describe('the first version of a record', () => {
  const plan = planBatch(state(7n), [submission(1n, 'a', 5)], TIME);

  test('is number 1, a creation, and names no version before it', () => {
    expect(fromUtf8(plan.entries[0]?.bytes ?? octets(0))).toBe(
      `{"activity":"create","commitment":"${COMMITMENT_OF_5}","format":"medanchor-entry/1","kind":"record-version",` +
        `"previous":null,"recordRef":"${'01'.repeat(32)}","scheme":"json/1","seq":"1",` +
        '"source":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","time":"2026-11-23T10:00:00.000Z"}',
    );
  });

  test('stands at the next index, under the hash of its octets', () => {
    const [entry] = plan.entries;
    expect(entry?.index).toBe(7n);
    expect(entry?.leafHash).toEqual(leafHash(entry?.bytes ?? octets(0)));
    expect(plan.heads).toEqual(new Map([[1n, { seq: 1n, leaf: entry?.leafHash }]]));
  });

  test('is what its submitter gets back, without any content', () => {
    expect(sequenced(plan.results[0])).toEqual({
      record: 1n,
      seq: 1n,
      versionId: 'a',
      index: 7n,
      leafHash: plan.entries[0]?.leafHash,
      entry: plan.entries[0]?.bytes,
      activity: 'create',
      scheme: 'json/1',
      mediaType: 'application/json',
      components: submission(1n, 'a', 5).components,
      recordedAt: TIME,
      submittedBy: null,
    });
  });
});

describe('a later version', () => {
  test('is an update that names the leaf hash of the one before it', () => {
    const plan = planBatch(state(20n, [[1n, { seq: 3n, leaf: octets(0xaa) }]]), [submission(1n, 'd', 5)], TIME);
    const text = fromUtf8(plan.entries[0]?.bytes ?? octets(0));
    expect(text).toContain('"activity":"update"');
    expect(text).toContain(`"previous":"${'aa'.repeat(32)}"`);
    expect(text).toContain('"seq":"4"');
  });

  test('keeps the activity that its submitter named', () => {
    const plan = planBatch(state(0n), [submission(1n, 'a', 5, 'import'), deletion(1n, 'b')], TIME);
    expect(plan.results.map((result) => sequenced(result).activity)).toEqual(['import', 'delete']);
  });
});

describe('several submissions in one batch', () => {
  test('of one record form its chain', () => {
    const plan = planBatch(state(0n), [submission(1n, 'a', 5), submission(2n, 'a', 5), submission(1n, 'b', 6)], TIME);
    const [first, other, second] = plan.results.map(sequenced);
    expect([first?.index, other?.index, second?.index]).toEqual([0n, 1n, 2n]);
    expect([first?.seq, other?.seq, second?.seq]).toEqual([1n, 1n, 2n]);
    expect(fromUtf8(second?.entry ?? octets(0))).toContain(`"previous":"${toHex(first?.leafHash ?? octets(0))}"`);
    expect([...plan.heads].map(([record, { seq }]) => [record, seq])).toEqual([
      [1n, 2n],
      [2n, 1n],
    ]);
  });

  test('that repeat one version id give one entry; the repetition takes no index', () => {
    const plan = planBatch(
      state(0n),
      [submission(1n, 'a', 5), submission(1n, 'a', 5), submission(1n, 'a', 6), submission(1n, 'b', 7)],
      TIME,
    );
    expect(plan.results.map(({ result }) => result)).toEqual(['sequenced', 'duplicate', 'conflict', 'sequenced']);
    expect(plan.entries.map(({ index }) => index)).toEqual([0n, 1n]);
    expect(plan.results.slice(0, 3).map((result) => 'version' in result && result.version.index)).toEqual([0n, 0n, 0n]);
  });

  test('the same version id of another record is another version', () => {
    const plan = planBatch(state(0n), [submission(1n, 'a', 5), submission(2n, 'a', 6)], TIME);
    expect(plan.results.map(({ result }) => result)).toEqual(['sequenced', 'sequenced']);
  });

  test('none: nothing is written', () => {
    expect(planBatch(state(4n), [], TIME)).toEqual({
      entries: [],
      heads: new Map(),
      results: [],
      keys: [],
    });
  });
});

test('a version that is recorded already is given back with its first entry, and nothing is written', () => {
  const before = sequenced(planBatch(state(2n), [submission(1n, 'a', 5)], TIME).results[0]);
  const later = new Date('2026-11-24T10:00:00.000Z');
  const plan = planBatch(
    {
      nextIndex: 9n,
      heads: new Map([[1n, { seq: 1n, leaf: before.leafHash }]]),
      existing: new Map([[versionKey(1n, 'a'), before]]),
      keys: new Map(),
    },
    [submission(1n, 'a', 5), submission(1n, 'a', 6)],
    later,
  );
  expect(plan.entries).toEqual([]);
  expect(plan.heads).toEqual(new Map());
  expect(plan.results).toEqual([
    { result: 'duplicate', verdict: 'identical', flags: [], version: before },
    { result: 'conflict', verdict: 'altered', flags: [], version: before },
  ]);
});

test('an entry without a record takes an index and the time of the batch', () => {
  const plan = planBatch(state(3n), [submission(1n, 'a', 5), epochEntry(2n), submission(1n, 'b', 6)], TIME);
  expect(plan.results.map(({ result }) => result)).toEqual(['sequenced', 'sequenced-plain', 'sequenced']);
  const text =
    `{"chainId":"31337","contract":"0x${'c0'.repeat(20)}","epoch":"2","format":"medanchor-entry/1",` +
    `"kind":"anchor-epoch","logId":"${'ee'.repeat(32)}","previous":null,"reason":"moved to another contract",` +
    '"time":"2026-11-23T10:00:00.000Z"}';
  expect(plan.results[1]).toEqual({
    result: 'sequenced-plain',
    index: 4n,
    leafHash: leafHash(utf8(text)),
    entry: utf8(text),
  });
  expect(plan.entries.map(({ index, version }) => [index, version?.seq])).toEqual([
    [3n, 1n],
    [4n, undefined],
    [5n, 2n],
  ]);
});
