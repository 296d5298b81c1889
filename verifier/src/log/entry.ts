// Log entries: docs/spec/formats.md section 6. Canonical JSON, at most 16 KiB, no patient data. One codec for each kind reads
// and writes it, so the service can append only what a verifier can read.

import { equalBytes, fromHex, fromUtf8, MAX_SIZE, toHex, utf8 } from '../bytes.ts';
import {
  decimal,
  FAULT,
  fault,
  hash,
  nullable,
  object,
  objectWith,
  oneOf,
  readAll,
  text,
  type Codec,
} from '../codec.ts';
import { onRefusal, VerifyError } from '../errors.ts';
import { HASH_LENGTH } from '../hash.ts';
import { canonicalJson } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import { isJsonObject, toJsonValue, type JsonValue, type PlainJson } from '../json/value.ts';
import { jwkCodec, jwkThumbprint, keyId, type Jwk } from '../jwk.ts';
import { isDetachedJws } from '../jws.ts';
import { SCHEMES, type Scheme } from '../record/scheme.ts';

export type Activity = 'create' | 'update' | 'delete' | 'import';

/** A version of a record. */
export interface RecordVersionEntry {
  readonly kind: 'record-version';
  /** The log's claim, not evidence. */
  readonly time: string;
  readonly source: string;
  readonly recordRef: Uint8Array;
  readonly seq: bigint;
  /** Leaf hash of the record's entry `seq - 1`; null for the first. */
  readonly previous: Uint8Array | null;
  readonly activity: Activity;
  readonly scheme: Scheme;
  readonly commitment: Uint8Array;
  readonly submitter?: { readonly keyId: string; readonly jws: string };
}

/** The record's key was destroyed. */
export interface RecordErasureEntry {
  readonly kind: 'record-erasure';
  readonly time: string;
  readonly source: string;
  readonly recordRef: Uint8Array;
  readonly seq: bigint;
  readonly previous: Uint8Array | null;
  readonly basis: string;
}

/** A submitter's public key. */
export interface KeyEntry {
  readonly kind: 'key';
  readonly time: string;
  readonly source: string;
  readonly keyId: string;
  readonly action: 'register' | 'rotate' | 'revoke';
  readonly jwk?: Jwk;
  readonly replaces?: string;
  /** Detached JWS of this key over the key statement: whoever had it registered holds its private part. */
  readonly possession?: string;
  /** Detached JWS over the same statement: of the key that is replaced, or of the key that revokes itself. */
  readonly authority?: string;
  /** Why an administrator acted without the key. No personal data. */
  readonly reason?: string;
}

/** A revision of an ISMS object. */
export interface IsmsEntry {
  readonly kind: 'isms';
  readonly time: string;
  readonly object: string;
  readonly id: string;
  readonly revision: bigint;
  readonly previous: Uint8Array | null;
  readonly commitment: Uint8Array;
}

export interface EvidenceEntry {
  readonly kind: 'evidence';
  readonly time: string;
  readonly id: string;
  readonly commitment: Uint8Array;
}

/** Anchoring goes on in another contract or on another chain. */
export interface AnchorEpochEntry {
  readonly kind: 'anchor-epoch';
  readonly time: string;
  readonly epoch: bigint;
  readonly chainId: bigint;
  readonly contract: string;
  readonly logId: Uint8Array;
  readonly reason: string;
  readonly previous: {
    readonly chainId: bigint;
    readonly contract: string;
    readonly size: bigint;
    readonly root: Uint8Array;
  } | null;
}

export type Entry = RecordVersionEntry | RecordErasureEntry | KeyEntry | IsmsEntry | EvidenceEntry | AnchorEpochEntry;

export const MAX_ENTRY_BYTES = 16384;

const ACTIVITIES = ['create', 'update', 'delete', 'import'] as const satisfies readonly Activity[];
const SCHEME_NAMES: ReadonlySet<string> = new Set(SCHEMES);

const uuid = text(isUuid, 'a lower-case UUID');
const time = text(isTime, 'a time YYYY-MM-DDThh:mm:ss.sssZ');
const sentence = text(isSentence, 'a text of 1 to 256 characters without control characters');
const detachedJws = text(isDetachedJws, 'a detached compact JWS');
export const address = text((value) => /^0x[0-9a-f]{40}$/.test(value), '0x and 40 lower-case hex digits');
const head = { format: oneOf('medanchor-entry/1'), time };
const chained = { source: uuid, recordRef: hash, seq: decimal(1n), previous: nullable(hash) };

const CODECS = {
  'record-version': objectWith(
    {
      ...head,
      kind: oneOf('record-version'),
      ...chained,
      activity: oneOf(...ACTIVITIES),
      scheme: oneOf(...SCHEMES),
      commitment: hash,
    },
    { submitter: object({ keyId, jws: detachedJws }) },
  ),
  'record-erasure': object({ ...head, kind: oneOf('record-erasure'), ...chained, basis: sentence }),
  key: objectWith(
    { ...head, kind: oneOf('key'), source: uuid, keyId, action: oneOf('register', 'rotate', 'revoke') },
    { jwk: jwkCodec, replaces: keyId, possession: detachedJws, authority: detachedJws, reason: sentence },
  ),
  isms: object({
    ...head,
    kind: oneOf('isms'),
    object: text((value) => /^[a-z][a-z-]{0,63}$/.test(value), 'an object kind'),
    id: uuid,
    revision: decimal(1n),
    previous: nullable(hash),
    commitment: hash,
  }),
  evidence: object({ ...head, kind: oneOf('evidence'), id: uuid, commitment: hash }),
  'anchor-epoch': object({
    ...head,
    kind: oneOf('anchor-epoch'),
    epoch: decimal(2n),
    chainId: decimal(),
    contract: address,
    logId: hash,
    reason: sentence,
    previous: nullable(object({ chainId: decimal(), contract: address, size: decimal(), root: hash })),
  }),
} as const;

/** Reads an entry inside another document (a bundle). Order and white space do not matter there. */
export const entryCodec: Codec<Entry> = {
  read(value, at, faults) {
    const kind = isJsonObject(value) ? value.get('kind') : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(CODECS, kind)) {
      return fault(faults, `${at}/kind`, Object.keys(CODECS).join(' or '), kind ?? null);
    }
    const codec = CODECS[kind as Entry['kind']] as unknown as Codec<Entry & { format?: string }>;
    const read = codec.read(value, at, faults);
    if (read === FAULT) return FAULT;
    const { format: _, ...entry } = read;
    return noteContradiction(entry, at, faults) ? FAULT : entry;
  },
  write: (entry) => {
    const codec = CODECS[entry.kind] as unknown as Codec<Entry & { format: string }>;
    return codec.write({ ...entry, format: 'medanchor-entry/1' });
  },
};

export function entryFromJson(value: JsonValue): Entry {
  return readAll(entryCodec, value, 'ENTRY_MALFORMED');
}

/** The octets must be the canonical ones: two spellings of an entry would have two leaf hashes. */
export function parseEntry(bytes: Uint8Array): Entry {
  assertEntrySize(bytes);
  const plain = readPlainRecordVersion(bytes);
  if (plain !== null) return plain;
  const value = parseJson(bytes);
  const entry = entryFromJson(value);
  if (!equalBytes(utf8(canonicalJson(value)), bytes)) {
    throw new VerifyError('ENTRY_MALFORMED', 'the entry is not in canonical form (RFC 8785)');
  }
  return entry;
}

/** Inverse of parseEntry. Refuses an entry that parseEntry would refuse. */
export function formatEntry(entry: Entry): Uint8Array {
  const plain = entry.kind === 'record-version' ? plainRecordVersion(entry) : null;
  if (plain !== null) return utf8(plain);
  const value = toJsonValue(entryToJson(entry));
  entryFromJson(value);
  const bytes = utf8(canonicalJson(value));
  assertEntrySize(bytes);
  return bytes;
}

/**
 * The canonical text of the entry that a ledger writes thousands of times a second, put together directly: eight times as
 * fast as by way of the codec. Null for everything that has to be looked at more closely, faulty entries among it, so that
 * rules and complaints stand in one place only. Every member is at most 64 characters long: no size to check.
 */
function plainRecordVersion(entry: RecordVersionEntry): string | null {
  const { time, source, recordRef, seq, previous, activity, scheme, commitment, submitter } = entry;
  const first = previous === null;
  const plain =
    submitter === undefined &&
    first === (seq === 1n) &&
    (first || previous.length === HASH_LENGTH) &&
    seq > 0n &&
    seq <= MAX_SIZE &&
    ACTIVITIES.includes(activity) &&
    SCHEME_NAMES.has(scheme) &&
    (scheme !== 'identity/1' || activity === 'delete') &&
    recordRef.length === HASH_LENGTH &&
    commitment.length === HASH_LENGTH &&
    isUuid(source) &&
    isTime(time);
  if (!plain) return null;
  const link = first ? 'null' : `"${toHex(previous)}"`;
  return `{"activity":"${activity}","commitment":"${toHex(commitment)}","format":"medanchor-entry/1","kind":"record-version","previous":${link},"recordRef":"${toHex(recordRef)}","scheme":"${scheme}","seq":"${seq}","source":"${source}","time":"${time}"}`;
}

/** The inverse of plainRecordVersion; null for whatever that would not have written, octet for octet. */
function readPlainRecordVersion(bytes: Uint8Array): RecordVersionEntry | null {
  // Lengths first: a look at an entry of another kind should cost nothing.
  if (bytes.length > 600 || bytes[2] !== 0x61 || bytes[3] !== 0x63) return null;
  const text = onRefusal(
    () => fromUtf8(bytes),
    () => '',
  );
  const found = PLAIN_RECORD_VERSION.exec(text)?.groups;
  if (found === undefined) return null;
  const { activity, commitment, previous, recordRef, scheme, seq, source, time } = found as Record<string, string>;
  const entry: RecordVersionEntry = {
    kind: 'record-version',
    time: time as string,
    source: source as string,
    recordRef: fromHex(recordRef as string),
    seq: BigInt(seq as string),
    previous: previous === undefined ? null : fromHex(previous),
    activity: activity as Activity,
    scheme: scheme as Scheme,
    commitment: fromHex(commitment as string),
  };
  return plainRecordVersion(entry) === text ? entry : null;
}

const PLAIN_RECORD_VERSION =
  /^\{"activity":"(?<activity>[a-z]+)","commitment":"(?<commitment>[0-9a-f]{64})","format":"medanchor-entry\/1","kind":"record-version","previous":(?:null|"(?<previous>[0-9a-f]{64})"),"recordRef":"(?<recordRef>[0-9a-f]{64})","scheme":"(?<scheme>[a-z0-9/-]+)","seq":"(?<seq>[0-9]{1,19})","source":"(?<source>[0-9a-f-]{36})","time":"(?<time>[0-9TZ:.-]{24})"\}$/;

export function entryToJson(entry: Entry): PlainJson {
  return entryCodec.write(entry);
}

/** Rules between members. True when one is broken. */
function noteContradiction(entry: Entry, at: string, faults: string[]): boolean {
  const broken: string[] = [];
  if (
    (entry.kind === 'record-version' || entry.kind === 'record-erasure') &&
    (entry.seq === 1n) !== (entry.previous === null)
  ) {
    broken.push('previous: null exactly when seq is 1');
  }
  if (entry.kind === 'isms' && (entry.revision === 1n) !== (entry.previous === null)) {
    broken.push('previous: null exactly when revision is 1');
  }
  if (entry.kind === 'record-version' && entry.scheme === 'identity/1' && entry.activity !== 'delete') {
    broken.push('scheme: identity/1 (no content) is for a delete');
  }
  if (entry.kind === 'key' && (entry.action === 'revoke') !== (entry.jwk === undefined)) {
    broken.push('jwk: absent exactly when action is revoke');
  }
  if (entry.kind === 'key' && (entry.action === 'rotate') !== (entry.replaces !== undefined)) {
    broken.push('replaces: present exactly when action is rotate');
  }
  if (entry.kind === 'key' && entry.jwk !== undefined && jwkThumbprint(entry.jwk) !== entry.keyId) {
    broken.push('keyId: not the thumbprint of jwk');
  }
  if (entry.kind === 'key' && entry.action === 'revoke' && entry.possession !== undefined) {
    broken.push('possession: not for revoke, which has no jwk');
  }
  if (entry.kind === 'key' && entry.action === 'register' && entry.authority !== undefined) {
    broken.push('authority: not for register, which no other key can vouch for');
  }
  faults.push(...broken.map((rule) => `${at}/${rule}`));
  return broken.length > 0;
}

function assertEntrySize(bytes: Uint8Array): void {
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new VerifyError(
      'ENTRY_TOO_LARGE',
      `an entry of ${bytes.length} octets, at most ${MAX_ENTRY_BYTES} are allowed`,
    );
  }
}

export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value);
}

/**
 * Exactly the form of Date.toISOString in the years 0000 to 9999; printing it again finds 30 February. The last good one is
 * remembered: all entries of a batch carry the same time.
 */
export function isTime(value: string): boolean {
  if (value === lastTime) return true;
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/.test(value)) return false;
  const milliseconds = Date.parse(value);
  const exact = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value;
  if (exact) lastTime = value;
  return exact;
}

let lastTime = '';

const CONTROL = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f]');

function isSentence(value: string): boolean {
  return value.length >= 1 && value.length <= 256 && !CONTROL.test(value) && value.isWellFormed();
}
