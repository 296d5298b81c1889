// The static form of FHIR JSON: docs/spec/formats.md section 2.3, http://hl7.org/fhir/canonicalization/json#static.
//
// `meta` and `text` of *resources* are dropped, and nothing is ever dropped by name alone: `code.text`, `note.text` and
// `section.text` are clinical content. So the walk follows the four places where FHIR puts a resource, and no others.

import { lexemeJson } from '../json/canonical.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** A resource inside a document, with its JSON Pointer (`""` for the root). */
interface Resource {
  readonly pointer: string;
  readonly value: JsonObject;
}

/** The document without `meta` and `text` of its resources. Shares what did not change; the input stays as it is. */
export function staticForm(root: JsonValue): JsonValue {
  return isJsonObject(root) ? strip(root) : root;
}

function strip(resource: JsonObject): JsonObject {
  const copy = new Map<string, JsonValue>();
  for (const [name, value] of resource) {
    if (name !== 'meta' && name !== 'text') copy.set(name, stripMember(resource, name, value));
  }
  return copy;
}

function stripMember(resource: JsonObject, name: string, value: JsonValue): JsonValue {
  if (!isJsonArray(value)) return value;
  if (name === 'contained') return value.map((element) => (isJsonObject(element) ? strip(element) : element));
  if (name === nestingMember(resource)) return value.map(name === 'entry' ? stripEntry : stripParameter);
  return value;
}

function stripEntry(entry: JsonValue): JsonValue {
  if (!isJsonObject(entry)) return entry;
  const resource = entry.get('resource');
  return isJsonObject(resource) ? new Map(entry).set('resource', strip(resource)) : entry;
}

function stripParameter(parameter: JsonValue): JsonValue {
  const stripped = stripEntry(parameter);
  if (!isJsonObject(stripped)) return stripped;
  const part = stripped.get('part');
  return isJsonArray(part) ? new Map(stripped).set('part', part.map(stripParameter)) : stripped;
}

/** The member of this resource, beside `contained`, that holds further resources. */
function nestingMember(resource: JsonObject): 'entry' | 'parameter' | undefined {
  const type = resource.get('resourceType');
  return type === 'Bundle' ? 'entry' : type === 'Parameters' ? 'parameter' : undefined;
}

/** Octets of `narrative` as text; undefined when no resource has a `text`. */
export function narrativeForm(root: JsonValue): string | undefined {
  const found: JsonValue[] = [];
  for (const { pointer, value } of resourcesOf(root)) {
    const text = value.get('text');
    if (text === undefined) continue;
    const id = value.get('id');
    found.push(
      new Map<string, JsonValue>([
        ...(id === undefined ? [] : [['id', id] as const]),
        ['resource', pointer],
        ['text', text],
      ]),
    );
  }
  return found.length === 0 ? undefined : lexemeJson(found);
}

/** Octets of `labels` as text; undefined when no resource has a security label. */
export function labelsForm(root: JsonValue): string | undefined {
  const found: JsonValue[] = [];
  for (const { pointer, value } of resourcesOf(root)) {
    const meta = value.get('meta');
    const security = isJsonObject(meta) ? meta.get('security') : undefined;
    if (security === undefined || (isJsonArray(security) && security.length === 0)) continue;
    // A `security` that is no array is not FHIR, but it is kept: dropping it would be a way to hide a label.
    const sorted = isJsonArray(security) ? security.toSorted(compareLabels) : security;
    found.push(
      new Map<string, JsonValue>([
        ['resource', pointer],
        ['security', sorted],
      ]),
    );
  }
  return found.length === 0 ? undefined : lexemeJson(found);
}

function compareLabels(a: JsonValue, b: JsonValue): number {
  return (
    compareTexts(textMember(a, 'system'), textMember(b, 'system')) ||
    compareTexts(textMember(a, 'code'), textMember(b, 'code')) ||
    compareTexts(lexemeJson(a), lexemeJson(b))
  );
}

/** Absent first. Anything but a text counts as absent; such labels are then ordered by their whole form. */
function compareTexts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

function textMember(value: JsonValue, name: string): string | undefined {
  const member = isJsonObject(value) ? value.get(name) : undefined;
  return typeof member === 'string' ? member : undefined;
}

/** Every resource of the document, in document order: `contained` < `entry` < `parameter`, and `part` < `resource`. */
function resourcesOf(root: JsonValue): Resource[] {
  const found: Resource[] = [];
  const visit = (value: JsonValue | undefined, pointer: string): void => {
    if (!isJsonObject(value)) return;
    found.push({ pointer, value });
    each(value.get('contained'), `${pointer}/contained`, visit);
    const nesting = nestingMember(value);
    if (nesting === 'entry') each(value.get('entry'), `${pointer}/entry`, visitEntry);
    if (nesting === 'parameter') each(value.get('parameter'), `${pointer}/parameter`, visitParameter);
  };
  const visitEntry = (entry: JsonValue, pointer: string): void => {
    if (isJsonObject(entry)) visit(entry.get('resource'), `${pointer}/resource`);
  };
  const visitParameter = (parameter: JsonValue, pointer: string): void => {
    if (isJsonObject(parameter)) each(parameter.get('part'), `${pointer}/part`, visitParameter);
    visitEntry(parameter, pointer);
  };
  visit(root, '');
  return found;
}

function each(value: JsonValue | undefined, pointer: string, visit: (value: JsonValue, pointer: string) => void): void {
  if (isJsonArray(value)) value.forEach((element, i) => visit(element, `${pointer}/${i}`));
}
