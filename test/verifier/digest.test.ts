// From octets to components: media types, identities, and what of a FHIR document is clinical content and what is not.

import { describe, expect, test } from '@jest/globals';
import {
  assertIdentity,
  canonicalJson,
  componentDigest,
  digestRecord,
  normaliseMediaType,
  parseIdentity,
  parseJson,
  staticForm,
  toHex,
  toJsonValue,
  utf8,
  type ComponentName,
  type RecordDigest,
  type RecordIdentity,
} from '@medanchor/verifier';
import { codeOf } from './support.ts';

const FHIR = 'application/fhir+json';
const identity: RecordIdentity = { source: 'ehr-1', recordId: 'Observation/1', versionId: '1' };

const digest = (content: string, mediaType = FHIR): RecordDigest => digestRecord(utf8(content), mediaType, identity);

function part(record: RecordDigest, name: ComponentName): string | undefined {
  const component = record.components.find((candidate) => candidate.name === name);
  return component && toHex(component.digest);
}

const of = (name: ComponentName, text: string): string => toHex(componentDigest(name, 'application/json', utf8(text)));

describe('media types', () => {
  test.each([
    ['application/fhir+json', 'application/fhir+json'],
    ['Application/FHIR+JSON; charset=UTF-8', 'application/fhir+json'],
    ['application/json;charset="utf-8"; fhirVersion=4.0', 'application/json'],
    ['text/plain; charset=utf8', 'text/plain'],
    ['text/plain ;\tCharset=ISO-8859-1;format=flowed', 'text/plain; charset=iso-8859-1'],
    ['text/plain; charset="us\\-ascii"', 'text/plain; charset=us-ascii'],
    ['text/plain; format="a;b\\"=c"; charset=latin1 ', 'text/plain; charset=latin1'],
    ['application/dicom;', 'application/dicom'],
    ['image/jpeg', 'image/jpeg'],
  ])('%s', (given, wanted) => {
    expect(normaliseMediaType(given)).toBe(wanted);
    expect(normaliseMediaType(wanted)).toBe(wanted);
  });

  test.each([
    '',
    'text',
    'text/',
    '/plain',
    'text/plain charset=utf-8',
    'text/plain; charset',
    'text/plain; charset="utf-8',
    'text/plain; charset=a; charset=a',
    'text/plain; charset=""',
    'text/plain; charset="a b"',
    'te xt/plain',
    'text/plain, text/html',
    `text/${'x'.repeat(255)}`,
    'text/plain; charset=utf-8\n; x',
    'text/plain\n',
  ])('refused: %j', (given) => {
    expect(codeOf(() => normaliseMediaType(given))).toBe('MEDIA_TYPE_MALFORMED');
  });

  test.each([
    ['application/fhir+json', '{"resourceType":"Patient"}', 'fhir-json-static/1'],
    ['application/json+fhir', '{"resourceType":"Patient"}', 'fhir-json-static/1'],
    ['application/json', '{"resourceType":"Patient"}', 'fhir-json-static/1'],
    ['application/json', '{"resourceType":7}', 'json/1'],
    ['application/json', '[]', 'json/1'],
    ['application/vnd.x+json', '{"resourceType":"Patient"}', 'json/1'],
    ['application/jsonx', '{', 'raw/1'],
    ['application/pdf', '%PDF', 'raw/1'],
    ['text/plain; charset=latin1', '{}', 'raw/1'],
  ])('%s %s is %s', (mediaType, content, scheme) => {
    expect(digest(content, mediaType).scheme).toBe(scheme);
  });

  test('JSON in another charset, and FHIR that is no resource, are refused', () => {
    expect(codeOf(() => digest('{}', 'application/json; charset=latin1'))).toBe('MEDIA_TYPE_CHARSET');
    expect(codeOf(() => digest('[]', FHIR))).toBe('FHIR_MALFORMED');
    expect(codeOf(() => digest('{"resourceType":null}', FHIR))).toBe('FHIR_MALFORMED');
    expect(codeOf(() => digest('{"a":1,"a":1}', FHIR))).toBe('JSON_DUPLICATE_KEY');
  });
});

describe('identity', () => {
  test('is the canonical JSON of source, record and version', () => {
    const wanted = of('identity', '{"recordId":"Observation/1","source":"ehr-1","versionId":"1"}');
    expect(part(digest('x', 'text/plain'), 'identity')).toBe(wanted);
  });

  test.each([
    { ...identity, source: '' },
    { ...identity, source: 'EHR' },
    { ...identity, source: '-ehr' },
    { ...identity, source: 'ehr\n' },
    { ...identity, source: 'x'.repeat(65) },
    { ...identity, recordId: '' },
    { ...identity, recordId: 'a\u0000' },
    { ...identity, recordId: 'a\u0085' },
    { ...identity, versionId: '\ud800' },
    { ...identity, versionId: 'x'.repeat(257) },
    { ...identity, versionId: '😀'.repeat(257) },
    { source: '', recordId: '', versionId: '' },
  ])('refused: %j', (given) => {
    expect(codeOf(() => assertIdentity(given))).toBe('IDENTITY_MALFORMED');
    expect(codeOf(() => digestRecord(null, '', given))).toBe('IDENTITY_MALFORMED');
  });

  test('256 characters are 256 characters in any script', () => {
    expect(assertIdentity({ ...identity, recordId: '😀'.repeat(256) }).recordId).toHaveLength(512);
    expect(parseIdentity(toJsonValue({ ...identity }))).toEqual(identity);
    expect(codeOf(() => parseIdentity(toJsonValue({ ...identity, more: 'x' })))).toBe('IDENTITY_MALFORMED');
  });

  test('the message never quotes an identifier', () => {
    expect(() => assertIdentity({ ...identity, recordId: 'Patient/secret\u0000' })).toThrow(/^recordId must have/);
  });
});

describe('static form', () => {
  const rows: [string, string, string][] = [
    [
      'meta and text of the root go',
      '{"resourceType":"X","meta":{"a":1},"text":{"b":2},"id":"7"}',
      '{"id":"7","resourceType":"X"}',
    ],
    [
      'code.text, note.text, dosageInstruction.text, section.text and meta of elements stay',
      '{"resourceType":"X","code":{"text":"a"},"note":[{"text":"b"}],"dosageInstruction":[{"text":"c"}],"section":[{"text":{"div":"d"},"meta":1}]}',
      '{"code":{"text":"a"},"dosageInstruction":[{"text":"c"}],"note":[{"text":"b"}],"resourceType":"X","section":[{"meta":1,"text":{"div":"d"}}]}',
    ],
    [
      'contained resources lose theirs, at every level',
      '{"resourceType":"X","contained":[{"id":"a","text":1,"contained":[{"id":"b","meta":2}]},"odd",7]}',
      '{"contained":[{"contained":[{"id":"b"}],"id":"a"},"odd",7],"resourceType":"X"}',
    ],
    [
      'resources of a Bundle lose theirs, its entries do not',
      '{"resourceType":"Bundle","meta":1,"entry":[{"text":"kept","meta":"kept","resource":{"resourceType":"Y","text":1}},{"fullUrl":"u"},null,{"resource":7}]}',
      '{"entry":[{"meta":"kept","resource":{"resourceType":"Y"},"text":"kept"},{"fullUrl":"u"},null,{"resource":7}],"resourceType":"Bundle"}',
    ],
    [
      'resources of Parameters lose theirs, in parts too',
      '{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"text":1,"id":"1"},"part":[{"name":"b","text":"kept","resource":{"meta":1,"id":"2"},"part":[{"resource":{"text":1,"id":"3"}}]}]},5]}',
      '{"parameter":[{"name":"a","part":[{"name":"b","part":[{"resource":{"id":"3"}}],"resource":{"id":"2"},"text":"kept"}],"resource":{"id":"1"}},5],"resourceType":"Parameters"}',
    ],
    [
      'a Bundle inside Parameters inside a Bundle',
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Parameters","parameter":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"text":1,"id":"x"},"part":[{"resource":{"text":"kept"}}]}]}}]}}]}',
      '{"entry":[{"resource":{"parameter":[{"resource":{"entry":[{"part":[{"resource":{"text":"kept"}}],"resource":{"id":"x"}}],"resourceType":"Bundle"}}],"resourceType":"Parameters"}}],"resourceType":"Bundle"}',
    ],
    [
      'entry and parameter of other types are not followed',
      '{"resourceType":"List","entry":[{"resource":{"text":"kept"}}],"parameter":[{"resource":{"meta":"kept"}}]}',
      '{"entry":[{"resource":{"text":"kept"}}],"parameter":[{"resource":{"meta":"kept"}}],"resourceType":"List"}',
    ],
    [
      'contained, entry and parameter that are no arrays stay as they are',
      '{"resourceType":"Bundle","contained":{"text":1},"entry":{"resource":{"text":1}}}',
      '{"contained":{"text":1},"entry":{"resource":{"text":1}},"resourceType":"Bundle"}',
    ],
    ['a scalar is its own static form', '"text"', '"text"'],
  ];

  test.each(rows)('%s', (_, given, wanted) => {
    expect(canonicalJson(staticForm(parseJson(utf8(given))))).toBe(wanted);
  });

  test('the document that was given is left as it was', () => {
    const value = parseJson(utf8(rows[2]?.[1] as string));
    const before = canonicalJson(value);
    staticForm(value);
    expect(canonicalJson(value)).toBe(before);
  });
});

describe('what changes which component', () => {
  const base =
    '{"resourceType":"Observation","id":"1","meta":{"versionId":"1","security":[{"system":"s","code":"R"}]},"text":{"div":"<p>a</p>"},"code":{"text":"glucose"},"valueQuantity":{"value":6.30}}';
  const changed = (content: string): ComponentName[] => {
    const [a, b] = [digest(base), digest(content)];
    return (['raw', 'content', 'contentExact', 'narrative', 'labels'] as const).filter(
      (n) => part(a, n) !== part(b, n),
    );
  };

  test.each<[string, string, ComponentName[]]>([
    ['nothing', base, []],
    ['white space', base.replaceAll(',', ', '), ['raw']],
    [
      'order of members',
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(base) as object).toReversed())).replace(
        '6.3',
        '6.30',
      ),
      ['raw'],
    ],
    ['6.30 to 6.3', base.replace('6.30', '6.3'), ['raw', 'contentExact']],
    ['6.30 to 6.31', base.replace('6.30', '6.31'), ['raw', 'content', 'contentExact']],
    ['meta.versionId', base.replace('"versionId":"1"', '"versionId":"2"'), ['raw']],
    ['the narrative', base.replace('<p>a</p>', '<p>b</p>'), ['raw', 'narrative']],
    ['the narrative is gone', base.replace('"text":{"div":"<p>a</p>"},', ''), ['raw', 'narrative']],
    ['a label', base.replace('"R"', '"N"'), ['raw', 'labels']],
    ['the label is gone', base.replace('"security":[{"system":"s","code":"R"}]', '"security":[]'), ['raw', 'labels']],
    ['code.text', base.replace('glucose', 'Glucose'), ['raw', 'content', 'contentExact']],
    ['a number in an array', base.replace('6.30', '[6.30]'), ['raw', 'content', 'contentExact']],
    ['the id', base.replace('"id":"1"', '"id":"2"'), ['raw', 'content', 'contentExact', 'narrative']],
  ])('%s', (_, content, wanted) => {
    expect(changed(content)).toEqual(wanted);
  });

  test('the media type is part of raw, and of nothing else', () => {
    const other = digest(base, 'application/json');
    expect(part(other, 'raw')).not.toBe(part(digest(base), 'raw'));
    expect(part(other, 'contentExact')).toBe(part(digest(base), 'contentExact'));
  });

  test('composed and decomposed Unicode differ: nothing is normalised', () => {
    expect(changed(base.replace('glucose', 'é'))).not.toEqual([]);
    expect(part(digest(base.replace('glucose', 'é')), 'content')).not.toBe(
      part(digest(base.replace('glucose', 'e\u0301')), 'content'),
    );
  });
});

describe('octets of the components', () => {
  test('narrative and labels of a Bundle, in document order', () => {
    const record = digest(
      '{"resourceType":"Bundle","text":"n0","entry":[{"resource":{"text":{"v":1.50},"meta":{"security":["x"]},"contained":["odd",{"id":"c","text":null}]}},{"resource":{"meta":{"security":[]}}},{"resource":{"id":"d","text":"n2","meta":{"security":"odd"}}},null]}',
    );
    expect(part(record, 'narrative')).toBe(
      of(
        'narrative',
        '[{"resource":"","text":"n0"},{"resource":"/entry/0/resource","text":{"v":1.50}},{"id":"c","resource":"/entry/0/resource/contained/1","text":null},{"id":"d","resource":"/entry/2/resource","text":"n2"}]',
      ),
    );
    expect(part(record, 'labels')).toBe(
      of(
        'labels',
        '[{"resource":"/entry/0/resource","security":["x"]},{"resource":"/entry/2/resource","security":"odd"}]',
      ),
    );
  });

  test('in Parameters, parts come before the resource', () => {
    const record = digest(
      '{"resourceType":"Parameters","parameter":[7,{"resource":{"text":"b"},"part":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"text":"a"},"part":[{"resource":{"text":"no"}}]}]}}]}]}',
    );
    expect(part(record, 'narrative')).toBe(
      of(
        'narrative',
        '[{"resource":"/parameter/1/part/0/resource/entry/0/resource","text":"a"},{"resource":"/parameter/1/resource","text":"b"}]',
      ),
    );
  });

  test('labels are sorted by system, then code, then their whole form; absent first', () => {
    const label = (security: string): string => `{"resourceType":"X","meta":{"security":[${security}]}}`;
    const sorted = [
      '"x"',
      '"y"',
      '{"display":"d"}',
      '{"display":"e"}',
      '{"code":"a"}',
      '{"code":7,"system":"s"}',
      '{"code":"A","system":"s"}',
      '{"code":"a","display":"1","system":"s"}',
      '{"code":"a","system":"s"}',
      '{"system":"t"}',
    ];
    const wanted = of('labels', `[{"resource":"","security":[${sorted.join()}]}]`);
    for (const order of [sorted, sorted.toReversed(), [...sorted.slice(3), ...sorted.slice(0, 3)]]) {
      expect(part(digest(label(order.join())), 'labels')).toBe(wanted);
    }
  });

  test('components that a document does not have are left out', () => {
    expect(digest('{"resourceType":"X"}').components.map(({ name }) => name)).toEqual([
      'identity',
      'raw',
      'content',
      'contentExact',
    ]);
    expect(digest('{"text":1,"meta":{"security":[1]}}', 'application/json').components).toHaveLength(4);
    expect(digest('x', 'text/plain').components).toHaveLength(2);
    expect(digestRecord(null, 'ignored', identity)).toEqual({
      scheme: 'identity/1',
      mediaType: '',
      components: [{ name: 'identity', digest: expect.any(Uint8Array) }],
    });
  });

  test('json/1 keeps meta and text', () => {
    expect(part(digest('{"text":1,"meta":2}', 'application/json'), 'content')).toBe(
      of('content', '{"meta":2,"text":1}'),
    );
  });

  test('a scheme can be asked for, whatever the media type', () => {
    const given = digestRecord(utf8('{"resourceType":"X","text":1}'), 'text/plain', identity, {
      scheme: 'fhir-json-static/1',
    });
    expect(given.components.map(({ name }) => name)).toEqual([
      'identity',
      'raw',
      'content',
      'contentExact',
      'narrative',
    ]);
    const raw = digestRecord(utf8('{"broken"'), FHIR, identity, { scheme: 'raw/1' });
    expect(raw.components.map(({ name }) => name)).toEqual(['identity', 'raw']);
    expect(codeOf(() => digestRecord(utf8('[]'), 'text/plain', identity, { scheme: 'fhir-json-static/1' }))).toBe(
      'FHIR_MALFORMED',
    );
  });

  test('many odd media types do not change any digest', () => {
    const type = (i: number): string => `application/x-${i}`;
    const first = part(digest('x', type(0)), 'raw');
    for (let i = 1; i < 400; i++) digest('x', type(i));
    expect(part(digest('x', type(0)), 'raw')).toBe(first);
    expect(part(digest('x', type(399)), 'raw')).toBe(toHex(componentDigest('raw', type(399), utf8('x'))));
  });
});
