// The guessing attack, with everything that an insider of the operator can lay hands on: the KEK, every row of every table, the
// log's entries, backups, log files. He knows the form of the record, its name, its source and its version id; only the value
// is missing, and there are 64 of them.

import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import {
  canonicalJson,
  commitRecord,
  componentDigest,
  digestRecord,
  equalBytes,
  parseEntry,
  parseJson,
  recordRef,
  toBase64,
  toHex,
  utf8,
  type Entry,
} from '@medanchor/verifier';
import { fieldsRoot } from '../../../api/src/ledger/store/fields-tree.ts';
import { recordKeyContext } from '../../../api/src/ledger/store/record-key.ts';
import type { Version } from './record-system.ts';

/** 3.0, 3.1, … 9.3 mmol/L: every value that a glucose meter shows of a living patient. */
export const GUESSES: readonly string[] = Array.from({ length: 64 }, (_, at) => (3 + at / 10).toFixed(1));

export interface Loot {
  /** Everything found, as octets: texts as they are, and what stands in them in hexadecimal once more as octets. */
  readonly octets: readonly Buffer[];
  /** Entries of the log, as they were sequenced. */
  readonly entries: readonly Uint8Array[];
  readonly kek: Uint8Array;
  readonly tenantId: string;
  readonly sourceId: string;
}

/** A text, and every run of hexadecimal digits in it as the octets that it stands for. */
export function octetsOf(text: string): readonly Buffer[] {
  const runs = [...text.matchAll(/[0-9a-f]{64,}/gi)].flatMap(([run]) => {
    // PostgreSQL writes a run of octets from its first digit on; a text may not.
    const even = run.length - (run.length % 2);
    return [
      Buffer.from(run.slice(0, even), 'hex'),
      Buffer.from(run.slice(1, run.length - ((run.length - 1) % 2)), 'hex'),
    ];
  });
  return [Buffer.from(text), ...runs];
}

/** The guesses that some stored thing confirms. One is success; none is failure. */
export function attack(loot: Loot, version: (value: string) => Version): readonly string[] {
  const keys = keysIn(loot, version('0'));
  return GUESSES.filter((value) => {
    const guess = version(value);
    return keys.some((key) => opens(guess, key, loot)) || plainDigests(guess).some((digest) => occurs(digest, loot));
  });
}

/** Every key that the loot gives away, wrapped or not. */
export function keysIn(loot: Loot, { recordId }: Pick<Version, 'recordId'>): readonly Uint8Array[] {
  return [...unwrappedKeys(loot, recordId), ...bareKeys(loot)];
}

/** Every place that could be a wrapped key (docs: version, KEK id, nonce, 32 octets, tag) is tried with the KEK. */
function unwrappedKeys({ octets, kek, tenantId, sourceId }: Loot, recordId: string): readonly Uint8Array[] {
  const kekId = createHash('sha256').update('medanchor/kek-id/1').update(kek).digest().subarray(0, 4);
  const head = Buffer.concat([Buffer.of(1), kekId]);
  const keys: Uint8Array[] = [];
  for (const piece of octets)
    for (let at = piece.indexOf(head); at !== -1; at = piece.indexOf(head, at + 1)) {
      const key = unwrap(piece.subarray(at, at + 65), kek, recordKeyContext(tenantId, sourceId, recordId));
      if (key !== null) keys.push(key);
    }
  return keys;
}

function unwrap(wrapped: Buffer, kek: Uint8Array, context: string): Uint8Array | null {
  if (wrapped.length < 65) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', kek, wrapped.subarray(5, 17));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(wrapped.subarray(49));
    return Buffer.concat([decipher.update(wrapped.subarray(17, 49)), decipher.final()]);
  } catch {
    return null;
  }
}

/** Any 32 octets anywhere that are the key behind a pseudonym of the log: in case somebody forgot one unwrapped. */
function bareKeys({ octets, entries }: Loot): readonly Uint8Array[] {
  const refs = new Set(entries.flatMap((entry) => refOf(parseEntry(entry))));
  const keys: Uint8Array[] = [];
  const seen = new Set<string>();
  for (const piece of octets) {
    // Texts were taken apart into their runs of digits; only those are octets.
    if (piece.length > 200_000 || isText(piece)) continue;
    for (let at = 0; at + 32 <= piece.length; at += 1) {
      const candidate = piece.subarray(at, at + 32);
      const name = candidate.toString('latin1');
      if (seen.has(name)) continue;
      seen.add(name);
      const ref = createHmac('sha256', candidate).update('medanchor/ref/1').digest('hex');
      if (refs.has(ref)) keys.push(new Uint8Array(candidate));
    }
  }
  return keys;
}

function refOf(entry: Entry): readonly string[] {
  return entry.kind === 'record-version' || entry.kind === 'record-erasure' ? [toHex(entry.recordRef)] : [];
}

function isText(piece: Buffer): boolean {
  return piece.every((octet) => octet === 9 || octet === 10 || octet === 13 || (octet >= 32 && octet < 127));
}

/** Committed again under this key, the guess gives the commitment of an entry. */
function opens(guess: Version, key: Uint8Array, { entries }: Loot): boolean {
  const { source, recordId, versionId } = guess;
  return [true, false].some((fields) => {
    const digest = digestRecord(
      Buffer.from(guess.content),
      guess.mediaType,
      { source, recordId, versionId },
      { fields },
    );
    const { commitment } = commitRecord(digest, key, versionId, fieldsRoot);
    return entries.some((octets) => {
      const entry = parseEntry(octets);
      return (
        entry.kind === 'record-version' &&
        equalBytes(entry.recordRef, recordRef(key)) &&
        equalBytes(entry.commitment, commitment)
      );
    });
  });
}

/** Digests without a salt, in the forms that programs write them. */
function plainDigests(guess: Version): readonly Buffer[] {
  const octets = Buffer.from(guess.content);
  const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  const { source, recordId, versionId } = guess;
  const digest = digestRecord(octets, guess.mediaType, { source, recordId, versionId });
  const plain = [
    octets,
    sha256(octets),
    createHash('sha1').update(octets).digest(),
    createHash('md5').update(octets).digest(),
    sha256(utf8(canonicalJson(parseJson(octets)))),
    componentDigest('content', 'application/json', utf8(canonicalJson(parseJson(octets)))),
    ...digest.components.filter(({ name }) => name !== 'identity').map((component) => Buffer.from(component.digest)),
  ];
  return plain.flatMap((bytes) => [Buffer.from(bytes), Buffer.from(toHex(bytes)), Buffer.from(toBase64(bytes))]);
}

function occurs(bytes: Buffer, { octets }: Loot): boolean {
  return octets.some((piece) => piece.includes(bytes));
}
