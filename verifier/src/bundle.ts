// Proof bundles: docs/spec/formats.md section 9. Reading and writing only; verify/ decides what a bundle proves.

import { utf8 } from './bytes.ts';
import {
  converted,
  decimal,
  FAULT,
  fault,
  hash,
  list,
  nullable,
  object,
  objectWith,
  oneOf,
  readAll,
  text,
  type Codec,
  type TypeOf,
} from './codec.ts';
import { onRefusal, VerifyError } from './errors.ts';
import { canonicalJson, lexemeJson } from './json/canonical.ts';
import { parseJson } from './json/parse.ts';
import { isJsonArray, isJsonObject, toJsonValue } from './json/value.ts';
import { jwkCodec, type Jwk } from './jwk.ts';
import { address, entryCodec, type Entry, type KeyEntry } from './log/entry.ts';
import { MAX_PROOF_HASHES, parseTlogProof } from './log/tlog-proof.ts';
import type { Disclosure } from './record/fields.ts';
import type { RecordIdentity } from './record/identity.ts';
import { identityCodec } from './record/identity.ts';
import { normaliseMediaType } from './record/media-type.ts';
import { COMPONENT_NAMES, SCHEMES, type ComponentName, type Scheme } from './record/scheme.ts';

export interface BundleComponent {
  readonly name: ComponentName;
  readonly commitment: Uint8Array;
  /** `componentSalt`; absent when this component is not opened. */
  readonly salt?: Uint8Array;
}

export interface Opening {
  readonly scheme: Scheme;
  readonly mediaType: string;
  readonly identity?: RecordIdentity;
  readonly components: readonly BundleComponent[];
}

export interface BundleAnchor {
  readonly chainId: bigint;
  readonly contract: string;
  readonly logId: Uint8Array;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly transaction: string;
  readonly block: bigint;
}

/** A `key` entry, and the proof that it stands in the tree of the bundle's own checkpoint. */
export interface KeyHistoryItem {
  readonly entry: KeyEntry;
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
}

export interface Bundle {
  readonly entry: Entry;
  /** Null exactly when the entry is no record version. */
  readonly opening: Opening | null;
  /** tlog-proof text, verbatim. */
  readonly proof: string;
  readonly anchor: BundleAnchor | null;
  readonly submitterKey?: Jwk;
  /** What the log says of the submitter's key and of those that it replaced, in rising order of index. */
  readonly keyHistory?: readonly KeyHistoryItem[];
  readonly disclosed?: Disclosure;
}

export const MAX_BUNDLE_BYTES = 1024 * 1024;
export const BUNDLE_MEDIA_TYPE = 'application/vnd.medanchor.bundle+json';

const MAX_DISCLOSED_FIELDS = 65536;
export const MAX_KEY_HISTORY = 256;

const proofText = converted(
  (value) => {
    parseTlogProof(value);
    return value;
  },
  (value) => value,
  'a tlog-proof',
);

const component = objectWith({ name: oneOf(...COMPONENT_NAMES), commitment: hash }, { salt: hash });

const opening = objectWith(
  {
    scheme: oneOf(...SCHEMES),
    mediaType: text(isNormalMediaType, 'a normalised media type, or ""'),
    components: list(component, COMPONENT_NAMES.length),
  },
  { identity: identityCodec },
);

const anchor = object({
  chainId: decimal(1n),
  contract: address,
  logId: hash,
  size: decimal(1n),
  root: hash,
  transaction: text((value) => /^0x[0-9a-f]{64}$/.test(value), '0x and 64 lower-case hex digits'),
  block: decimal(),
});

const field = object({
  index: decimal(),
  path: text((value) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(value), 'a JSON Pointer'),
  value: text(isLeafText, 'the JSON text of a scalar, {} or []'),
  salt: hash,
  proof: list(hash, MAX_PROOF_HASHES),
});

const disclosed = object({ count: decimal(1n), root: hash, fields: list(field, MAX_DISCLOSED_FIELDS) });

/** Only entries of kind `key` tell of a key. */
const keyEntry: Codec<KeyEntry> = {
  read(value, at, faults) {
    const entry = entryCodec.read(value, at, faults);
    if (entry === FAULT || entry.kind === 'key') return entry;
    return fault(faults, `${at}/kind`, '"key"', entry.kind);
  },
  write: entryCodec.write,
};

const keyHistory = list(
  object({ entry: keyEntry, index: decimal(), proof: list(hash, MAX_PROOF_HASHES) }),
  MAX_KEY_HISTORY,
);

const members = objectWith(
  {
    format: oneOf('medanchor-bundle/1'),
    entry: entryCodec,
    opening: nullable(opening),
    proof: proofText,
    anchor: nullable(anchor),
  },
  { submitterKey: jwkCodec, keyHistory, disclosed },
);

/** Rules between members, noted like any other fault. */
const bundleCodec: Codec<TypeOf<typeof members>> = {
  read(value, at, faults) {
    const bundle = members.read(value, at, faults);
    if (bundle === FAULT) return FAULT;
    const broken: string[] = [];
    if ((bundle.opening === null) === (bundle.entry.kind === 'record-version')) {
      broken.push('/opening: null exactly when the entry is no record-version');
    }
    if (bundle.opening !== null && (bundle.opening.mediaType === '') !== (bundle.opening.scheme === 'identity/1')) {
      broken.push('/opening/mediaType: "" exactly when the scheme is identity/1');
    }
    if (!isRising(bundle.disclosed?.fields)) broken.push('/disclosed/fields: not in rising order of index');
    if (!isRising(bundle.keyHistory)) broken.push('/keyHistory: not in rising order of index');
    faults.push(...broken.map((rule) => at + rule));
    return broken.length > 0 ? FAULT : bundle;
  },
  write: members.write,
};

/** Throws one error that names every faulty member by its path. Layout and order of members do not matter. */
export function parseBundle(input: Uint8Array | string): Bundle {
  const bytes = typeof input === 'string' ? utf8(input) : input;
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw new VerifyError('BUNDLE_TOO_LARGE', `got ${bytes.length} octets, at most ${MAX_BUNDLE_BYTES} are allowed`);
  }
  const { format: _, ...bundle } = readAll(bundleCodec, parseJson(bytes), 'BUNDLE_MALFORMED');
  return bundle;
}

/** Canonical JSON. Refuses a bundle that parseBundle would refuse. */
export function formatBundle(bundle: Bundle): string {
  const value = toJsonValue(bundleCodec.write({ ...bundle, format: 'medanchor-bundle/1' }));
  readAll(bundleCodec, value, 'BUNDLE_MALFORMED');
  return canonicalJson(value);
}

function isRising(items: readonly { readonly index: bigint }[] = []): boolean {
  return items.every(({ index }, i) => i === 0 || index > (items[i - 1] as { index: bigint }).index);
}

function isNormalMediaType(value: string): boolean {
  if (value === '') return true;
  return onRefusal(
    () => normaliseMediaType(value) === value,
    () => false,
  );
}

/** The lexeme form of a leaf element, exactly. */
function isLeafText(value: string): boolean {
  const read = (): boolean => {
    const leaf = parseJson(utf8(value));
    const isLeaf = !(isJsonArray(leaf) && leaf.length > 0) && !(isJsonObject(leaf) && leaf.size > 0);
    return isLeaf && lexemeJson(leaf) === value;
  };
  return onRefusal(read, () => false);
}
