// Strict I-JSON (RFC 7493, RFC 8259): docs/spec/formats.md section 2. One pass over the decoded text.
//
// Why our own parser: JSON.parse keeps the last of two equal names, so {"status":"cancelled","status":"final"} would get
// the digest of an honest document; it loses `6.30`; and it lets lone surrogates through. Messages give positions, never
// content: names and values of a record are patient data.

import { utf8 } from '../bytes.ts';
import { VerifyError, type VerifyErrorCode } from '../errors.ts';
import { JsonNumber, type JsonValue } from './value.ts';

export interface JsonLimits {
  readonly maxBytes?: number;
  readonly maxDepth?: number;
}

export const MAX_JSON_BYTES = 16 * 1024 * 1024;
export const MAX_JSON_DEPTH = 64;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws VerifyError with a JSON_ code and a position (UTF-16 code units of the decoded text). */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  return new Parser(decode(bytes, limits), limits.maxDepth ?? MAX_JSON_DEPTH).document();
}

/** A document of which single members are wanted octet for octet: a value that was printed again has another digest. */
export interface JsonDocument {
  readonly value: JsonValue;
  /** The value of a top-level member as it stands in the document; null when there is no such member. */
  octetsOf(name: string): Uint8Array | null;
}

/** As parseJson, in the same one pass. */
export function parseJsonDocument(bytes: Uint8Array, limits: JsonLimits = {}): JsonDocument {
  const text = decode(bytes, limits);
  const spans = new Map<string, readonly [from: number, to: number]>();
  const value = new Parser(text, limits.maxDepth ?? MAX_JSON_DEPTH, spans).document();
  // As many characters as octets: every one is ASCII, and positions are the same in both.
  const ascii = text.length === bytes.length;
  return {
    value,
    octetsOf(name) {
      const span = spans.get(name);
      if (span === undefined) return null;
      return ascii ? bytes.subarray(...span) : utf8(text.substring(...span));
    },
  };
}

function decode(bytes: Uint8Array, limits: JsonLimits): string {
  const maxBytes = limits.maxBytes ?? MAX_JSON_BYTES;
  if (bytes.length > maxBytes) {
    throw new VerifyError('JSON_TOO_LARGE', `got ${bytes.length} octets, at most ${maxBytes} are allowed`);
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new VerifyError('JSON_INVALID_UTF8', 'the octets are not valid UTF-8', { cause });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

// Sticky, so that one match from the current position decides; the grammar of RFC 8259 section 6.
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

// A lexeme without exponent and with fewer digits than this cannot reach 1.8e308.
const SURELY_FINITE_LENGTH = 300;

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

class Parser {
  private readonly text: string;
  private readonly maxDepth: number;
  /** Where the values of the outermost object's members stand; absent when nobody asks. */
  private readonly spans: Map<string, readonly [number, number]> | undefined;
  private at = 0;
  private depth = 0;

  constructor(text: string, maxDepth: number, spans?: Map<string, readonly [number, number]>) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.spans = spans;
  }

  document(): JsonValue {
    if (this.text.charCodeAt(0) === 0xfeff) this.fail('JSON_BYTE_ORDER_MARK', 'a byte-order mark is not allowed', 0);
    const value = this.value(this.skipSpace());
    this.skipSpace();
    if (this.at < this.text.length) this.malformed('the end of the document');
    return value;
  }

  /** `code` is the character at `this.at`; NaN at the end. */
  private value(code: number): JsonValue {
    switch (code) {
      case QUOTE:
        return this.string();
      case OPEN_OBJECT:
        return this.object();
      case OPEN_ARRAY:
        return this.array();
      case 0x74:
        return this.literal('true', true);
      case 0x66:
        return this.literal('false', false);
      case 0x6e:
        return this.literal('null', null);
      default:
        return this.number();
    }
  }

  private object(): JsonValue {
    this.enter();
    const members = new Map<string, JsonValue>();
    this.at++;
    let code = this.skipSpace();
    if (code === CLOSE_OBJECT) return this.leave(members);
    for (;;) {
      if (code !== QUOTE) this.malformed('a member name');
      const nameAt = this.at;
      const name = this.string();
      if (this.skipSpace() !== COLON) this.malformed('":"');
      this.at++;
      const first = this.skipSpace();
      const valueAt = this.at;
      const value = this.value(first);
      if (this.depth === 1) this.spans?.set(name, [valueAt, this.at]);
      // Compared after unescaping: "a" and "\u0061" are one name. The size of the Map grows unless the name was there.
      const before = members.size;
      members.set(name, value);
      if (members.size === before) {
        this.fail('JSON_DUPLICATE_KEY', 'an object has the same member name twice', nameAt);
      }
      code = this.skipSpace();
      if (code === CLOSE_OBJECT) return this.leave(members);
      if (code !== COMMA) this.malformed('"," or "}"');
      this.at++;
      code = this.skipSpace();
    }
  }

  private array(): JsonValue {
    this.enter();
    const elements: JsonValue[] = [];
    this.at++;
    let code = this.skipSpace();
    if (code === CLOSE_ARRAY) return this.leave(elements);
    for (;;) {
      elements.push(this.value(code));
      code = this.skipSpace();
      if (code === CLOSE_ARRAY) return this.leave(elements);
      if (code !== COMMA) this.malformed('"," or "]"');
      this.at++;
      code = this.skipSpace();
    }
  }

  private string(): string {
    const text = this.text;
    const open = this.at;
    let from = open + 1;
    let at = from;
    let result = '';
    let surrogateEscaped = false;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        result += text.substring(from, at);
        const escape = text.charCodeAt(at + 1);
        const short = SHORT_ESCAPES.get(escape);
        if (short !== undefined) {
          result += short;
          at += 2;
        } else {
          const unit = this.unicodeEscape(at, escape);
          if (unit >= 0xd800 && unit <= 0xdfff) surrogateEscaped = true;
          result += String.fromCharCode(unit);
          at += 6;
        }
        from = at;
      } else if (code >= 0x20) {
        at++;
      } else {
        // A control character, or NaN at the end of the text.
        this.at = at;
        this.malformed(at < text.length ? 'no unescaped control character in a text' : 'the end of a text');
      }
    }
    this.at = at + 1;
    if (from === open + 1) return text.substring(from, at);
    result += text.substring(from, at);
    // Raw surrogates are paired, since UTF-8 has no lone ones; only an escape can bring one in.
    if (surrogateEscaped && !result.isWellFormed()) {
      this.fail('JSON_LONE_SURROGATE', 'a text has a lone surrogate', open);
    }
    return result;
  }

  private unicodeEscape(at: number, escape: number): number {
    const digits = this.text.substring(at + 2, at + 6);
    if (escape !== 0x75 || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.at = at;
      this.malformed('a valid escape');
    }
    return Number.parseInt(digits, 16);
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.at;
    const lexeme = NUMBER.exec(this.text)?.[0];
    if (lexeme === undefined) return this.malformed('a value');
    if ((lexeme.length > SURELY_FINITE_LENGTH || /[eE]/.test(lexeme)) && !Number.isFinite(Number(lexeme))) {
      this.fail('JSON_NUMBER_RANGE', 'a number is beyond the range of an IEEE double', this.at);
    }
    this.at += lexeme.length;
    return new JsonNumber(lexeme);
  }

  private literal<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.malformed('a value');
    this.at += word.length;
    return value;
  }

  private enter(): void {
    this.depth++;
    if (this.depth > this.maxDepth) {
      this.fail('JSON_TOO_DEEP', `more than ${this.maxDepth} levels of nesting`, this.at);
    }
  }

  private leave<T extends JsonValue>(value: T): T {
    this.depth--;
    this.at++;
    return value;
  }

  /** Moves to the next character that is not white space and returns it. */
  private skipSpace(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.at++;
    }
  }

  private malformed(wanted: string): never {
    const where = this.at < this.text.length ? `character ${this.at}` : 'the end';
    throw new VerifyError('JSON_MALFORMED', `not JSON at ${where}: wanted ${wanted}`, { position: this.at });
  }

  private fail(code: VerifyErrorCode, what: string, position: number): never {
    throw new VerifyError(code, `${what} (at character ${position})`, { position });
  }
}
