// What a file of test vectors looks like, and the small changes that make a bad case out of a good one.

import { fromHex, toHex } from '@medanchor/verifier';

export interface VectorFile {
  readonly format: 'medanchor-vectors/1';
  /** Which function of which section of docs/spec/formats.md, and how to read a case. */
  readonly about: string;
  readonly cases: readonly VectorCase[];
}

/** `name` says what was changed; `expect` is `ok` or the code with which the case must be refused. */
export interface VectorCase {
  readonly name: string;
  readonly expect: string;
  readonly [member: string]: unknown;
}

/** The hexadecimal text of a hash with its lowest bit turned. */
export function bitFlipped(hex: string): string {
  const octets = fromHex(hex);
  const last = octets.length - 1;
  octets[last] = (octets[last] ?? 0) ^ 1;
  return toHex(octets);
}

/** Fixed octets for keys and leaves: nothing in a vector is secret, and everything must come out the same every time. */
export function filled(value: number): Uint8Array {
  return new Uint8Array(32).fill(value);
}
