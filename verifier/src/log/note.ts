// Signed notes: https://c2sp.org/signed-note with Ed25519 (algorithm 0x01); docs/spec/formats.md section 7.
//
//     <text, ends with a newline>
//     <empty line>
//     — <key name> <base64 of 4 octets of key id and the signature>
//
// The text is separated from the signatures by the *last* empty line. Lines by unknown keys are ignored, as witnesses may
// add theirs; a line by a known key that does not verify condemns the note.

import { concat, equalBytes, fromBase64, fromUtf8, quote, toBase64, toHex, utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { isKeyName, type NoteSigner, type NoteVerifier } from './note-key.ts';

export interface NoteSignature {
  readonly name: string;
  /** 4 octets. */
  readonly keyId: Uint8Array;
  /** Without the key id. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Everything that is signed, with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface OpenedNote {
  readonly text: string;
  /** By trusted keys, verified; never empty. */
  readonly verified: readonly NoteSignature[];
  /** By keys that the caller did not name. They say nothing. */
  readonly unverified: readonly NoteSignature[];
}

export const MAX_NOTE_BYTES = 64 * 1024;
export const MAX_NOTE_SIGNATURES = 16;
const KEY_ID_LENGTH = 4;
// Any control character but the newline.
const CONTROL = new RegExp('[\\u0000-\\u0009\\u000b-\\u001f]');
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** Structure only: nothing is verified, so the text is not to be trusted yet. */
export function parseNote(note: string | Uint8Array): Note {
  const whole = noteText(note);
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) throw malformed('no empty line before the signatures');
  const block = whole.slice(split + 2);
  if (!block.endsWith('\n')) throw malformed('the signatures do not end with a newline');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) {
    throw malformed(`${lines.length} signatures, at most ${MAX_NOTE_SIGNATURES} are allowed`);
  }
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** Inverse of parseNote. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `\u2014 ${name} ${toBase64(concat(keyId, signature))}\n`,
  );
  const note = `${text}\n${lines.join('')}`;
  // Reading it back is the one check that covers names, key ids, control characters and limits alike.
  if (parseNote(note).text !== text) throw malformed('the text must end with a newline');
  return note;
}

export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const octets = utf8(text);
  return formatNote(
    text,
    signers.map((signer) => ({ name: signer.name, keyId: signer.keyId, signature: signer.sign(octets) })),
  );
}

/** Throws unless at least one of the verifiers has signed, and none of them wrongly or twice. */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const octets = utf8(text);
  const verified: NoteSignature[] = [];
  const unverified: NoteSignature[] = [];
  const seen = new Set<NoteVerifier>();
  for (const signature of signatures) {
    // The whole name and the key id: a name that merely contains a known one is unknown.
    const known = verifiers.find(({ name, keyId }) => name === signature.name && equalBytes(keyId, signature.keyId));
    if (known === undefined) {
      unverified.push(signature);
      continue;
    }
    if (seen.has(known)) throw malformed(`two signatures by ${keyText(signature)}`);
    seen.add(known);
    if (!known.verify(octets, signature.signature)) {
      throw new VerifyError('NOTE_SIGNATURE_INVALID', `the signature by ${keyText(signature)} does not verify`);
    }
    verified.push(signature);
  }
  if (verified.length === 0) {
    const got = unverified.map(keyText).join(', ');
    const wanted = verifiers.map(keyText).join(', ') || 'none';
    throw new VerifyError('NOTE_UNTRUSTED', `no trusted key has signed: signed by ${got}; trusted are ${wanted}`);
  }
  return { text, verified, unverified };
}

function noteText(note: string | Uint8Array): string {
  let text: string;
  try {
    // A string is encoded as well, because the limit counts octets and lone surrogates have none.
    const octets = typeof note === 'string' ? utf8(note) : note;
    if (octets.length > MAX_NOTE_BYTES)
      throw malformed(`${octets.length} octets, at most ${MAX_NOTE_BYTES} are allowed`);
    text = typeof note === 'string' ? note : fromUtf8(note);
  } catch (cause) {
    if (cause instanceof VerifyError && cause.code === 'NOTE_MALFORMED') throw cause;
    throw new VerifyError('NOTE_MALFORMED', 'the note is not valid UTF-8', { cause });
  }
  if (CONTROL.test(text)) throw malformed('a control character');
  return text;
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  if (!isKeyName(name)) throw malformed(`${quote(line)} is not a signature line`);
  let octets: Uint8Array;
  try {
    octets = fromBase64(encoded);
  } catch (cause) {
    throw new VerifyError('NOTE_MALFORMED', 'a signature is not canonical base64', { cause });
  }
  if (octets.length <= KEY_ID_LENGTH) throw malformed('a signature is too short');
  return { name, keyId: octets.slice(0, KEY_ID_LENGTH), signature: octets.slice(KEY_ID_LENGTH) };
}

function keyText({ name, keyId }: { readonly name: string; readonly keyId: Uint8Array }): string {
  return `${name}+${toHex(keyId)}`;
}

function malformed(what: string): VerifyError {
  return new VerifyError('NOTE_MALFORMED', `not a signed note: ${what}`);
}
