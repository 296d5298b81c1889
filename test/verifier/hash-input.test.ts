// What is put together for a hash is what the plain encoders give, for every kind and length of part.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  canonicalJson,
  concat,
  formatEntry,
  formatTlogProof,
  fromBase64,
  hmacSha256,
  InvariantError,
  lp,
  parseEntry,
  parseJson,
  parseTlogProof,
  toHex,
  u64,
  utf8,
  type RecordVersionEntry,
} from '@medanchor/verifier';
import fc from 'fast-check';
import { lpAll } from '../../verifier/src/bytes.ts';
import { hashInput } from '../../verifier/src/hash-input.ts';
import { codeOf } from './support.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the input of a hash', () => {
  test('is the same octets as by the plain encoders', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array())), fc.nat(), (parts, count) => {
        const input = hashInput().octet(1).u64(count);
        for (const part of parts) input.lp(part);
        const expected = concat(Uint8Array.of(1), u64(count), lpAll(...parts));
        expect(toHex(input.copy())).toBe(toHex(expected));
        expect(toHex(input.sha256())).toBe(sha256(expected));
      }),
    );
  });

  test.each([0, 16_383, 16_384, 16_385, 100_000, 3_000_000])('has room for a part of %d octets', (length) => {
    const part = randomBytes(length);
    expect(toHex(hashInput().octets(utf8('before')).lp(part).sha256())).toBe(sha256(concat(utf8('before'), lp(part))));
    // The next one is not disturbed by what was there.
    expect(toHex(hashInput().lp('a').sha256())).toBe(sha256(lp('a')));
  });

  test('a length above 2^32 is written whole', () => {
    expect(
      toHex(
        hashInput()
          .u64(2 ** 40 + 5)
          .copy(),
      ),
    ).toBe('0000010000000005');
  });

  test.each([-1, 1.5, 2 ** 53, Number.NaN])('u64 of %d is our own mistake', (value) => {
    expect(() => hashInput().u64(value)).toThrow(InvariantError);
  });

  test('a lone surrogate has no UTF-8', () => {
    expect(codeOf(() => hashInput().lp('\ud800'))).toBe('ENCODING_MALFORMED');
  });
});

test.each([0, 1, 32, 511, 512, 513, 5000])(
  'HMAC of %d octets, under keys shorter and longer than a block',
  (length) => {
    for (const key of [randomBytes(0), randomBytes(32), randomBytes(64), randomBytes(65)]) {
      const message = randomBytes(length);
      expect(toHex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
    }
  },
);

test('base64 beyond ASCII is refused like any other character that is none of the 64', () => {
  expect(codeOf(() => fromBase64('ééé='))).toBe('ENCODING_MALFORMED');
});

test('an object with many names is sorted like one with few', () => {
  const names = Array.from({ length: 100 }, (_, at) => `n${(at * 37) % 100}`);
  const text = `{${names.map((name) => `"${name}":0`).join(',')}}`;
  const sorted = names.toSorted();
  expect(canonicalJson(parseJson(utf8(text)))).toBe(`{${sorted.map((name) => `"${name}":0`).join(',')}}`);
});

test('names of objects of any size are sorted by UTF-16 code units', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 60 }), (names) => {
      const text = `{${names.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`;
      const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
      expect(canonicalJson(parseJson(utf8(text)))).toBe(
        `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`,
      );
    }),
  );
});

describe('an entry that is read the short way', () => {
  const entry: RecordVersionEntry = {
    kind: 'record-version',
    time: '2026-01-02T03:04:05.678Z',
    source: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
    recordRef: new Uint8Array(32).fill(1),
    seq: 2n,
    previous: new Uint8Array(32).fill(2),
    activity: 'update',
    scheme: 'json/1',
    commitment: new Uint8Array(32).fill(3),
  };
  const text = Buffer.from(formatEntry(entry)).toString('utf8');

  test('is the same entry', () => {
    expect(parseEntry(utf8(text))).toEqual(entry);
  });

  test.each([
    ['an activity that there is not', text.replace('update', 'upgrade')],
    ['30 February', text.replace('01-02', '02-30')],
    ['a first version that names one before', text.replace('"seq":"2"', '"seq":"1"')],
    ['a leading zero', text.replace('"seq":"2"', '"seq":"02"')],
    ['an unknown scheme', text.replace('json/1', 'json/2')],
  ])('with %s is refused as ever', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(codeOf(() => parseEntry(utf8(changed)))).toBe('ENTRY_MALFORMED');
  });

  test('octets that are no UTF-8 are refused as ever', () => {
    const broken = Buffer.from(text);
    broken[text.length - 4] = 0xff;
    expect(codeOf(() => parseEntry(broken))).toBe('JSON_INVALID_UTF8');
  });
});

describe('a tlog-proof that is written', () => {
  const checkpoint = `test/1\n1\n${Buffer.alloc(32).toString('base64')}\n\n\u2014 test/1 ${Buffer.alloc(68).toString('base64')}\n`;
  const proof = { index: 0n, hashes: [new Uint8Array(32).fill(7)], checkpoint };

  test('is read back as it was given, by the same text and by a copy of it', () => {
    const written = formatTlogProof(proof);
    expect(parseTlogProof(written)).toEqual(proof);
    expect(parseTlogProof(utf8(written))).toEqual(proof);
  });

  test.each([
    ['a negative index', { ...proof, index: -1n }],
    ['an index above 2^63 - 1', { ...proof, index: 1n << 63n }],
    ['a short hash', { ...proof, hashes: [new Uint8Array(31)] }],
    ['more hashes than any tree needs', { ...proof, hashes: Array.from({ length: 64 }, () => new Uint8Array(32)) }],
    ['no checkpoint', { ...proof, checkpoint: 'test/1\n1\n' }],
  ])('with %s is refused', (_, wrong) => {
    expect(codeOf(() => formatTlogProof(wrong))).toBe('TLOG_PROOF_MALFORMED');
  });
});
