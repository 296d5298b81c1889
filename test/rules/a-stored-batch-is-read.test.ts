// entry-octets: the entries of a batch in its row; octets that were changed behind our back are not read as other entries.

import { expect, test } from '@jest/globals';
import { InvariantError, toHex, utf8 } from '@medanchor/verifier';
import { formatEntries, parseEntries } from '../../api/src/ledger/store/entry-octets.ts';

test('each entry stands behind its length in two octets, big-endian', () => {
  const octets = formatEntries([utf8('a'), utf8('bcd'), new Uint8Array(258).fill(0x65)]);
  expect(toHex(octets)).toBe(`00016100036263640102${'65'.repeat(258)}`);
  expect(parseEntries(octets).map((entry) => entry.length)).toEqual([1, 3, 258]);
  expect(parseEntries(new Uint8Array(0))).toEqual([]);
});

test('an entry of 16 KiB fits, one octet more is a fault of ours', () => {
  expect(parseEntries(formatEntries([new Uint8Array(16384)]))[0]?.length).toBe(16384);
  expect(() => formatEntries([new Uint8Array(16385)])).toThrow(
    new InvariantError('an entry of 16385 octets in a batch'),
  );
});

test.each([
  ['in the middle of an entry', [0, 2, 0x61]],
  ['behind a length', [0, 1, 0x61, 0, 3]],
  ['in the middle of a length', [0, 1, 0x61, 0]],
])('a batch that is cut %s is damaged', (_, octets) => {
  expect(() => parseEntries(Uint8Array.from(octets))).toThrow(
    new InvariantError('the entries of a stored batch are cut off'),
  );
});
