// Codecs: one declaration per shape from which both the strict reader and the writer of our JSON documents follow, so that
// the two cannot drift apart. A reader notes *every* faulty member with its path instead of stopping at the first: whoever
// gets a refused bundle should see all that is wrong with it.

import { fromHex, parseDecimal, quote, toHex } from './bytes.ts';
import { onRefusal, VerifyError, type VerifyErrorCode } from './errors.ts';
import { isJsonArray, isJsonObject, type JsonValue, type PlainJson } from './json/value.ts';

/** Stands for "unreadable, already noted". A symbol, because null and undefined are values of some shapes. */
export const FAULT: unique symbol = Symbol('fault');
export type Fault = typeof FAULT;

export interface Codec<T> {
  read(value: JsonValue, at: string, faults: string[]): T | Fault;
  write(value: T): PlainJson;
}

export type TypeOf<C> = C extends Codec<infer T> ? T : never;
type Shape = Readonly<Record<string, Codec<never> | Codec<unknown>>>;
type Simplify<T> = { readonly [K in keyof T]: T[K] };
type ObjectOf<R extends Shape, O extends Shape> = Simplify<
  { readonly [K in keyof R]: TypeOf<R[K]> } & { readonly [K in keyof O]?: TypeOf<O[K]> }
>;

/** A text for which `test` holds. `wanted` completes the sentence "wanted …". */
export function text<T extends string = string>(test: (value: string) => boolean, wanted: string): Codec<T> {
  return {
    read(value, at, faults) {
      if (typeof value === 'string' && test(value)) return value as T;
      return fault(faults, at, wanted, value);
    },
    write: (value) => value,
  };
}

export function oneOf<T extends string>(...values: readonly T[]): Codec<T> {
  return text<T>((value) => (values as readonly string[]).includes(value), values.map(quote).join(' or '));
}

/** Text with another value behind it. `parse` throws VerifyError on what `format` would not print. */
export function converted<T>(parse: (text: string) => T, format: (value: T) => string, wanted: string): Codec<T> {
  return {
    read(value, at, faults) {
      if (typeof value !== 'string') return fault(faults, at, wanted, value);
      return onRefusal(
        () => parse(value),
        () => fault(faults, at, wanted, value),
      );
    },
    write: format,
  };
}

export const hash: Codec<Uint8Array> = converted((value) => fromHex(value, 32), toHex, '64 lower-case hex digits');

export function decimal(min = 0n): Codec<bigint> {
  return converted(
    (value) => {
      const number = parseDecimal(value);
      if (number < min) throw new VerifyError('NUMBER_MALFORMED', `${value} is below ${min}`);
      return number;
    },
    String,
    `a decimal text from "${min}"`,
  );
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    read: (value, at, faults) => (value === null ? null : codec.read(value, at, faults)),
    write: (value) => (value === null ? null : codec.write(value)),
  };
}

export function list<T>(codec: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    read(value, at, faults) {
      if (!isJsonArray(value) || value.length > max) return fault(faults, at, `an array of at most ${max}`, value);
      const items = value.map((item, i) => codec.read(item, `${at}/${i}`, faults));
      return items.includes(FAULT) ? FAULT : (items as T[]);
    },
    write: (value) => value.map(codec.write),
  };
}

/** An object with exactly these members: a missing one and an unknown one are both faults. */
export function object<R extends Shape>(required: R) {
  return objectWith(required, {});
}

/** The same, with members that may be absent. */
export function objectWith<R extends Shape, O extends Shape>(required: R, optional: O): Codec<ObjectOf<R, O>> {
  const codecs = new Map(Object.entries({ ...required, ...optional })) as ReadonlyMap<string, Codec<unknown>>;
  return {
    read(value, at, faults) {
      if (!isJsonObject(value)) return fault(faults, at, 'an object', value);
      const before = faults.length;
      const result: Record<string, unknown> = {};
      for (const [name, codec] of codecs) {
        const member = value.get(name);
        if (member !== undefined) result[name] = codec.read(member, `${at}/${name}`, faults);
        else if (Object.hasOwn(required, name)) faults.push(`${at}/${name}: missing`);
      }
      for (const name of value.keys()) {
        if (!codecs.has(name)) faults.push(`${at}/${quote(name).slice(1, -1)}: unknown member`);
      }
      return faults.length > before ? FAULT : (result as ObjectOf<R, O>);
    },
    write(value) {
      const members = value as Readonly<Record<string, unknown>>;
      const result: Record<string, PlainJson> = {};
      for (const [name, codec] of codecs) {
        if (members[name] !== undefined) result[name] = codec.write(members[name]);
      }
      return result;
    },
  };
}

/** Reads or throws one error that lists every fault. `at` names the document in the paths. */
export function readAll<T>(codec: Codec<T>, value: JsonValue, code: VerifyErrorCode, at = ''): T {
  const faults: string[] = [];
  const result = codec.read(value, at, faults);
  if (result === FAULT || faults.length > 0) throw new VerifyError(code, faults.join('; '));
  return result;
}

/** Says what was got by kind only: the value may be somebody's data. */
export function fault(faults: string[], at: string, wanted: string, got: JsonValue): Fault {
  faults.push(`${at === '' ? '/' : at}: got ${kindOf(got)}, wanted ${wanted}`);
  return FAULT;
}

function kindOf(value: JsonValue): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'a boolean';
  if (isJsonArray(value)) return `an array of ${value.length}`;
  return isJsonObject(value) ? 'an object' : 'a number';
}
