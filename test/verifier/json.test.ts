// Strict I-JSON in, canonical JSON out.

import { describe, expect, test } from '@jest/globals';
import {
  canonicalJson,
  canonicalObject,
  InvariantError,
  isJsonObject,
  JsonNumber,
  lexemeJson,
  parseJson,
  toJsonValue,
  utf8,
  type JsonValue,
  type PlainJson,
  type VerifyErrorCode,
} from '@medanchor/verifier';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { codeOf, errorOf } from './support.ts';

const parse = (text: string): JsonValue => parseJson(utf8(text));
const canonical = (text: string): string => canonicalJson(parse(text));

describe('refused', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const rows: [string, string, VerifyErrorCode][] = [
    ['nothing', '', 'JSON_MALFORMED'],
    ['white space only', ' \n', 'JSON_MALFORMED'],
    ['two documents', '{} {}', 'JSON_MALFORMED'],
    ['trailing comma in an array', '[1,]', 'JSON_MALFORMED'],
    ['trailing comma in an object', '{"a":1,}', 'JSON_MALFORMED'],
    ['leading comma', '[,1]', 'JSON_MALFORMED'],
    ['missing comma', '[1 2]', 'JSON_MALFORMED'],
    ['missing comma between members', '{"a":1 "b":2}', 'JSON_MALFORMED'],
    ['missing colon', '{"a" 1}', 'JSON_MALFORMED'],
    ['missing value', '{"a":}', 'JSON_MALFORMED'],
    ['name without quotes', '{a:1}', 'JSON_MALFORMED'],
    ['name in single quotes', "{'a':1}", 'JSON_MALFORMED'],
    ['number as name', '{1:1}', 'JSON_MALFORMED'],
    ['array not closed', '[1', 'JSON_MALFORMED'],
    ['object not closed', '{"a":1', 'JSON_MALFORMED'],
    ['object not begun right', '{', 'JSON_MALFORMED'],
    ['text not closed', '"abc', 'JSON_MALFORMED'],
    ['text ending in a backslash', '"abc\\', 'JSON_MALFORMED'],
    ['raw newline in a text', '"a\nb"', 'JSON_MALFORMED'],
    ['raw NUL in a text', '"a\u0000b"', 'JSON_MALFORMED'],
    ['raw U+001F in a text', '"\u001f"', 'JSON_MALFORMED'],
    ['unknown escape', '"\\x41"', 'JSON_MALFORMED'],
    ['escape with a capital U', '"\\U0041"', 'JSON_MALFORMED'],
    ['escape of three digits', '"\\u041"', 'JSON_MALFORMED'],
    ['escape with a sign', '"\\u+041"', 'JSON_MALFORMED'],
    ['comment', '[1/*x*/]', 'JSON_MALFORMED'],
    ['leading zero', '[007]', 'JSON_MALFORMED'],
    ['leading plus', '[+1]', 'JSON_MALFORMED'],
    ['leading point', '[.5]', 'JSON_MALFORMED'],
    ['trailing point', '[1.]', 'JSON_MALFORMED'],
    ['minus alone', '[-]', 'JSON_MALFORMED'],
    ['exponent without digits', '[1e]', 'JSON_MALFORMED'],
    ['hexadecimal', '[0x10]', 'JSON_MALFORMED'],
    ['NaN', '[NaN]', 'JSON_MALFORMED'],
    ['Infinity', '[Infinity]', 'JSON_MALFORMED'],
    ['capital True', 'True', 'JSON_MALFORMED'],
    ['cut literals', '[tru]', 'JSON_MALFORMED'],
    ['cut null', 'nul', 'JSON_MALFORMED'],
    ['cut false', 'fals', 'JSON_MALFORMED'],
    ['literal with a tail', 'nullx', 'JSON_MALFORMED'],
    ['no-break space', '[\u00a01]', 'JSON_MALFORMED'],
    ['byte-order mark', '\ufeff{}', 'JSON_BYTE_ORDER_MARK'],
    ['byte-order mark alone', '\ufeff', 'JSON_BYTE_ORDER_MARK'],
    ['duplicate name', '{"status":"cancelled","status":"final"}', 'JSON_DUPLICATE_KEY'],
    ['duplicate name with equal values', '{"a":1,"a":1}', 'JSON_DUPLICATE_KEY'],
    ['duplicate name after unescaping', '{"a":1,"\\u0061":2}', 'JSON_DUPLICATE_KEY'],
    ['duplicate __proto__', '{"__proto__":1,"__proto__":2}', 'JSON_DUPLICATE_KEY'],
    ['duplicate empty name', '{"":1,"":2}', 'JSON_DUPLICATE_KEY'],
    ['duplicate deep inside', '[{"x":{"a":1,"b":2,"a":3}}]', 'JSON_DUPLICATE_KEY'],
    ['lone high surrogate', '"\\ud83d"', 'JSON_LONE_SURROGATE'],
    ['lone low surrogate', '"\\ude00"', 'JSON_LONE_SURROGATE'],
    ['surrogates in the wrong order', '"\\ude00\\ud83d"', 'JSON_LONE_SURROGATE'],
    ['high surrogate before a raw pair', '"\\ud83d😀"', 'JSON_LONE_SURROGATE'],
    ['lone surrogate in a name', '{"\\udfff":1}', 'JSON_LONE_SURROGATE'],
    ['65 levels of arrays', nested(65), 'JSON_TOO_DEEP'],
    ['100,000 levels', nested(100_000), 'JSON_TOO_DEEP'],
    ['65 levels of objects', '{"a":'.repeat(65) + '1' + '}'.repeat(65), 'JSON_TOO_DEEP'],
    ['1e309', '1e309', 'JSON_NUMBER_RANGE'],
    ['-1E400', '[-1E400]', 'JSON_NUMBER_RANGE'],
    ['310 digits', '9'.repeat(310), 'JSON_NUMBER_RANGE'],
  ];

  test.each(rows)('%s', (_, text, code) => {
    expect(codeOf(() => parse(text))).toBe(code);
  });

  test.each([
    ['a lone continuation octet', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
  ])('not UTF-8: %s', (_, octets) => {
    expect(codeOf(() => parseJson(Uint8Array.from(octets)))).toBe('JSON_INVALID_UTF8');
  });

  test('limits', () => {
    expect(codeOf(() => parseJson(new Uint8Array(16 * 1024 * 1024 + 1)))).toBe('JSON_TOO_LARGE');
    expect(codeOf(() => parseJson(utf8('[1,2]'), { maxBytes: 4 }))).toBe('JSON_TOO_LARGE');
    expect(codeOf(() => parseJson(utf8('[[]]'), { maxDepth: 1 }))).toBe('JSON_TOO_DEEP');
    expect(canonical(nested(64))).toBe(nested(64));
    expect(canonical(`[${nested(63)},${nested(63)}]`)).toBe(`[${nested(63)},${nested(63)}]`);
  });

  test('the error says where, and never what', () => {
    const error = errorOf(() => parse('{"diagnosis":"secret","diagnosis":"x"}'));
    expect(error.position).toBe(22);
    expect(error.message).toBe('an object has the same member name twice (at character 22)');
    expect(errorOf(() => parse('{"secret":secret}')).message).toBe('not JSON at character 10: wanted a value');
    expect(errorOf(() => parse('["secret"')).message).toBe('not JSON at the end: wanted "," or "]"');
  });
});

describe('accepted', () => {
  test('every JSON value, with white space', () => {
    expect(canonical(' \t\r\n[ true , false,null ,"", {} , [ ] , -0.5e+3 ] ')).toBe('[true,false,null,"",{},[],-500]');
  });

  test('every escape', () => {
    expect(parse('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00x"')).toBe('"\\/\b\f\n\r\t\u00e9😀x');
    expect(parse('"\\ud83d\\ude00"')).toBe('😀');
  });

  test('numbers keep their lexeme', () => {
    expect(parse('6.30')).toEqual(new JsonNumber('6.30'));
    expect(lexemeJson(parse('[6.30,1E+2,-0,100000000000000000001]'))).toBe('[6.30,1E+2,-0,100000000000000000001]');
    expect(parse('9'.repeat(308))).toEqual(new JsonNumber('9'.repeat(308)));
    expect(parse('0.' + '1'.repeat(400))).toEqual(new JsonNumber('0.' + '1'.repeat(400)));
  });

  test('__proto__ is a name like any other', () => {
    const value = parse('{"__proto__":{"a":1},"constructor":2}');
    expect(isJsonObject(value) && [...value.keys()]).toEqual(['__proto__', 'constructor']);
    expect(canonical('{"constructor":2,"__proto__":{"a":1}}')).toBe('{"__proto__":{"a":1},"constructor":2}');
  });
});

describe('RFC 8785', () => {
  test('the number examples of its appendix B', () => {
    for (const [lexeme, printed] of [
      ['-0', '0'],
      ['1.0', '1'],
      ['1e21', '1e+21'],
      ['1e20', '100000000000000000000'],
      ['1e-7', '1e-7'],
      ['1e-6', '0.000001'],
      ['333333333.33333329', '333333333.3333333'],
      ['9007199254740993', '9007199254740992'],
      ['5e-324', '5e-324'],
      ['1.7976931348623157e308', '1.7976931348623157e+308'],
      ['6.30', '6.3'],
      ['1e-400', '0'],
    ] as const) {
      expect(canonical(lexeme)).toBe(printed);
    }
  });

  test('names are sorted by UTF-16 code units', () => {
    expect(canonical('{"\\ufb33":1,"\\ud83d\\ude00":2,"\\u20ac":3,"\\r":4,"1":5,"\\u0080":6,"\\u00f6":7}')).toBe(
      '{"\\r":4,"1":5,"\u0080":6,"ö":7,"€":3,"😀":2,"\ufb33":1}',
    );
    expect(canonical('{"10":1,"9":2,"a":3,"B":4}')).toBe('{"10":1,"9":2,"B":4,"a":3}');
  });

  test('only what must be escaped is escaped', () => {
    expect(canonical('"\\u0000\\u001f\\u007f\\u2028\\/\\"\\\\"')).toBe('"\\u0000\\u001f\u007f\u2028/\\"\\\\"');
  });

  test('any JSON value: the same text as the canonicalize package, and stable', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        fc.pre(text.isWellFormed() && !/\\ud[89a-f]/.test(text));
        const ours = canonical(text);
        expect(ours).toBe(canonicalize(JSON.parse(text)));
        expect(canonical(ours)).toBe(ours);
        expect(canonical(lexemeJson(parse(text)))).toBe(ours);
      }),
      { numRuns: 500 },
    );
  });

  test('any double: printed as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(canonical(JSON.stringify(value))).toBe(canonicalize(value));
      }),
    );
  });

  test('any text: accepted exactly when JSON.parse accepts it, but for our own stricter rules', () => {
    const stricter = ['JSON_DUPLICATE_KEY', 'JSON_LONE_SURROGATE', 'JSON_TOO_DEEP', 'JSON_NUMBER_RANGE'];
    const characters = fc.constantFrom(...'{}[]",:\\u0aebtrfnl1.-+eE \n', '"a"', '"b":', 'true', 'null', '\\ud800');
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let theirs: unknown;
        try {
          theirs = JSON.parse(text);
        } catch {
          expect(stricter.concat('JSON_MALFORMED')).toContain(codeOf(() => parse(text)));
          return;
        }
        let ours: string;
        try {
          ours = canonical(text);
        } catch (error) {
          expect(stricter).toContain((error as { code: string }).code);
          return;
        }
        expect(ours).toBe(canonicalize(theirs));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('our own objects', () => {
  test('strings, null, arrays and objects', () => {
    expect(canonicalObject({ b: ['x', null], a: { z: '', y: 'é' } })).toBe('{"a":{"y":"é","z":""},"b":["x",null]}');
  });

  test('anything else is our bug', () => {
    expect(() => toJsonValue(1 as unknown as PlainJson)).toThrow(InvariantError);
    expect(() => toJsonValue(undefined as unknown as PlainJson)).toThrow(InvariantError);
    expect(() => toJsonValue([true as unknown as PlainJson])).toThrow(InvariantError);
  });

  test('a lone surrogate is refused, in a value and in a name', () => {
    expect(codeOf(() => toJsonValue('\ud800'))).toBe('JSON_LONE_SURROGATE');
    expect(codeOf(() => toJsonValue({ '\udc00': null }))).toBe('JSON_LONE_SURROGATE');
  });
});
