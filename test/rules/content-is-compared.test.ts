// Content against a recorded version, by its commitments alone.

import { describe, expect, test } from '@jest/globals';
import { commitRecord, digestRecord, utf8, versionSalt } from '@medanchor/verifier';
import { ContentComparer } from '../../api/src/ledger/prove/compare.rules.ts';
import type { StoredVersion } from '../../api/src/ledger/model.ts';

const KEY = new Uint8Array(32).fill(3);
const SALT = versionSalt(KEY, '1');
const IDENTITY = { source: 'lab', recordId: 'Observation/a', versionId: '1' };
const FHIR = 'application/fhir+json';
const RECORDED = '{"resourceType":"Observation","id":"a","valueQuantity":{"value":6.30}}';

function version(text: string | null, mediaType: string, changes: Partial<StoredVersion> = {}): StoredVersion {
  const digest = digestRecord(text === null ? null : utf8(text), mediaType, IDENTITY);
  return {
    record: 1n,
    seq: 1n,
    versionId: '1',
    index: 0n,
    leafHash: new Uint8Array(32),
    entry: new Uint8Array(1),
    activity: 'create',
    scheme: digest.scheme,
    mediaType: digest.mediaType,
    components: commitRecord(digest, KEY, '1').components,
    recordedAt: new Date(0),
    submittedBy: null,
    ...changes,
  };
}

function compared(text: string, recorded: StoredVersion): readonly unknown[] {
  const { verdict, flags, check } = new ContentComparer({ content: utf8(text), mediaType: FHIR }).compare(
    recorded,
    SALT,
  );
  return [verdict, flags, check.result, check.code];
}

describe('a recorded FHIR resource', () => {
  const recorded = version(RECORDED, FHIR);

  test.each([
    ['the very octets', RECORDED, ['identical', [], 'passed', undefined]],
    ['white space more', ` ${RECORDED}`, ['equal-exact', [], 'passed', undefined]],
    ['a zero less', RECORDED.replace('6.30', '6.3'), ['equal', ['precision-differs'], 'passed', undefined]],
    ['another digit', RECORDED.replace('6.30', '6.40'), ['altered', [], 'failed', 'CONTENT_ALTERED']],
    ['nothing that can be read', '{', ['altered', [], 'failed', 'CONTENT_ALTERED']],
  ])('%s', (_name, text, expected) => {
    expect(compared(text, recorded)).toEqual(expected);
  });
});

test('a deletion has nothing to compare with', () => {
  expect(compared(RECORDED, version(null, ''))).toEqual(['deleted', [], 'skipped', 'NO_CONTENT_COMMITTED']);
});

test('a version whose content components were removed from its row is not made equal by that', () => {
  const recorded = version('octets', 'text/plain');
  const components = recorded.components.filter(({ name }) => name === 'identity');
  expect(compared('octets', { ...recorded, components })[0]).toBe('altered');
});

test('one content is read once for each scheme, however many versions it is compared with', () => {
  const comparer = new ContentComparer({ content: utf8(RECORDED), mediaType: FHIR });
  const recorded = version(RECORDED, FHIR);
  expect(comparer.compare(recorded, SALT).verdict).toBe('identical');
  expect(comparer.compare(version('other', 'text/plain'), SALT).verdict).toBe('altered');
  expect(comparer.compare(recorded, SALT).verdict).toBe('identical');
});

test('a mistake of ours is no difference of the content', () => {
  const comparer = new ContentComparer({ content: null as unknown as Uint8Array, mediaType: FHIR });
  expect(() => comparer.compare(version(RECORDED, FHIR), SALT)).toThrow(TypeError);
});
