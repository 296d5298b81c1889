// Vectors for signed checkpoints and tlog-proofs: docs/spec/formats.md section 7.

import {
  formatCheckpoint,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  noteSigner,
  rootFromLeaves,
  signNote,
  toHex,
} from '@medanchor/verifier';
import { filled, type VectorFile } from './vector-file.ts';

const ORIGIN = 'vectors.example/log/1';
const LEAVES = Array.from({ length: 7 }, (_, value) => leafHash(Uint8Array.of(value)));
const ROOT = rootFromLeaves(LEAVES);
const signer = noteSigner(ORIGIN, filled(1));
const stranger = noteSigner(ORIGIN, filled(2));
const witness = noteSigner('witness.example/w', filled(3));
const verifierKey = formatVerifierKey({ name: ORIGIN, publicKey: signer.publicKey });

const TEXT = formatCheckpoint({ origin: ORIGIN, size: 7n, root: ROOT });
const NOTE = signNote(TEXT, [signer]);
const signatureOf = (note: string): string => note.slice(note.indexOf('\n\n') + 2);

export function checkpointVectors(): VectorFile {
  const [origin = '', size = '', root = ''] = TEXT.split('\n');
  const opened = { origin: ORIGIN, size: '7', root: toHex(ROOT) };
  /** A text that our formatter would never print, properly signed. */
  const signed = (text: string): string => signNote(text, [signer]);
  const cases: readonly [name: string, expect: string, note: string][] = [
    ['origin with a plus sign in it', 'CHECKPOINT_MALFORMED', signed(`${origin}+1\n${size}\n${root}\n`)],
    ['size with a leading zero', 'CHECKPOINT_MALFORMED', signed(`${origin}\n07\n${root}\n`)],
    ['size with a sign', 'CHECKPOINT_MALFORMED', signed(`${origin}\n+7\n${root}\n`)],
    ['size in hexadecimal', 'CHECKPOINT_MALFORMED', signed(`${origin}\n0x7\n${root}\n`)],
    ['size empty', 'CHECKPOINT_MALFORMED', signed(`${origin}\n\n${root}\n`)],
    ['size 2^63', 'CHECKPOINT_MALFORMED', signed(`${origin}\n9223372036854775808\n${root}\n`)],
    ['root of 31 octets', 'CHECKPOINT_MALFORMED', signed(`${origin}\n${size}\n${'A'.repeat(42)}==\n`)],
    ['root without padding', 'CHECKPOINT_MALFORMED', signed(`${origin}\n${size}\n${root.replace('=', '')}\n`)],
    ['root in hexadecimal', 'CHECKPOINT_MALFORMED', signed(`${origin}\n${size}\n${toHex(ROOT)}\n`)],
    ['an extension line', 'CHECKPOINT_MALFORMED', signed(`${TEXT}extension\n`)],
    ['only two lines', 'CHECKPOINT_MALFORMED', signed(`${origin}\n${size}\n`)],
    ['another log’s origin under our key', 'CHECKPOINT_ORIGIN', signed(`other.example/log/1\n${size}\n${root}\n`)],
    ['size changed after signing', 'NOTE_SIGNATURE_INVALID', NOTE.replace('\n7\n', '\n8\n')],
    ['signed by another key under our name', 'NOTE_UNTRUSTED', signNote(TEXT, [stranger])],
    ['signed by a witness only', 'NOTE_UNTRUSTED', signNote(TEXT, [witness])],
    ['the same key twice', 'NOTE_MALFORMED', `${NOTE}${signatureOf(NOTE)}`],
    ['no signature', 'NOTE_MALFORMED', `${TEXT}\n`],
    ['no empty line before the signatures', 'NOTE_MALFORMED', `${TEXT}${signatureOf(NOTE)}`],
    ['no newline at the end', 'NOTE_MALFORMED', NOTE.slice(0, -1)],
    ['carriage returns', 'NOTE_MALFORMED', NOTE.replaceAll('\n', '\r\n')],
    ['a hyphen for the dash', 'NOTE_MALFORMED', NOTE.replace('—', '-')],
  ];
  return {
    format: 'medanchor-vectors/1',
    about:
      'openCheckpoint (section 7): a signed checkpoint, opened with the one trusted verifier key. Every note is properly signed unless its name says otherwise.',
    cases: [
      { name: 'as it is', expect: 'ok', verifierKey, note: NOTE, opened },
      {
        name: 'with a witness’s signature too',
        expect: 'ok',
        verifierKey,
        note: signNote(TEXT, [signer, witness]),
        opened,
      },
      ...cases.map(([name, expect, note]) => ({ name, expect, verifierKey, note })),
    ],
  };
}

export function tlogProofVectors(): VectorFile {
  const proof = { index: 2n, hashes: inclusionProof(2n, 7n, LEAVES), checkpoint: NOTE };
  const text = formatTlogProof(proof);
  const lines = text.split('\n');
  const header = lines[0] ?? '';
  const firstHash = lines[2] ?? '';
  const cases: readonly [name: string, text: string][] = [
    ['another version', text.replace('@v1', '@v2')],
    ['no header', text.slice(header.length + 1)],
    ['no index', text.replace('index 2\n', '')],
    ['index with a leading zero', text.replace('index 2', 'index 02')],
    ['index negative', text.replace('index 2', 'index -2')],
    ['index with a space behind it', text.replace('index 2', 'index 2 ')],
    ['an extra line', text.replace('index 2', 'extra AAAA\nindex 2')],
    ['a hash of 31 octets', text.replace(firstHash, `${'A'.repeat(42)}==`)],
    ['a hash without padding', text.replace(firstHash, firstHash.replace('=', ''))],
    ['64 hashes', text.replace(firstHash, new Array<string>(62).fill(firstHash).join('\n'))],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['a checkpoint without a signature', `${text.slice(0, text.indexOf('\n\n') + 2)}${TEXT}\n`],
  ];
  const parsed = {
    index: '2',
    hashes: proof.hashes.map(toHex),
    checkpoint: NOTE,
    leafHash: toHex(LEAVES[2] ?? new Uint8Array()),
  };
  return {
    format: 'medanchor-vectors/1',
    about:
      'parseTlogProof (section 7; C2SP tlog-proof). Structure only: the good one also proves that leafHash is entry 2 of the tree of its checkpoint.',
    cases: [
      { name: 'as it is', expect: 'ok', text, parsed },
      ...cases.map(([name, mutated]) => ({ name, expect: 'TLOG_PROOF_MALFORMED', text: mutated })),
    ],
  };
}
