// Signed notes, checkpoints and tlog-proofs: what is accepted, and every way of being almost right.

import { describe, expect, test } from '@jest/globals';
import {
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  logIdOf,
  noteSigner,
  noteVerifier,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseNote,
  parseSignedCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  sha256,
  signNote,
  toBase64,
  toHex,
  utf8,
  type NoteSigner,
} from '@medanchor/verifier';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { codeOf, flipped, leaves } from './support.ts';

const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const vkeyOf = (name: string, n: number): string =>
  formatVerifierKey({ name, publicKey: ed25519.getPublicKey(seed(n)) });

const LOG = 'medanchor.example/log/1';
const log = noteSigner(LOG, seed(1));
const logKey = noteVerifier(vkeyOf(LOG, 1));
const witness = noteSigner('witness.example', seed(2));
const witnessKey = noteVerifier(vkeyOf('witness.example', 2));
const text = 'first line\n\nlast line\n';
const note = signNote(text, [log, witness]);

describe('keys', () => {
  test('the example of the Go documentation', () => {
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const { name, keyId, publicKey } = parseVerifierKey(vkey);
    expect([name, toHex(keyId), publicKey.length]).toEqual(['PeterNeumann', 'c74f20a3', 32]);
    expect(formatVerifierKey({ name, publicKey })).toBe(vkey);
    const signed =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    expect(openNote(signed, [noteVerifier(vkey)]).verified).toHaveLength(1);
  });

  const good = vkeyOf('a', 1);
  test.each([
    '',
    'a',
    'a+b',
    good.slice(0, -1),
    `${good}\n`,
    ` ${good}`,
    good.replace('a+', 'b+'),
    good.replace('a+', '+'),
    good.replace('a+', 'a a+'),
    good.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
    good.replace(/\+([0-9a-f]{8})\+/, (_, id: string) => `+${id.toUpperCase()}x+`),
    `a+${toHex(sha256(utf8('x'))).slice(0, 8)}+${toBase64(new Uint8Array(33))}`,
    `a+00000000+${toBase64(Uint8Array.of(2, ...seed(0)))}`,
    `a+00000000+${toBase64(Uint8Array.of(1, 2))}`,
    'a+00000000+AR==',
    'a+00000000+AQ=',
    vkeyWithoutPoint(),
  ])('refused: %j', (vkey) => {
    expect(codeOf(() => parseVerifierKey(vkey))).toBe('NOTE_KEY_MALFORMED');
  });

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\nb', '\ud800', 'a\u0085'])('key name refused: %j', (name) => {
    expect(codeOf(() => noteSigner(name, seed(1)))).toBe('NOTE_KEY_MALFORMED');
  });

  test('a seed of another length is refused, and the seed is copied', () => {
    expect(codeOf(() => noteSigner('a', seed(1).slice(1)))).toBe('NOTE_KEY_MALFORMED');
    const wiped = seed(1);
    const signer = noteSigner(LOG, wiped);
    wiped.fill(0);
    expect(openNote(signNote(text, [signer]), [logKey]).verified).toHaveLength(1);
  });
});

describe('opening', () => {
  test('all signatures of known keys, in order', () => {
    const opened = openNote(note, [witnessKey, logKey]);
    expect(opened.text).toBe(text);
    expect(opened.verified.map(({ name }) => name)).toEqual([LOG, 'witness.example']);
    expect(opened.unverified).toEqual([]);
    expect(openNote(utf8(note), [logKey]).text).toBe(text);
  });

  test('unknown signatures are ignored', () => {
    const opened = openNote(note, [witnessKey]);
    expect(opened.verified.map(({ name }) => name)).toEqual(['witness.example']);
    expect(opened.unverified.map(({ name }) => name)).toEqual([LOG]);
  });

  test('a name that contains, or is contained in, a known one is unknown', () => {
    for (const name of [`${LOG}0`, LOG.slice(0, -1), `x${LOG}`, LOG.toUpperCase()]) {
      expect(codeOf(() => openNote(signNote(text, [noteSigner(name, seed(1))]), [logKey]))).toBe('NOTE_UNTRUSTED');
    }
  });

  test('the right name with another key is unknown', () => {
    expect(codeOf(() => openNote(signNote(text, [noteSigner(LOG, seed(9))]), [logKey]))).toBe('NOTE_UNTRUSTED');
    expect(codeOf(() => openNote(note, []))).toBe('NOTE_UNTRUSTED');
  });

  test('a wrong signature by a known key condemns the note, whatever else is signed', () => {
    const forged: NoteSigner = { ...log, sign: (message) => flipped(log.sign(message)) };
    expect(codeOf(() => openNote(signNote(text, [witness, forged]), [logKey, witnessKey]))).toBe(
      'NOTE_SIGNATURE_INVALID',
    );
    const short: NoteSigner = { ...log, sign: (message) => log.sign(message).slice(1) };
    expect(codeOf(() => openNote(signNote(text, [short]), [logKey]))).toBe('NOTE_SIGNATURE_INVALID');
    const wrongText = note.replace('first', 'other');
    expect(codeOf(() => openNote(wrongText, [logKey]))).toBe('NOTE_SIGNATURE_INVALID');
    expect(openNote(signNote(text, [witness, forged]), [witnessKey]).unverified).toHaveLength(1);
  });

  test('two signatures by one known key are refused, by an unknown one ignored', () => {
    const twice = signNote(text, [log, log, witness]);
    expect(codeOf(() => openNote(twice, [logKey]))).toBe('NOTE_MALFORMED');
    expect(openNote(twice, [witnessKey]).unverified).toHaveLength(2);
  });

  test('RFC 8032 strictly: a small-order key with a trivial signature does not pass', () => {
    // The identity point as key and R, S = 0: accepted for every message under ZIP-215.
    const point = Uint8Array.of(1, ...new Uint8Array(31));
    const forged = Uint8Array.of(...point, ...new Uint8Array(32));
    expect(ed25519.verify(forged, utf8('anything'), point)).toBe(true);
    const key = noteVerifier(formatVerifierKey({ name: 'a', publicKey: point }));
    expect(key.verify(utf8('anything'), forged)).toBe(false);
  });
});

describe('structure', () => {
  const line = note.slice(note.indexOf('\u2014'), note.indexOf('\n', note.indexOf('\u2014')) + 1);

  test.each([
    ['nothing', ''],
    ['no signature', 'text\n\n'],
    ['no empty line', `text\n${line}`],
    ['no newline at the end', note.slice(0, -1)],
    ['a second newline at the end', `${note}\n`],
    ['a carriage return', note.replace('\n', '\r\n')],
    ['a tab', note.replace(' ', '\t')],
    ['NUL', note.replace('first', '\u0000')],
    ['a hyphen for the dash', note.replaceAll('\u2014', '-')],
    ['two spaces', note.replace('\u2014 ', '\u2014  ')],
    ['no name', `${text}\n\u2014 ${line.split(' ')[2]}`],
    ['a name with a plus', note.replace(`\u2014 ${LOG}`, '\u2014 a+b')],
    ['a name with a no-break space', note.replace(`\u2014 ${LOG}`, '\u2014 a\u00a0b')],
    ['a fourth word', note.replace('=\n', '= x\n')],
    ['base64 with unused bits', `${text}\n\u2014 a AAAAAAB=\n`],
    ['a signature that is only a key id', `${text}\n\u2014 a AAAAAA==\n`],
    ['text after the signatures', `${note}text\n`],
    ['17 signatures', `${text}\n${line.repeat(17)}`],
    ['65 KiB', `${'x'.repeat(65 * 1024)}\n\n${line}`],
    ['a lone surrogate', note.replace('first', '\ud800')],
  ])('refused: %s', (_, broken) => {
    expect(codeOf(() => parseNote(broken))).toBe('NOTE_MALFORMED');
    expect(codeOf(() => openNote(broken, [logKey]))).toBe('NOTE_MALFORMED');
  });

  test('octets that are not UTF-8 are refused', () => {
    expect(codeOf(() => parseNote(Uint8Array.of(0xff, 10, 10)))).toBe('NOTE_MALFORMED');
  });

  test('16 signatures are accepted; the text may hold empty lines and anything printable', () => {
    expect(parseNote(`${text}\n${line.repeat(16)}`).signatures).toHaveLength(16);
    expect(parseNote(`\n\n${line}`).text).toBe('\n');
    expect(codeOf(() => signNote('no newline', [log]))).toBe('NOTE_MALFORMED');
    expect(codeOf(() => signNote('text\n', []))).toBe('NOTE_MALFORMED');
    // A signature line smuggled in as the end of the text must not become one of the note's signatures.
    expect(codeOf(() => signNote(`text\n\n${line.slice(0, -1)}`, [log]))).toBe('NOTE_MALFORMED');
  });

  test('parse and format are inverse', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ -~é😀]*$/u), { minLength: 1, maxLength: 5 }), (lines) => {
        const body = `${lines.join('\n')}\n`;
        const signed = signNote(body, [log, witness]);
        const parsed = parseNote(signed);
        expect(parsed.text).toBe(body);
        expect(formatNote(parsed.text, parsed.signatures)).toBe(signed);
      }),
      { numRuns: 25 },
    );
  });
});

describe('checkpoints', () => {
  const root = sha256(utf8('root'));
  const body = formatCheckpoint({ origin: LOG, size: 1234n, root });
  const signed = signNote(body, [log, witness]);

  test('three lines, both ways', () => {
    expect(body).toBe(`${LOG}\n1234\n${toBase64(root)}\n`);
    expect(parseCheckpoint(body)).toEqual({ origin: LOG, size: 1234n, root: Uint8Array.from(root) });
    expect(parseSignedCheckpoint(signed)).toMatchObject({ origin: LOG, size: 1234n });
    expect(openCheckpoint(signed, [logKey])).toMatchObject({ origin: LOG, size: 1234n });
    expect(toHex(logIdOf(LOG))).toBe(toHex(sha256(utf8(LOG))));
  });

  test.each([
    ['nothing', ''],
    ['an extension line', `${body}extension\n`],
    ['an empty fourth line', `${body}\n`],
    ['no newline at the end', body.slice(0, -1)],
    ['two lines', body.split('\n').slice(0, 2).join('\n') + '\n'],
    ['an empty origin', body.replace(LOG, '')],
    ['an origin with a space', body.replace(LOG, 'a b')],
    ['a leading zero', body.replace('1234', '01234')],
    ['a sign', body.replace('1234', '+1234')],
    ['hexadecimal', body.replace('1234', '0x4d2')],
    ['an empty size', body.replace('1234', '')],
    ['a size of 2^63', body.replace('1234', '9223372036854775808')],
    ['a root of 31 octets', body.replace(toBase64(root), toBase64(root.subarray(1)))],
    ['a root of 33 octets', body.replace(toBase64(root), toBase64(Uint8Array.of(...root, 0)))],
    ['base64url', `${LOG}\n1\n${toBase64(seed(0xff)).replaceAll('/', '_')}\n`],
    ['base64 without padding', body.replace('=\n', '\n')],
    ['carriage returns', body.replaceAll('\n', '\r\n')],
  ])('refused: %s', (_, broken) => {
    expect(codeOf(() => parseCheckpoint(broken))).toBe('CHECKPOINT_MALFORMED');
  });

  test('every change of one character gives another checkpoint or none', () => {
    for (let at = 0; at < body.length; at++) {
      for (const character of ['0', 'A', '=', ' ', '\n', '+', '']) {
        const mutated = body.slice(0, at) + character + body.slice(at + 1);
        if (mutated === body) continue;
        let parsed: ReturnType<typeof parseCheckpoint>;
        try {
          parsed = parseCheckpoint(mutated);
        } catch (error) {
          expect((error as { code: string }).code).toBe('CHECKPOINT_MALFORMED');
          continue;
        }
        expect(formatCheckpoint(parsed)).toBe(mutated);
      }
    }
  });

  test('the key that signs must bear the name of the origin', () => {
    expect(codeOf(() => openCheckpoint(signed, [witnessKey]))).toBe('CHECKPOINT_ORIGIN');
    const other = formatCheckpoint({ origin: 'other.example/log', size: 1n, root });
    expect(codeOf(() => openCheckpoint(signNote(other, [log]), [logKey]))).toBe('CHECKPOINT_ORIGIN');
    expect(codeOf(() => openCheckpoint(signNote('no checkpoint\n', [log]), [logKey]))).toBe('CHECKPOINT_MALFORMED');
  });

  test('what is no checkpoint is not formatted', () => {
    expect(codeOf(() => formatCheckpoint({ origin: 'a b', size: 1n, root }))).toBe('CHECKPOINT_MALFORMED');
    expect(codeOf(() => formatCheckpoint({ origin: LOG, size: -1n, root }))).toBe('TREE_SIZE');
    expect(codeOf(() => formatCheckpoint({ origin: LOG, size: 1n, root: root.subarray(1) }))).toBe('TREE_HASH_LENGTH');
  });

  describe('tlog-proof', () => {
    const proof = { index: 7n, hashes: leaves(3), checkpoint: signed };
    const printed = formatTlogProof(proof);

    test('both ways, with and without hashes', () => {
      expect(printed.split('\n').slice(0, 2)).toEqual(['c2sp.org/tlog-proof@v1', 'index 7']);
      expect(parseTlogProof(printed)).toEqual({ ...proof, hashes: proof.hashes.map((hash) => Uint8Array.from(hash)) });
      expect(formatTlogProof(parseTlogProof(utf8(printed)))).toBe(printed);
      const bare = formatTlogProof({ ...proof, hashes: [] });
      expect(parseTlogProof(bare).hashes).toEqual([]);
      const hash = proof.hashes[0] as Uint8Array;
      expect(
        parseTlogProof(formatTlogProof({ ...proof, hashes: Array<Uint8Array>(63).fill(hash) })).hashes,
      ).toHaveLength(63);
    });

    test.each([
      ['nothing', ''],
      ['another version', printed.replace('@v1', '@v2')],
      ['an extra line', printed.replace('\nindex', '\nextra AAAA\nindex')],
      ['no index', printed.replace('index 7\n', '')],
      ['an index with a leading zero', printed.replace('index 7', 'index 07')],
      ['a negative index', printed.replace('index 7', 'index -7')],
      ['two spaces', printed.replace('index 7', 'index  7')],
      ['a line that is no hash', printed.replace('index 7\n', 'index 7\nAAAA\n')],
      ['a line that is not base64', printed.replace('index 7\n', 'index 7\n!\n')],
      ['no empty line', printed.replace('\n\n', '\n')],
      ['two empty lines', printed.replace('\n\n', '\n\n\n')],
      ['carriage returns', printed.replaceAll('\n', '\r\n')],
      ['no checkpoint', printed.slice(0, printed.indexOf('\n\n') + 2)],
      ['a checkpoint without signature', printed.slice(0, printed.indexOf('\u2014'))],
      ['a checkpoint with an extension line', printed.replace('\n\n\u2014', '\next\n\n\u2014')],
      [
        '64 hashes',
        printed.replace('index 7\n', `index 7\n${`${toBase64(proof.hashes[0] as Uint8Array)}\n`.repeat(61)}`),
      ],
      ['something before it', `\n${printed}`],
    ])('refused: %s', (_, broken) => {
      expect(codeOf(() => parseTlogProof(broken))).toBe('TLOG_PROOF_MALFORMED');
    });

    test('octets that are not UTF-8 are refused', () => {
      expect(codeOf(() => parseTlogProof(Uint8Array.of(0xff)))).toBe('TLOG_PROOF_MALFORMED');
    });
  });
});

/** A verifier key whose key id is right and whose 32 octets are no point of the curve. */
function vkeyWithoutPoint(): string {
  const publicKey = Uint8Array.of(2, ...new Uint8Array(31));
  const id = toHex(sha256(Uint8Array.of(...utf8('a\n'), 1, ...publicKey))).slice(0, 8);
  return `a+${id}+${toBase64(Uint8Array.of(1, ...publicKey))}`;
}
