// Canonical JSON: RFC 8785, and the same with every number replaced by its lexeme (docs/spec/formats.md section 2.2).
//
// The input is a value tree from parseJson, so there is no NaN, no undefined, no lone surrogate and no duplicate name to
// worry about here. RFC 8785 prints numbers as ECMAScript prints doubles, which is what String(Number(x)) does.

import { isJsonArray, JsonNumber, toJsonValue, type JsonObject, type JsonValue, type PlainJson } from './value.ts';

/** RFC 8785. */
export function canonicalJson(value: JsonValue): string {
  return write(value, doubleForm);
}

/** RFC 8785, but numbers as they were written: `6.30` stays `6.30`. */
export function lexemeJson(value: JsonValue): string {
  return write(value, lexemeForm);
}

/** Canonical JSON of one of our own objects. */
export function canonicalObject(plain: PlainJson): string {
  return canonicalJson(toJsonValue(plain));
}

/** True when both forms are the same text, which saves writing it twice: most FHIR documents have no odd lexeme. */
export function lexemesAreCanonical(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof JsonNumber) return doubleForm(value.lexeme) === value.lexeme;
  if (isJsonArray(value)) {
    for (const element of value) if (!lexemesAreCanonical(element)) return false;
    return true;
  }
  for (const member of value.values()) if (!lexemesAreCanonical(member)) return false;
  return true;
}

/** Member names in the order of RFC 8785: by UTF-16 code units, which is how JavaScript compares strings. */
export function sortedNames(object: JsonObject): string[] {
  const names = [...object.keys()];
  // Objects are small, and often sorted already: moving each name to its place is five times as fast as sort() then.
  if (names.length > FEW) return names.sort();
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string;
    let at = i;
    for (; at > 0 && name < (names[at - 1] as string); at--) names[at] = names[at - 1] as string;
    names[at] = name;
  }
  return names;
}

const FEW = 24;

function write(value: JsonValue, number: (lexeme: string) => string): string {
  if (typeof value === 'string') return canonicalString(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof JsonNumber) return number(value.lexeme);
  if (isJsonArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i] as JsonValue, number);
    return text + ']';
  }
  let text = '{';
  for (const name of sortedNames(value)) {
    if (text.length > 1) text += ',';
    text += canonicalString(name) + ':' + write(value.get(name) as JsonValue, number);
  }
  return text + '}';
}

/**
 * JSON.stringify escapes exactly what RFC 8785 section 3.2.2.2 asks for, in well-formed strings. Most strings need no escape,
 * and looking at each code unit is cheaper than the call (and than a pattern).
 */
export function canonicalString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === QUOTE || code === BACKSLASH) return JSON.stringify(text);
  }
  return `"${text}"`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// `-0` becomes `0` and `1.0` becomes `1`, as RFC 8785 section 3.2.2.3 asks.
function doubleForm(lexeme: string): string {
  return String(Number(lexeme));
}

function lexemeForm(lexeme: string): string {
  return lexeme;
}
