// Every checkpoint ever signed, against the rebuilt tree: the row's root and the note's text, and the note's signature by
// the log's key.
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
  equalBytes,
  HASH_LENGTH,
  noteVerifier,
  openCheckpoint,
  VerifyError,
  type NoteVerifier,
} from '@medanchor/verifier';
import { type SignedCheckpoint } from '../model.ts';
import { finding } from '../store/fsck-finding.ts';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { type Findings } from './findings.ts';

const PAGE = 2000;
/** SubjectPublicKeyInfo of an Ed25519 key, up to the key's 32 octets (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The log's key with Node's Ed25519, ten times as fast as the portable one: a log has as many checkpoints as seconds. What
 * it refuses is asked of the portable one, whose rules are the ones of the specification.
 */
export function fastVerifier(verifierKey: string): NoteVerifier {
  const portable = noteVerifier(verifierKey);
  const key: KeyObject = createPublicKey({
    key: Buffer.concat([SPKI, portable.publicKey]),
    format: 'der',
    type: 'spki',
  });
  return {
    name: portable.name,
    keyId: portable.keyId,
    publicKey: portable.publicKey,
    verify: (message, signature) => verify(null, message, key, signature) || portable.verify(message, signature),
  };
}

export class CheckpointSweep {
  readonly #source: FsckSource;
  readonly #findings: Findings;
  readonly #origin: string;
  readonly #verifier: NoteVerifier;
  #contradicted = false;

  constructor(source: FsckSource, findings: Findings, log: { origin: string; verifierKey: string }) {
    this.#source = source;
    this.#findings = findings;
    this.#origin = log.origin;
    this.#verifier = fastVerifier(log.verifierKey);
  }

  /** Checkpoints of sizes above `after`, up to `to`. */
  async between(after: bigint, to: bigint): Promise<ReadonlyMap<number, SignedCheckpoint>> {
    const found = new Map<number, SignedCheckpoint>();
    for (let at = after; ;) {
      const rows = await this.#source.checkpoints(at, to, PAGE);
      for (const row of rows) found.set(Number(row.size), row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return found;
      at = last.size;
    }
  }

  /** @param root of the rebuilt tree at the checkpoint's size; null when it cannot be rebuilt so far */
  check(row: SignedCheckpoint, root: Uint8Array | null): void {
    const { size } = row;
    const signed = this.#open(row);
    if (root === null || equalBytes(row.root, root)) return;
    if (signed !== null && equalBytes(signed, row.root)) return this.#contradict(size);
    this.#findings.add(
      finding(
        'checkpoint-root-wrong',
        { table: 'checkpoint', size: size.toString(), field: 'root' },
        `the row of the checkpoint of size ${size} has another root than the entries give`,
      ),
    );
  }

  /** Text and signature of the note. Returns the root that is truly signed, else null. */
  #open({ size, note }: SignedCheckpoint): Uint8Array | null {
    const where = { table: 'checkpoint', size: size.toString(), field: 'note' };
    try {
      const opened = openCheckpoint(note, [this.#verifier]);
      if (opened.origin === this.#origin && opened.size === size) {
        // A root that differs from the row's while the note is truly signed: the row was changed, and `check` says so.
        return opened.root.length === HASH_LENGTH ? opened.root : null;
      }
      this.#findings.add(
        finding(
          'checkpoint-note-wrong',
          where,
          `the note of the checkpoint of size ${size} is one of size ${opened.size} of ${opened.origin}`,
        ),
      );
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      const signature = error.code === 'NOTE_SIGNATURE_INVALID' || error.code === 'NOTE_UNTRUSTED';
      this.#findings.add(
        signature
          ? finding(
              'checkpoint-signature-invalid',
              where,
              `the checkpoint of size ${size} is not signed by the log's key: ${error.message}`,
            )
          : finding('checkpoint-note-wrong', where, `the checkpoint of size ${size} is no note: ${error.message}`),
      );
    }
    return null;
  }

  /** The first one says it all: every later checkpoint covers the same entries. */
  #contradict(size: bigint): void {
    if (this.#contradicted) return;
    this.#contradicted = true;
    this.#findings.add(
      finding(
        'checkpoints-contradict-entries',
        { table: 'checkpoint', size: size.toString() },
        `from size ${size} on, the signed checkpoints are of other entries than those that are stored: an entry before ${size} was changed, removed or inserted after it was signed`,
      ),
    );
  }
}
