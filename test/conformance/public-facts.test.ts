// Facts that are printed elsewhere: values of RFC 6962 trees that many implementations publish, RFC 8785's examples, and
// the examples in the C2SP specifications. What agrees with these agrees with others.

import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  canonicalJson,
  edgeTiles,
  formatVerifierKey,
  fromBase64,
  fromHex,
  inclusionProof,
  leafHash,
  noteSigner,
  noteVerifier,
  openNote,
  parseJson,
  parseTilePath,
  rootFromLeaves,
  signNote,
  tilePath,
  tileWidth,
  toHex,
  utf8,
} from '@medanchor/verifier';

describe('RFC 6962: the eight inputs that Certificate Transparency implementations test with', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const leaves = inputs.map((input) => leafHash(fromHex(input)));

  /** Section 2.1 word for word, with node:crypto: D[0:k] and D[k:n], k the largest power of two below n. */
  function treeHash(data: readonly Buffer[]): Buffer {
    const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
    const [only] = data;
    if (only === undefined) return sha256();
    if (data.length === 1) return sha256(Buffer.of(0), only);
    let k = 1;
    while (k * 2 < data.length) k *= 2;
    return sha256(Buffer.of(1), treeHash(data.slice(0, k)), treeHash(data.slice(k)));
  }

  test.each(roots.map((root, size) => ({ root, size })))('the root of the first $size', ({ root, size }) => {
    expect(toHex(rootFromLeaves(leaves.slice(0, size)))).toBe(root);
    const data = inputs.slice(0, size).map((input) => Buffer.from(input, 'hex'));
    expect(treeHash(data).toString('hex')).toBe(root);
  });

  test('the audit path of the first of eight', () => {
    expect(inclusionProof(0n, 8n, leaves).map(toHex)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
  });
});

describe('RFC 8785', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['5e-324', '5e-324'],
    ['-5e-324', '-5e-324'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['9007199254740992', '9007199254740992'],
    ['295147905179352830000', '295147905179352830000'],
    ['9.999999999999997e22', '9.999999999999997e+22'],
    ['1e23', '1e+23'],
    ['1.0000000000000001e23', '1.0000000000000001e+23'],
    ['999999999999999700000', '999999999999999700000'],
    ['999999999999999900000', '999999999999999900000'],
    ['1e21', '1e+21'],
    ['9.999999999999997e-7', '9.999999999999997e-7'],
    ['0.000001', '0.000001'],
    ['333333333.3333332', '333333333.3333332'],
    ['333333333.33333325', '333333333.33333325'],
    ['333333333.3333333', '333333333.3333333'],
    ['333333333.3333334', '333333333.3333334'],
    ['333333333.33333343', '333333333.33333343'],
    ['-0.0000033333333333333333', '-0.0000033333333333333333'],
    ['1424953923781206.2', '1424953923781206.2'],
  ])('appendix B: %s is written %s', (lexeme, written) => {
    expect(canonicalJson(parseJson(utf8(lexeme)))).toBe(written);
  });

  test('section 3.2.2: numbers, strings, literals', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(parseJson(utf8(input)))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('section 3.2.3: names sort by UTF-16 code units', () => {
    const input = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
      "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
    const sorted = JSON.parse(canonicalJson(parseJson(utf8(input)))) as object;
    const written = canonicalJson(parseJson(utf8(input)));
    const order = ['Carriage Return', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew'].map((word) =>
      written.indexOf(word),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(Object.keys(sorted)).toHaveLength(7);
  });
});

describe('C2SP tlog-tiles', () => {
  test('index 1234067 is x001/x234/067', () => {
    expect(tilePath({ level: 0, index: 1234067n, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 'entries', index: 1234067n, width: 8 })).toBe('tile/entries/x001/x234/067.p/8');
    expect(parseTilePath('tile/0/x001/x234/067')).toEqual({ level: 0, index: 1234067n, width: 256 });
  });

  test('a tree of 70,000: 256 full tiles and a bit on level 0, one and a bit on level 1, a bit on level 2', () => {
    const size = 70_000n;
    const widths = (level: number, from: bigint, count: number): number[] =>
      Array.from({ length: count }, (_, at) => tileWidth(level, from + BigInt(at), size));
    expect(widths(0, 0n, 273)).toEqual(new Array<number>(273).fill(256));
    expect(widths(0, 273n, 2)).toEqual([112, 0]);
    expect(widths(1, 0n, 3)).toEqual([256, 17, 0]);
    expect(widths(2, 0n, 2)).toEqual([1, 0]);
    expect(widths(3, 0n, 1)).toEqual([0]);
    expect(edgeTiles(size).map(tilePath)).toEqual(['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']);
  });
});

describe('signed notes: the example of Go’s sumdb/note', () => {
  const key = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const secret = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

  test('opens with its key', () => {
    const opened = openNote(note, [noteVerifier(key)]);
    expect(opened.text).toBe(text);
  });

  test('is what we sign with its secret key, octet for octet', () => {
    const signer = noteSigner('PeterNeumann', fromBase64(secret).subarray(1));
    expect(formatVerifierKey({ name: 'PeterNeumann', publicKey: signer.publicKey })).toBe(key);
    expect(signNote(text, [signer])).toBe(note);
  });
});
