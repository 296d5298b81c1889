// Checkpoints: https://c2sp.org/tlog-checkpoint; docs/spec/formats.md section 7. The text of a signed note with three lines:
// origin, size, base64 of the root. No extension lines: cosignatures need not cover them.

import { fromBase64, parseDecimal, quote, toBase64, utf8 } from '../bytes.ts';
import { onRefusal, VerifyError } from '../errors.ts';
import { HASH_LENGTH, sha256 } from '../hash.ts';
import { assertHash, assertTreeSize } from '../tree/hashing.ts';
import { isKeyName, type NoteVerifier } from './note-key.ts';
import { openNote, parseNote, type NoteSignature } from './note.ts';

export interface Checkpoint {
  /** The log's name, and the name of the key that signs for it. */
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly signatures: readonly NoteSignature[];
}

export interface OpenedCheckpoint extends Checkpoint {
  readonly verified: readonly NoteSignature[];
  readonly unverified: readonly NoteSignature[];
}

/** The note's text, ready for signNote. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  assertOrigin(origin);
  assertTreeSize(size);
  assertHash(root, 'root');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the note's text (three lines), not the whole note. Inverse of formatCheckpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', size = '', root = '', end] = lines;
  if (lines.length !== 4 || end !== '') {
    throw malformed(`got ${lines.length - 1} lines ended by a newline, wanted origin, size and root`);
  }
  assertOrigin(origin);
  const read = (): Checkpoint => {
    const checkpoint = { origin, size: parseDecimal(size), root: fromBase64(root) };
    if (checkpoint.root.length !== HASH_LENGTH) throw malformed(`a root of ${checkpoint.root.length} octets`);
    return checkpoint;
  };
  return onRefusal(read, (cause) => {
    if (cause.code === 'CHECKPOINT_MALFORMED') throw cause;
    throw new VerifyError('CHECKPOINT_MALFORMED', `size ${quote(size)} or root ${quote(root)} is malformed`, { cause });
  });
}

/** Reads a whole signed checkpoint. Signatures are NOT verified: an anchor may vouch for size and root instead. */
export function parseSignedCheckpoint(note: string | Uint8Array): SignedCheckpoint {
  if (note === lastNote) return lastCheckpoint as SignedCheckpoint;
  const { text, signatures } = parseNote(note);
  const checkpoint = { ...parseCheckpoint(text), signatures };
  if (typeof note === 'string') [lastNote, lastCheckpoint] = [note, checkpoint];
  return checkpoint;
}

// One note comes again and again: it stands in every proof that it covers, and is read by each step that has to do with one.
let lastNote: string | undefined;
let lastCheckpoint: SignedCheckpoint | undefined;

/** Throws unless a trusted key *of the origin's name* has signed. Trusted keys of other names (witnesses) do not suffice. */
export function openCheckpoint(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedCheckpoint {
  const { text, verified, unverified } = openNote(note, verifiers);
  const checkpoint = parseCheckpoint(text);
  if (!verified.some(({ name }) => name === checkpoint.origin)) {
    const names = verified.map(({ name }) => name).join(', ');
    throw new VerifyError(
      'CHECKPOINT_ORIGIN',
      `origin ${quote(checkpoint.origin)} is not signed by its own key, but by ${names}`,
    );
  }
  return { ...checkpoint, verified, unverified };
}

/** `SHA256(origin)`: the log's name in the contract (section 8). */
export function logIdOf(origin: string): Uint8Array {
  return sha256(utf8(origin));
}

function assertOrigin(origin: string): void {
  if (!isKeyName(origin)) throw malformed(`origin ${quote(origin)} is not a key name`);
}

function malformed(what: string): VerifyError {
  return new VerifyError('CHECKPOINT_MALFORMED', `not a checkpoint: ${what}`);
}
