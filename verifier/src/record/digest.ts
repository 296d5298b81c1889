// From the octets of a record version to the digests of its components: docs/spec/formats.md section 2.
//
// A digest is a plain hash of possibly guessable data (a lab value of a known form falls to a few guesses). It lives in
// memory only, between here and commitRecord; it is never stored, logged or sent.

import { lpAll, utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { hashInput } from '../hash-input.ts';
import { canonicalJson, lexemeJson, lexemesAreCanonical } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import type { JsonValue } from '../json/value.ts';
import { labelsForm, narrativeForm, staticForm } from './fhir-static.ts';
import { fieldLeaves, type FieldLeaf } from './fields.ts';
import { assertIdentity, identityOctets, type RecordIdentity } from './identity.ts';
import { isJsonMediaType, isResource, normaliseMediaType, schemeOf } from './media-type.ts';
import type { ComponentName, Scheme } from './scheme.ts';

export interface ComponentDigest {
  readonly name: ComponentName;
  readonly digest: Uint8Array;
}

export interface RecordDigest {
  readonly scheme: Scheme;
  /** Normalised; "" for a version without content. */
  readonly mediaType: string;
  /** In the order of section 2.1, without `fields`: that one needs salts and is digested by commitRecord. */
  readonly components: readonly ComponentDigest[];
  readonly fields?: readonly FieldLeaf[];
}

export interface DigestOptions {
  /** Also list the leaf elements, so that single ones can be disclosed later. Ignored for content that is not JSON. */
  readonly fields?: boolean;
  /** Digest under this scheme, whatever the media type says: for comparing a copy with what was committed. */
  readonly scheme?: Scheme;
  /** The content as parseJson has read it already, from exactly these octets: saves reading it again. Ignored unless it is JSON. */
  readonly value?: JsonValue;
}

const JSON_TYPE = 'application/json';

/** `content` is null for a version without content (a delete); the media type is then not looked at. */
export function digestRecord(
  content: Uint8Array | null,
  mediaType: string,
  identity: RecordIdentity,
  options: DigestOptions = {},
): RecordDigest {
  const identityDigest = digestIdentity(identity);
  if (content === null) return { scheme: 'identity/1', mediaType: '', components: [identityDigest] };
  const rest = digestContent(content, mediaType, options);
  return { ...rest, components: [identityDigest, ...rest.components] };
}

export function digestIdentity(identity: RecordIdentity): ComponentDigest {
  const octets = identityOctets(assertIdentity(identity));
  return { name: 'identity', digest: componentDigest('identity', JSON_TYPE, octets) };
}

/** All but the identity: what a copy of the content alone can be compared with. */
export function digestContent(content: Uint8Array, mediaType: string, options: DigestOptions = {}): RecordDigest {
  const type = normaliseMediaType(mediaType);
  const { scheme, value } = readContent(content, type, options);
  const components: ComponentDigest[] = [{ name: 'raw', digest: componentDigest('raw', type, content) }];
  if (value === undefined) return { scheme, mediaType: type, components };

  const add = (name: ComponentName, octets: Uint8Array): void => {
    components.push({ name, digest: componentDigest(name, JSON_TYPE, octets) });
  };
  const fhir = scheme === 'fhir-json-static/1';
  const form = fhir ? staticForm(value) : value;
  const canonical = utf8(canonicalJson(form));
  add('content', canonical);
  add('contentExact', lexemesAreCanonical(form) ? canonical : utf8(lexemeJson(form)));
  const narrative = fhir ? narrativeForm(value) : undefined;
  if (narrative !== undefined) add('narrative', utf8(narrative));
  const labels = fhir ? labelsForm(value) : undefined;
  if (labels !== undefined) add('labels', utf8(labels));
  return { scheme, mediaType: type, components, ...(options.fields ? { fields: fieldLeaves(form) } : {}) };
}

/** `SHA256(lp("medanchor/component/1") ‖ lp(name) ‖ lp(mediaType) ‖ lp(octets))`, section 4. */
export function componentDigest(name: ComponentName, mediaType: string, octets: Uint8Array): Uint8Array {
  return hashInput().octets(prefixOf(name, mediaType)).lp(octets).sha256();
}

function readContent(
  content: Uint8Array,
  type: string,
  { scheme: wanted, value: known }: DigestOptions,
): { scheme: Scheme; value: JsonValue | undefined } {
  if (wanted === 'raw/1' || wanted === 'identity/1') return { scheme: 'raw/1', value: undefined };
  const asJson = wanted !== undefined || isJsonMediaType(type);
  if (asJson && type.includes(';')) {
    throw new VerifyError('MEDIA_TYPE_CHARSET', `JSON is UTF-8 (RFC 8259), the media type says ${type.split('=')[1]}`);
  }
  const value = asJson ? (known ?? parseJson(content)) : undefined;
  const scheme = wanted ?? schemeOf(type, value);
  if (scheme === 'fhir-json-static/1' && !isResource(value as JsonValue)) {
    throw new VerifyError('FHIR_MALFORMED', 'a FHIR resource is a JSON object with a text resourceType');
  }
  return { scheme, value };
}

// The first three fields of the hash input come from a handful of values, so they are kept: about a third of the time of
// a small digest went into encoding them (measured on 2.5 kB resources). The bound keeps odd media types from piling up.
const prefixes = new Map<string, Uint8Array>();
const MAX_PREFIXES = 256;

function prefixOf(name: ComponentName, mediaType: string): Uint8Array {
  const key = `${name} ${mediaType}`;
  let prefix = prefixes.get(key);
  if (prefix === undefined) {
    prefix = lpAll('medanchor/component/1', name, mediaType);
    if (prefixes.size < MAX_PREFIXES) prefixes.set(key, prefix);
  }
  return prefix;
}
