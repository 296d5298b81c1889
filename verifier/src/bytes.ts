// Octets and their texts: docs/spec/formats.md section 1. Every decoder here is strict: it accepts exactly the one text
// that its encoder prints, because a second spelling of the same hash is a way to make two documents "equal".

import { InvariantError, VerifyError } from './errors.ts';

/** 2^63 - 1: the largest size, index or count in any of our formats (they must fit a PostgreSQL bigint). */
export const MAX_SIZE = 0x7fff_ffff_ffff_ffffn;

const encoder = new TextEncoder();
// ignoreBOM keeps a byte-order mark as a character, so that the caller can refuse it instead of never seeing it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += HEX[octet];
  return text;
}

/** Lower-case hex without prefix; with `length`, exactly that many octets. */
export function fromHex(text: string, length?: number): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  // One pass that reads and checks: a pattern and parseInt for each octet took ten times as long, and a proof is mostly hashes.
  let strange = 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 * i));
    const low = nibble(text.charCodeAt(2 * i + 1));
    strange |= high | low;
    bytes[i] = (high << 4) | low;
  }
  if (strange > 15 || (text.length & 1) === 1) {
    throw new VerifyError('ENCODING_MALFORMED', `${quote(text)} is not lower-case hex`);
  }
  if (length !== undefined && text.length !== 2 * length) {
    throw new VerifyError('ENCODING_MALFORMED', `got ${text.length} hex digits, wanted ${2 * length}`);
  }
  return bytes;
}

/** Value of a lower-case hex digit; 16, which no digit has a bit of, for any other character. */
function nibble(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : 16;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By character code; -1 for a character that is none of the 64. */
const BASE64_VALUE = Int8Array.from({ length: 128 }, (_, code) => BASE64.indexOf(String.fromCharCode(code)));

/** RFC 4648 section 4, padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const group = (octetAt(bytes, i) << 16) | (octetAt(bytes, i + 1) << 8) | octetAt(bytes, i + 2);
    text += PAIRS[group >> 12] as string;
    text += PAIRS[group & 0xfff] as string;
  }
  const left = bytes.length - i;
  if (left === 0) return text;
  const group = (octetAt(bytes, i) << 16) | (octetAt(bytes, i + 1) << 8);
  const third = left === 2 ? BASE64.charAt((group >> 6) & 63) : '=';
  return `${text}${PAIRS[group >> 12] as string}${third}=`;
}

/** Two characters at a time, by 12 bits: a proof is printed with twenty hashes. */
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => BASE64.charAt(bits >> 6) + BASE64.charAt(bits & 63),
);

/** Only the canonical form: padded, no white space, unused bits zero. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new VerifyError('ENCODING_MALFORMED', `${quote(text)} is not padded base64`);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (let i = 0; i < text.length - padding; i++) {
    const value = BASE64_VALUE[text.charCodeAt(i)] ?? -1;
    if (value < 0) throw new VerifyError('ENCODING_MALFORMED', `${quote(text)} is not base64`);
    pending = ((pending << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (pending >> bits) & 0xff;
    }
  }
  // What is left over belongs to no octet; with the padding counted above, this is all that could be written in two ways.
  if ((pending & ((1 << bits) - 1)) !== 0) {
    throw new VerifyError('ENCODING_MALFORMED', `${quote(text)} is not canonical base64`);
  }
  return bytes;
}

/** RFC 4648 section 5 without padding, as in JOSE. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new VerifyError('ENCODING_MALFORMED', `${quote(text)} is not base64url`);
  }
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4));
}

/** UTF-8 octets. A lone surrogate has none; TextEncoder would quietly write U+FFFD, so it is refused here. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new VerifyError('ENCODING_MALFORMED', 'the text has a lone surrogate');
  return encoder.encode(text);
}

/** The same into an array that has room for it (three octets for each code unit are enough); how many were written. */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  if (!text.isWellFormed()) throw new VerifyError('ENCODING_MALFORMED', 'the text has a lone surrogate');
  return encoder.encodeInto(text, into.subarray(at)).written;
}

export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new VerifyError('ENCODING_MALFORMED', 'the octets are not valid UTF-8', { cause });
  }
}

/** 8 octets, big-endian. */
export function u64(n: bigint | number): Uint8Array {
  const value = BigInt(n);
  if (value < 0n || value > MAX_SIZE) throw new InvariantError(`u64 of ${value}`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** `u64(length) ‖ x`. Length prefixes keep ("ab","c") and ("a","bc") apart. */
export function lp(x: Uint8Array | string): Uint8Array {
  const bytes = typeof x === 'string' ? utf8(x) : x;
  const out = new Uint8Array(8 + bytes.length);
  writeLength(out, 0, bytes.length);
  out.set(bytes, 8);
  return out;
}

/** `lp(x₁) ‖ lp(x₂) ‖ …` in one allocation. */
export function lpAll(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  let length = 0;
  for (const part of all) length += 8 + part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of all) {
    writeLength(out, at, part.length);
    out.set(part, at + 8);
    at += 8 + part.length;
  }
  return out;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Not constant-time: everything compared in this library is public or derived from what the caller already holds. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A size, index or count as our texts write it: ASCII decimals without sign, leading zero or white space, at most
 * 2^63 - 1. `BigInt` alone would take '', ' 12' and '0x10'.
 */
export function parseDecimal(text: string): bigint {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) {
    throw new VerifyError('NUMBER_MALFORMED', `${quote(text)} is not a canonical decimal`);
  }
  const value = BigInt(text);
  if (value > MAX_SIZE) throw new VerifyError('NUMBER_MALFORMED', `${text} is above 2^63 - 1`);
  return value;
}

/** For messages about public texts (hashes, keys, sizes): JSON-quoted and cut. Never used on record content. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function octetAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function writeLength(out: Uint8Array, at: number, length: number): void {
  // Lengths of arrays are below 2^53, so two 32-bit halves are exact and cheaper than a BigInt.
  const high = Math.floor(length / 0x1_0000_0000);
  out[at + 2] = high >>> 8;
  out[at + 3] = high;
  out[at + 4] = length >>> 24;
  out[at + 5] = length >>> 16;
  out[at + 6] = length >>> 8;
  out[at + 7] = length;
}
