// chainOfVersions: the entries of a record, numbered and linked without a gap. Each case breaks one link.

import { describe, expect, test } from '@jest/globals';
import { formatEntry, leafHash, type Entry } from '@medanchor/verifier';
import { chainOfVersions, type ChainLink } from '../../api/src/ledger/prove/version-chain.rules.ts';
import { epochEntry, octets, SOURCE } from '../support/submissions.ts';

const TIME = '2026-11-23T10:00:00.000Z';

function version(seq: bigint, previous: Uint8Array | null): Entry {
  return {
    kind: 'record-version',
    time: TIME,
    source: SOURCE,
    recordRef: octets(1),
    seq,
    previous,
    activity: seq === 1n ? 'create' : 'update',
    scheme: 'json/1',
    commitment: octets(Number(seq)),
  };
}

function link(seq: bigint, entry: Entry): ChainLink {
  const bytes = formatEntry(entry);
  return { seq, leafHash: leafHash(bytes), computed: leafHash(bytes), entry: bytes };
}

const first = link(1n, version(1n, null));
const second = link(2n, version(2n, first.leafHash));
const third = link(3n, version(3n, second.leafHash));

describe('an unbroken chain', () => {
  test.each([
    ['no version', []],
    ['one version', [first]],
    ['three versions', [first, second, third]],
  ])('%s', (_, links) => {
    expect(chainOfVersions(links)).toBeNull();
  });

  test('ends with the erasure of the record’s key', () => {
    const erasure = link(3n, {
      kind: 'record-erasure',
      time: TIME,
      source: SOURCE,
      recordRef: octets(1),
      seq: 3n,
      previous: second.leafHash,
      basis: 'request of the patient',
    });
    expect(chainOfVersions([first, second, erasure])).toBeNull();
  });
});

describe('a broken chain', () => {
  test('version 2 was removed', () => {
    expect(chainOfVersions([first, third])).toBe('version number 2 is missing');
  });

  test('the first version was removed', () => {
    expect(chainOfVersions([second, third])).toBe('version number 1 is missing');
  });

  test('two versions were exchanged', () => {
    expect(chainOfVersions([second, first])).toBe('version number 1 is missing');
  });

  test('a version was numbered anew, its entry still says otherwise', () => {
    expect(chainOfVersions([first, { ...third, seq: 2n }])).toBe('the entry of version number 2 says 3');
  });

  test('an entry was changed, the recorded hash is the old one', () => {
    const changed = { ...second, computed: octets(0xff) };
    expect(chainOfVersions([first, changed, third])).toBe(
      'the entry of version number 2 was changed: its hash is not the recorded one',
    );
  });

  test('entry and recorded hash were changed together: the next version names another', () => {
    const forged = link(2n, { ...version(2n, first.leafHash), commitment: octets(0xff) } as Entry);
    expect(chainOfVersions([first, forged])).toBeNull();
    expect(chainOfVersions([first, forged, third])).toBe('version number 3 does not name the one before it');
  });

  test('an entry cannot be read', () => {
    const bytes = new TextEncoder().encode('{"format":"medanchor-entry/1"');
    const unreadable = { seq: 1n, leafHash: leafHash(bytes), computed: leafHash(bytes), entry: bytes };
    expect(chainOfVersions([unreadable])).toBe('the entry of version number 1 cannot be read');
  });

  test('an entry of another kind stands in its place', () => {
    expect(chainOfVersions([first, link(2n, epochEntry(2n).entry)])).toBe(
      'entry of version number 2 is of kind anchor-epoch',
    );
  });

  test('a fault of ours is not taken for a changed entry', () => {
    const notOctets = { ...first, entry: null as unknown as Uint8Array };
    expect(() => chainOfVersions([notOctets])).toThrow(TypeError);
  });
});
