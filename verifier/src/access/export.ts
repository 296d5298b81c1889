// The export of an access log, line by line: docs/spec/formats.md section 11.4. Every line is a FHIR resource: AuditEvents in
// the order of the chain, and after the last event of an anchored batch a `Basic` with its opening. The file is hostile:
// nothing in it is believed but what hashes to a head that an entry of the log commits to.

import { parseBundle, type Bundle } from '../bundle.ts';
import { equalBytes, fromHex, parseDecimal, quote, toHex, utf8 } from '../bytes.ts';
import { decimal, hash, nullable, object, oneOf, readAll, text, type TypeOf } from '../codec.ts';
import { VerifyError } from '../errors.ts';
import { canonicalJson, canonicalObject } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { isUuid } from '../log/entry.ts';
import { ACCESS_EXTENSION, accessEventResource, type ChainedAccessEvent, type FhirJson } from './audit-event.ts';
import { accessCommitment, accessEventHash, accessGenesis, parseAccessEvent } from './event.ts';

const uuid = text(isUuid, 'a lower-case UUID');
const opening = object({
  format: oneOf('medanchor-access-anchor/1'),
  id: uuid,
  chain: uuid,
  first: decimal(1n),
  last: decimal(1n),
  head: hash,
  salt: hash,
  /** Where in the log the entry stands; null while that is not known. */
  index: nullable(decimal()),
});

/** Opens the commitment of an `evidence` entry: which events of which chain it is about. */
export type AccessAnchorDocument = Omit<TypeOf<typeof opening>, 'format'>;

const ANCHOR_CODE = 'urn:medanchor:access-log:anchor';

/** One line. @param bundle the proof bundle of the entry (section 9), when one is given along */
export function accessAnchorResource(anchor: AccessAnchorDocument, bundle: string | null): string {
  const opened = canonicalObject(opening.write({ ...anchor, format: 'medanchor-access-anchor/1' }));
  const part = (url: string, valueString: string) => ({ url, valueString });
  return canonicalObject({
    resourceType: 'Basic',
    id: anchor.id,
    code: { coding: [{ system: 'urn:medanchor:access-log', code: 'anchor' }] },
    extension: [
      {
        url: ANCHOR_CODE,
        extension: [part('opening', opened), ...(bundle === null ? [] : [part('bundle', bundle)])],
      },
    ],
  });
}

/**
 * Reads an export and says what holds. Lines are given one by one, so memory does not grow with the file.
 *
 * Throws VerifyError ACCESS_EXPORT_MALFORMED (or the code of what is malformed inside) naming the line: what is not exactly
 * what an export is may hide something.
 */
export class AccessExportCheck {
  #line = 0;
  #chain: string | null = null;
  #origin: string | null = null;
  #first = 0n;
  #last: { readonly seq: bigint; readonly hash: Uint8Array } | null = null;
  #events = 0n;
  #anchors = 0n;
  #proven: { readonly seq: bigint; readonly bundle: Bundle } | null = null;

  get events(): bigint {
    return this.#events;
  }

  get anchors(): bigint {
    return this.#anchors;
  }

  get chain(): string | null {
    return this.#chain;
  }

  /** The log that the events name as their observer. */
  get origin(): string | null {
    return this.#origin;
  }

  /** First and last event; null when there is none. */
  get range(): { readonly first: bigint; readonly last: bigint } | null {
    return this.#last === null ? null : { first: this.#first, last: this.#last.seq };
  }

  /**
   * The last event that a bundle in the file commits to, with that bundle, which is still to be verified. Everything in the
   * file up to this event is then what was recorded, without a gap.
   */
  get proven(): { readonly seq: bigint; readonly bundle: Bundle } | null {
    return this.#proven;
  }

  /** @param octets one line without its line feed */
  add(octets: Uint8Array): void {
    this.#line += 1;
    const value = parseJson(octets);
    const type = isJsonObject(value) ? value.get('resourceType') : undefined;
    if (!isJsonObject(value) || (type !== 'AuditEvent' && type !== 'Basic'))
      throw this.#malformed('neither an AuditEvent nor the opening of a batch');
    if (type === 'AuditEvent') this.#event(value);
    else this.#anchor(value);
  }

  #event(resource: JsonObject): void {
    const parts = this.#parts(resource, ACCESS_EXTENSION);
    const chained: ChainedAccessEvent = {
      seq: parseDecimal(this.#part(parts, 'seq')),
      event: this.#part(parts, 'event'),
      previousHash: fromHex(this.#part(parts, 'previousHash'), 32),
      hash: fromHex(this.#part(parts, 'hash'), 32),
    };
    const { chain } = parseAccessEvent(chained.event);
    const origin = originOf(resource);
    if (origin === null) throw this.#malformed('it names no log as its observer');
    if ((this.#chain ?? chain) !== chain) throw this.#malformed('it belongs to another chain than the lines before');
    if ((this.#origin ?? origin) !== origin)
      throw this.#malformed('it names another log as its observer than the lines before');
    const wanted = this.#last?.seq ?? chained.seq - 1n;
    if (chained.seq !== wanted + 1n)
      throw this.#malformed(`it is event ${chained.seq}, but event ${wanted + 1n} is the next one`);
    const previous = this.#last?.hash ?? (chained.seq === 1n ? accessGenesis(chain) : chained.previousHash);
    if (!equalBytes(previous, chained.previousHash))
      throw this.#malformed(`event ${chained.seq} does not follow from the one before: ${toHex(previous)} is its hash`);
    if (!equalBytes(accessEventHash(previous, chained.event), chained.hash))
      throw this.#malformed(`event ${chained.seq} was changed: it does not hash to its own hash`);
    if (canonicalJson(resource) !== canonicalFhir(accessEventResource(chained, origin)))
      throw this.#malformed(`the AuditEvent of event ${chained.seq} does not say what the event that was hashed says`);
    if (this.#last === null) this.#first = chained.seq;
    this.#chain = chain;
    this.#origin = origin;
    this.#last = chained;
    this.#events += 1n;
  }

  #anchor(resource: JsonObject): void {
    const parts = this.#parts(resource, ANCHOR_CODE);
    const { format: _, ...anchor } = readAll(
      opening,
      parseJson(utf8(this.#part(parts, 'opening'))),
      'ACCESS_ANCHOR_MALFORMED',
    );
    const text = parts.get('bundle') ?? null;
    if (canonicalJson(resource) !== accessAnchorResource(anchor, text))
      throw this.#malformed('it is not the opening of a batch as it is written');
    if (anchor.chain !== this.#chain || anchor.last !== this.#last?.seq)
      throw this.#malformed('it opens a batch that does not end with the event before this line');
    if (!equalBytes(anchor.head, this.#last.hash))
      throw this.#malformed(
        `the log commits to ${toHex(anchor.head)} as the hash of event ${anchor.last}, but the events hash to ${toHex(this.#last.hash)}: ` +
          'the chain was rewritten',
      );
    this.#anchors += 1n;
    if (text === null) return;
    const bundle = parseBundle(utf8(text));
    const { entry } = bundle;
    if (entry.kind !== 'evidence' || entry.id !== anchor.id)
      throw this.#malformed('its bundle is of another entry of the log');
    if (!equalBytes(entry.commitment, accessCommitment(anchor.salt, anchor)))
      throw this.#malformed(`the entry of the log does not commit to events ${anchor.first} to ${anchor.last}`);
    this.#proven = { seq: anchor.last, bundle };
  }

  /** The texts inside our extension. */
  #parts(resource: JsonObject, url: string): ReadonlyMap<string, string> {
    const [extension] = arrayOf(resource.get('extension'));
    const inner = isJsonObject(extension) && extension.get('url') === url ? arrayOf(extension.get('extension')) : [];
    const parts = new Map<string, string>();
    for (const part of inner) {
      if (!isJsonObject(part)) continue;
      const [name, value] = [part.get('url'), part.get('valueString')];
      if (typeof name === 'string' && typeof value === 'string') parts.set(name, value);
    }
    return parts;
  }

  #part(parts: ReadonlyMap<string, string>, name: string): string {
    const value = parts.get(name);
    if (value === undefined) throw this.#malformed(`${quote(name)} is missing in its extension`);
    return value;
  }

  #malformed(what: string): VerifyError {
    return new VerifyError('ACCESS_EXPORT_MALFORMED', `line ${this.#line}: ${what}`);
  }
}

/** Of one line, in RFC 8785. FHIR's booleans are the only values in it that our own documents do not have. */
export function canonicalFhir(value: FhirJson): string {
  return canonicalJson(treeOf(value));
}

function treeOf(value: FhirJson): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return (value as readonly FhirJson[]).map(treeOf);
  return new Map(Object.entries(value as object).map(([name, member]) => [name, treeOf(member as FhirJson)]));
}

function arrayOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : [];
}

function originOf(resource: JsonObject): string | null {
  let at: JsonValue | undefined = resource;
  for (const name of ['source', 'observer', 'identifier', 'value']) at = isJsonObject(at) ? at.get(name) : undefined;
  return typeof at === 'string' ? at : null;
}
