// parseJsonDocument: one member's value as it was sent, octet for octet. A value that was printed again would have another digest.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromUtf8, parseJsonDocument, utf8 } from '@medanchor/verifier';

function cut(text: string, name: string): string | null {
  const octets = parseJsonDocument(utf8(text)).octetsOf(name);
  return octets === null ? null : fromUtf8(octets);
}

describe('the value is cut out as it stands', () => {
  test.each([
    ['a number keeps its digits', '{"content":6.30}', '6.30'],
    ['a number before another member', '{"content":1e2,"a":1}', '1e2'],
    ['a number before white space', '{"content":-0 \r\n}', '-0'],
    ['a number before a tab', '{"content":7\t,"a":1}', '7'],
    ['true', '{"content":true}', 'true'],
    ['null', '{ "content" : null , "a":1}', 'null'],
    ['a text', '{"content":"a b"}', '"a b"'],
    ['a text with escapes', String.raw`{"content":"\"}\\","a":1}`, String.raw`"\"}\\"`],
    ['an object keeps its order and white space', '{"content":{ "b" : 1, "a" : [ ] }\n}', '{ "b" : 1, "a" : [ ] }'],
    ['an empty object', '{"content":{}}', '{}'],
    ['a list in lists', '{"content":[[1],[2,[3]]],"a":1}', '[[1],[2,[3]]]'],
    ['brackets inside a text do not count', '{"content":{"a":"}]"},"b":"}"}', '{"a":"}]"}'],
    ['an escaped quote inside a nested text', String.raw`{"content":["\"]"]}`, String.raw`["\"]"]`],
    ['after members of every kind', '{"a":"content","b":{"content":1},"c":[{"content":2}],"d":3,"content":4}', '4'],
    ['a name that is written with escapes', String.raw`{"\u0063ontent":5}`, '5'],
    ['white space around everything', ' \t\r\n{ \t\r\n"a"\n:\n1\n,\n"content"\t:\t[1 ]\n}', '[1 ]'],
    ['outside the BMP', '{"content":"😀","a":1}', '"😀"'],
  ])('%s', (_, text, value) => {
    expect(cut(text, 'content')).toBe(value);
  });
});

test.each([
  ['no member at all', '{}'],
  ['no member of this name', '{"a":1,"b":2}'],
  ['the name stands only inside', '{"a":{"content":1}}'],
  ['the name stands only in a value', '{"a":"content"}'],
])('%s: null', (_, text) => {
  expect(cut(text, 'content')).toBeNull();
});

test.each([
  ['a text', '"content"'],
  ['a list of objects', '[{"content":1}]'],
])('a document that is %s has no members', (_, text) => {
  expect(cut(text, 'content')).toBeNull();
});

test('what parseJson refuses is refused', () => {
  expect(() => cut('{"content":1', 'content')).toThrow('not JSON at the end');
  expect(() => cut('{"content":1,"content":2}', 'content')).toThrow('the same member name twice');
});

test('for every object and every way to indent it, the cut text is that of the member', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string(), fc.jsonValue()), { selector: ([name]) => name, minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.constantFrom('', ' ', '\t', '  '),
      (members, chosen, indent) => {
        const texts = members.map(
          ([name, value]) => [JSON.stringify(name), JSON.stringify(value, null, indent)] as const,
        );
        const text = `{${indent}${texts.map(([name, value]) => `${name}${indent}:${indent}${value}${indent}`).join(',')}}`;
        const position = chosen % members.length;
        expect(cut(text, members[position]?.[0] ?? '')).toBe(texts[position]?.[1]);
      },
    ),
    { numRuns: 500, seed: 2026 },
  );
});
