// The value tree of a JSON document as we need it: numbers keep their lexeme, objects are Maps. A Map has no `__proto__`
// trap, no prototype and no reordering of names that look like integers.

import { InvariantError, VerifyError } from '../errors.ts';

/** A number as it was written. `6.30` and `6.3` are two lexemes of one double. */
export class JsonNumber {
  readonly lexeme: string;

  constructor(lexeme: string) {
    this.lexeme = lexeme;
  }
}

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonArray = readonly JsonValue[];
export type JsonValue = null | boolean | string | JsonNumber | JsonArray | JsonObject;

/** What our own documents hold: never a number, so that canonical JSON of them needs no number rule. */
export type PlainJson = null | string | readonly PlainJson[] | { readonly [name: string]: PlainJson };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Our own strings, arrays and objects as a value tree. Anything else in them is our bug. */
export function toJsonValue(plain: PlainJson): JsonValue {
  if (plain === null) return null;
  if (typeof plain === 'string') {
    if (!plain.isWellFormed()) throw new VerifyError('JSON_LONE_SURROGATE', 'a text has a lone surrogate');
    return plain;
  }
  if (Array.isArray(plain)) return plain.map(toJsonValue);
  if (typeof plain !== 'object') throw new InvariantError(`a ${typeof plain} in one of our own JSON objects`);
  return new Map(Object.entries(plain).map(([name, value]) => [toJsonValue(name) as string, toJsonValue(value)]));
}
