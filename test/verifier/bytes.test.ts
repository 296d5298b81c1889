// Encodings and hashes: only the canonical text of anything is accepted.

import { afterAll, describe, expect, test } from '@jest/globals';
import crypto from 'node:crypto';
import {
  concat,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  hmacSha256,
  installSha256,
  InvariantError,
  lp,
  parseDecimal,
  sha256,
  toBase64,
  toBase64Url,
  toHex,
  u64,
  utf8,
} from '@medanchor/verifier';
import fc from 'fast-check';
import { codeOf } from './support.ts';

describe('hex', () => {
  test('any octets come back, as Node prints them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        expect(toHex(octets)).toBe(Buffer.from(octets).toString('hex'));
        expect(equalBytes(fromHex(toHex(octets)), octets)).toBe(true);
      }),
    );
  });

  test.each(['A0', 'a', '0x00', ' 00', '00\n', 'g0', '٠٠'])('refused: %j', (text) => {
    expect(codeOf(() => fromHex(text))).toBe('ENCODING_MALFORMED');
  });

  test('a wrong length is refused', () => {
    expect(codeOf(() => fromHex('00'.repeat(31), 32))).toBe('ENCODING_MALFORMED');
  });
});

describe('base64', () => {
  test('any octets come back, as Node prints them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        expect(toBase64(octets)).toBe(Buffer.from(octets).toString('base64'));
        expect(equalBytes(fromBase64(toBase64(octets)), octets)).toBe(true);
        expect(toBase64Url(octets)).toBe(Buffer.from(octets).toString('base64url'));
        expect(equalBytes(fromBase64Url(toBase64Url(octets)), octets)).toBe(true);
      }),
    );
  });

  test.each([
    'QQ',
    'QQ=',
    'QR==',
    'QUI',
    'QUJ=',
    'QQ==\n',
    ' QQ==',
    'Q-==',
    '====',
    '=',
    'QQ=====',
    'Q===',
    'QQ==QQ==',
  ])('refused: %j', (text) => {
    expect(codeOf(() => fromBase64(text))).toBe('ENCODING_MALFORMED');
  });

  test.each(['QQ==', 'QR', 'Q', 'Q+', 'QQ\n', 'é'])('base64url refused: %j', (text) => {
    expect(codeOf(() => fromBase64Url(text))).toBe('ENCODING_MALFORMED');
  });
});

describe('decimals', () => {
  test.each(['0', '1', '9223372036854775807'])('%s', (text) => {
    expect(parseDecimal(text).toString()).toBe(text);
  });

  test.each([
    '',
    ' 12',
    '12 ',
    '12\n',
    '0x10',
    '+5',
    '-0',
    '-1',
    '007',
    '1e3',
    '1.0',
    '9223372036854775808',
    '٣',
    '1_0',
  ])('refused: %j', (text) => {
    expect(codeOf(() => parseDecimal(text))).toBe('NUMBER_MALFORMED');
  });
});

describe('texts and prefixes', () => {
  test('UTF-8 both ways, strictly', () => {
    expect(fromUtf8(utf8('é😀\ufeff'))).toBe('é😀\ufeff');
    expect(codeOf(() => utf8('\ud800'))).toBe('ENCODING_MALFORMED');
    expect(codeOf(() => fromUtf8(Uint8Array.of(0xff)))).toBe('ENCODING_MALFORMED');
  });

  test('u64 and lp', () => {
    expect(toHex(u64(258))).toBe('0000000000000102');
    expect(toHex(u64(2n ** 63n - 1n))).toBe('7fffffffffffffff');
    expect(() => u64(-1)).toThrow(InvariantError);
    expect(() => u64(2n ** 63n)).toThrow(InvariantError);
    expect(toHex(lp('é'))).toBe('0000000000000002c3a9');
    expect(toHex(lp(new Uint8Array(0)))).toBe('0000000000000000');
    expect(equalBytes(lp(new Uint8Array(70000)).subarray(0, 8), u64(70000))).toBe(true);
    expect(equalBytes(concat(lp('ab'), lp('c')), concat(lp('a'), lp('bc')))).toBe(false);
  });

  test('octets of other length or content are not equal', () => {
    expect(equalBytes(utf8('a'), utf8('ab'))).toBe(false);
    expect(equalBytes(utf8('ab'), utf8('ac'))).toBe(false);
  });
});

describe('hashes', () => {
  afterAll(() => installSha256((bytes) => crypto.hash('sha256', bytes, 'buffer')));

  // RFC 4231 test cases 1, 2 and 6 (a key longer than a block).
  test.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('HMAC with key %s', (key, message, mac) => {
    expect(toHex(hmacSha256(fromHex(key), utf8(message)))).toBe(mac);
  });

  test('the installed SHA-256 serves every hash, HMAC too', () => {
    const before = toHex(hmacSha256(utf8('k'), utf8('m')));
    let calls = 0;
    installSha256((bytes) => {
      calls++;
      return crypto.hash('sha256', bytes, 'buffer');
    });
    const checks = calls;
    expect(checks).toBe(3);
    expect(toHex(hmacSha256(utf8('k'), utf8('m')))).toBe(before);
    expect(calls - checks).toBe(2);
    expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('anything but SHA-256 is not installed', () => {
    expect(() => installSha256((bytes) => crypto.hash('sha512-256', bytes, 'buffer'))).toThrow(InvariantError);
    expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
