// planErasures: the entry that an erasure becomes, and the bases that there are.

import { describe, expect, test } from '@jest/globals';
import { fromUtf8, leafHash, toHex } from '@medanchor/verifier';
import { basisText, ERASURE_BASES, isErasureBasis, planErasures } from '../../api/src/ledger/erase/erase.rules.ts';
import { octets, SOURCE } from '../support/submissions.ts';

const TIME = new Date('2026-11-24T10:00:00.000Z');
const record = (id: bigint, headSeq: bigint) => ({
  id,
  sourceId: SOURCE,
  recordRef: octets(Number(id)),
  headSeq,
  headLeaf: octets(0xaa),
  keyHolder: 'ledger' as const,
});

describe('the entries', () => {
  const plan = planErasures(7n, [record(1n, 2n), record(2n, 1n)], 'gdpr-17-1-b', TIME);

  test('each continues its record’s chain of versions, and says why', () => {
    expect(plan.entries.map(({ bytes }) => fromUtf8(bytes))).toEqual([
      `{"basis":"gdpr-17-1-b: consent was withdrawn","format":"medanchor-entry/1","kind":"record-erasure","previous":"${'aa'.repeat(32)}",` +
        `"recordRef":"${'01'.repeat(32)}","seq":"3","source":"${SOURCE}","time":"2026-11-24T10:00:00.000Z"}`,
      `{"basis":"gdpr-17-1-b: consent was withdrawn","format":"medanchor-entry/1","kind":"record-erasure","previous":"${'aa'.repeat(32)}",` +
        `"recordRef":"${'02'.repeat(32)}","seq":"2","source":"${SOURCE}","time":"2026-11-24T10:00:00.000Z"}`,
    ]);
  });

  test('stand one behind the other; rows and hashes say the same', () => {
    expect(
      plan.erasures.map(({ record: id, index, seq, versions, basis }) => [id, index, seq, versions, basis]),
    ).toEqual([
      [1n, 7n, 3n, 2n, 'gdpr-17-1-b'],
      [2n, 8n, 2n, 1n, 'gdpr-17-1-b'],
    ]);
    for (const [at, { bytes }] of plan.entries.entries())
      expect(toHex(plan.erasures[at]?.leafHash ?? octets(0))).toBe(toHex(leafHash(bytes)));
  });

  test('no record, no entry', () => {
    expect(planErasures(7n, [], 'court-order', TIME)).toMatchObject({ entries: [], erasures: [] });
  });
});

describe('the legal bases', () => {
  test('are article 17(1) of the GDPR, a court, and the end of the retention period', () => {
    expect(Object.keys(ERASURE_BASES)).toEqual([
      'gdpr-17-1-a',
      'gdpr-17-1-b',
      'gdpr-17-1-c',
      'gdpr-17-1-d',
      'gdpr-17-1-e',
      'gdpr-17-1-f',
      'court-order',
      'retention-expired',
    ]);
  });

  test('fit into an entry, with their text', () => {
    for (const basis of Object.keys(ERASURE_BASES) as (keyof typeof ERASURE_BASES)[])
      expect(basisText(basis)).toMatch(/^[a-z0-9-]+: [a-z ]{10,200}$/);
  });

  test.each(['', 'because', 'gdpr-17-1-b: consent was withdrawn', 'toString'])('%j is none', (text) => {
    expect(isErasureBasis(text)).toBe(false);
  });
});
