// Vectors for digests and commitments: docs/spec/formats.md sections 2, 4 and 5. The records are invented.

import {
  canonicalJson,
  commitRecord,
  componentSalt,
  digestRecord,
  fieldLeafHashes,
  lexemeJson,
  parseJson,
  recordRef,
  rootFromLeaves,
  staticForm,
  toHex,
  utf8,
  versionSalt,
} from '@medanchor/verifier';
import { filled, type VectorCase, type VectorFile } from './vector-file.ts';

const FHIR = 'application/fhir+json';
export const IDENTITY = { source: 'clinic', recordId: 'Observation/k1', versionId: '1' };
export const OBSERVATION =
  '{"resourceType":"Observation","id":"k1","meta":{"versionId":"1","security":[{"system":"urn:labels","code":"R"}]},' +
  '"text":{"status":"generated","div":"<div>Potassium 4.10</div>"},"status":"final","code":{"text":"Potassium"},' +
  '"valueQuantity":{"value":4.10,"unit":"mmol/L"},"note":[{"text":"Fasting"}]}';

/** Pairs say what must stay and what must go. */
const STATIC: readonly [name: string, content: string][] = [
  ['meta and text of the root are dropped, code.text and note.text stay', OBSERVATION],
  [
    'contained resources too, data types not',
    '{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p","meta":{"source":"x"},"text":{"div":"y"},"name":[{"text":"Ada"}]}],"extension":[{"valueMeta":{"source":"stays"},"meta":"stays"}]}',
  ],
  [
    'entries of a bundle, and what they contain',
    '{"resourceType":"Bundle","meta":{},"type":"collection","entry":[{"fullUrl":"urn:1","resource":{"resourceType":"Basic","meta":{"tag":[]},"contained":[{"resourceType":"Basic","text":{"div":""},"id":"c"}]}}]}',
  ],
  [
    'parameters, parts included',
    '{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","resource":{"resourceType":"Basic","meta":{},"id":"x"}}]},{"name":"c","valueString":"text"}]}',
  ],
  [
    'entry of what is no bundle stays',
    '{"resourceType":"Basic","entry":[{"resource":{"resourceType":"Basic","meta":{"a":"stays"}}}]}',
  ],
  [
    'numbers: the static form reads them, the exact form keeps their digits',
    '{"resourceType":"Basic","v":[6.30,6.3,1e2,100,-0,0.000001,1E-7,123456789012345678901]}',
  ],
  [
    'keys sort by UTF-16 code units, arrays do not',
    '{"resourceType":"Basic","\u20ac":1,"\\r":2,"\ufb33":3,"1":4,"\\ud83d\\ude00":5,"a":["b","a"]}',
  ],
  ['no Unicode normalisation', '{"resourceType":"Basic","composed":"\u00e9","decomposed":"e\u0301"}'],
];

const REFUSED: readonly [name: string, expect: string, content: string, mediaType: string][] = [
  ['a name twice', 'JSON_DUPLICATE_KEY', '{"resourceType":"Basic","a":1,"a":2}', FHIR],
  ['a name twice, once escaped', 'JSON_DUPLICATE_KEY', '{"resourceType":"Basic","a":1,"\\u0061":2}', FHIR],
  ['a lone surrogate', 'JSON_LONE_SURROGATE', '{"resourceType":"Basic","a":"\\ud800"}', FHIR],
  ['a byte-order mark', 'JSON_BYTE_ORDER_MARK', '\ufeff{"resourceType":"Basic"}', FHIR],
  ['a comma too many', 'JSON_MALFORMED', '{"resourceType":"Basic",}', FHIR],
  ['a number with a leading zero', 'JSON_MALFORMED', '{"resourceType":"Basic","a":01}', FHIR],
  ['a number beyond a double', 'JSON_NUMBER_RANGE', '{"resourceType":"Basic","a":1e400}', FHIR],
  ['65 levels', 'JSON_TOO_DEEP', `{"resourceType":"Basic","a":${'['.repeat(64)}${']'.repeat(64)}}`, FHIR],
  ['no FHIR resource', 'FHIR_MALFORMED', '{"resourceType":7}', FHIR],
  ['another charset', 'MEDIA_TYPE_CHARSET', '{}', 'application/json; charset=latin1'],
];

export function digestVectors(): VectorFile {
  const good = (name: string, content: string, mediaType: string): VectorCase => {
    const {
      scheme,
      mediaType: normalised,
      components,
    } = digestRecord(utf8(content), mediaType, IDENTITY, { fields: true });
    const value = scheme === 'raw/1' ? null : parseJson(utf8(content));
    const form = value !== null && scheme === 'fhir-json-static/1' ? staticForm(value) : value;
    return {
      name,
      expect: 'ok',
      content,
      mediaType,
      scheme,
      normalisedMediaType: normalised,
      ...(form === null ? {} : { contentOctets: canonicalJson(form), contentExactOctets: lexemeJson(form) }),
      digests: Object.fromEntries(components.map((component) => [component.name, toHex(component.digest)])),
    };
  };
  return {
    format: 'medanchor-vectors/1',
    about:
      'digestRecord with fields (section 2), and the octets of content and contentExact as texts. digests are componentDigest of section 4; that of `fields` is not here, since it needs salts.',
    cases: [
      ...STATIC.map(([name, content]) => good(name, content, FHIR)),
      good(
        'application/json with a resourceType is FHIR',
        '{"id":"a","resourceType":"Basic","meta":{}}',
        'application/json; charset=UTF-8',
      ),
      good('other JSON keeps meta and text', '{"meta":{"a":1.0},"text":"stays"}', 'application/json'),
      good('anything else is raw', 'MSH|^~\\&|A|B\r', 'text/plain; charset=utf-8; format=flowed'),
      ...REFUSED.map(([name, expect, content, mediaType]) => ({ name, expect, content, mediaType })),
    ],
  };
}

export function commitmentVectors(): VectorFile {
  const one = (name: string, content: string, mediaType: string, key: number, versionId: string): VectorCase => {
    const recordKey = filled(key);
    const identity = { ...IDENTITY, versionId };
    const digest = digestRecord(utf8(content), mediaType, identity, { fields: true });
    const { commitment, components } = commitRecord(digest, recordKey, versionId);
    const salt = versionSalt(recordKey, versionId);
    const leaves = digest.fields === undefined ? [] : fieldLeafHashes(digest.fields, salt);
    return {
      name,
      expect: 'ok',
      recordKey: toHex(recordKey),
      identity,
      mediaType,
      content,
      recordRef: toHex(recordRef(recordKey)),
      versionSalt: toHex(salt),
      scheme: digest.scheme,
      components: components.map((component) => ({
        name: component.name,
        salt: toHex(componentSalt(salt, component.name)),
        commitment: toHex(component.commitment),
      })),
      ...(digest.fields === undefined
        ? {}
        : {
            fields: digest.fields.map(({ path, value }) => ({ path, value })),
            fieldsRoot: toHex(rootFromLeaves(leaves)),
          }),
      commitment: toHex(commitment),
    };
  };
  return {
    format: 'medanchor-vectors/1',
    about: 'Commitments and fields (sections 4 and 5), from a fixed record key. Everything is hex but the texts.',
    cases: [
      one('an observation with narrative and label', OBSERVATION, FHIR, 7, '1'),
      one('the same content in another version', OBSERVATION, FHIR, 7, '2'),
      one('the same content in another record', OBSERVATION, FHIR, 8, '1'),
      one(
        'empty object and array are leaves',
        '{"resourceType":"Basic","a":{},"b":[],"c":[null,true,6.30,"x~/y"],"d/e":{"f~g":1}}',
        FHIR,
        7,
        '1',
      ),
      one('JSON that is no FHIR', '{"b":1.0,"a":"\\u00e9"}', 'application/json', 7, '1'),
      one('raw', 'MSH|^~\\&|A|B\r', 'text/plain', 7, '1'),
    ],
  };
}
