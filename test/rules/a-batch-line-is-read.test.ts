// readEnvelope and readFhirLine: one line of a batch becomes one delivery, or one refusal that names the member.

import { describe, expect, test } from '@jest/globals';
import { parseJson, utf8 } from '@medanchor/verifier';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';
import { readEnvelope, readFhirLine, type FhirLineDefaults } from '../../api/src/records/batch-line.rules.ts';

const NAMES = '"source":"ehr","recordId":"Patient/1"';

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'line-malformed') return error.message;
    throw error;
  }
  throw new Error('the line was accepted');
}

describe('an envelope', () => {
  test('with all members', () => {
    const line =
      `{${NAMES},"versionId":"2","activity":"import","fields":"off","subject":"Patient/9","mediaType":"application/json",` +
      '"content":{ "b": 6.30 }}';
    expect(readEnvelope(utf8(line))).toEqual({
      source: 'ehr',
      recordId: 'Patient/1',
      versionId: '2',
      activity: 'import',
      fields: false,
      subject: 'Patient/9',
      mediaType: 'application/json',
      content: utf8('{ "b": 6.30 }'),
      value: parseJson(utf8('{"b":6.30}')),
    });
  });

  test('with what it must have only: inline content is a FHIR resource', () => {
    expect(readEnvelope(utf8(`{${NAMES},"content":{}}`))).toEqual({
      source: 'ehr',
      recordId: 'Patient/1',
      versionId: null,
      activity: null,
      fields: null,
      subject: null,
      mediaType: 'application/fhir+json',
      content: utf8('{}'),
      value: parseJson(utf8('{}')),
    });
  });

  test('without content is for a delete; its media type is not guessed', () => {
    const read = readEnvelope(utf8(`{${NAMES},"activity":"delete","fields":"on"}`));
    expect(read).toMatchObject({ activity: 'delete', fields: true, mediaType: '', content: null });
  });

  test('with base64 carries any octets, and their media type is not guessed either', () => {
    expect(readEnvelope(utf8(`{${NAMES},"contentBase64":"AP8="}`))).toMatchObject({
      mediaType: '',
      content: Uint8Array.of(0x00, 0xff),
    });
    expect(readEnvelope(utf8(`{${NAMES},"contentBase64":"","mediaType":"text/plain"}`))).toMatchObject({
      mediaType: 'text/plain',
      content: new Uint8Array(0),
    });
  });

  test.each([
    ['null', 'null'],
    ['a text', '"x"'],
    ['a number with all its digits', '1.10'],
    ['an empty list', '[]'],
  ])('inline content may be %s', (_, value) => {
    expect(readEnvelope(utf8(`{${NAMES},"content":${value}}`)).content).toEqual(utf8(value));
  });

  test.each([
    ['both kinds of content', `{${NAMES},"content":{},"contentBase64":""}`, 'only one of them is allowed'],
    ['base64 that has two spellings', `{${NAMES},"contentBase64":"AP9="}`, 'contentBase64: '],
    ['base64 that is none', `{${NAMES},"contentBase64":"%%%"}`, 'contentBase64: '],
    ['a member that nobody knows', `{${NAMES},"contents":{}}`, 'line: '],
    ['no source', '{"recordId":"1"}', 'source: '],
    ['a number for a text', '{"source":"ehr","recordId":1}', 'recordId: '],
    ['a source in capitals', '{"source":"EHR","recordId":"1"}', 'source: '],
    ['an activity that nobody knows', `{${NAMES},"activity":"merge"}`, 'activity: '],
    ['a list', '[]', 'a line must be a JSON object'],
    ['a text', '"x"', 'a line must be a JSON object'],
  ])('refused: %s', (_, line, message) => {
    expect(refusalOf(() => readEnvelope(utf8(line)))).toContain(message);
  });

  test('refused: two faults are both named', () => {
    expect(refusalOf(() => readEnvelope(utf8('{"source":"EHR"}')))).toMatch(/source: .*; recordId: /);
  });

  test('refused: a name twice, which readers would resolve differently', () => {
    let caught: unknown;
    try {
      readEnvelope(utf8(`{${NAMES},"recordId":"Patient/2"}`));
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'line-malformed', extensions: { reason: 'JSON_DUPLICATE_KEY' } });
  });

  test('a fault of ours is not taken for a malformed line', () => {
    expect(() => readEnvelope(null as unknown as Uint8Array)).toThrow(TypeError);
  });
});

describe('a bare FHIR resource', () => {
  const defaults: FhirLineDefaults = { source: 'ehr', versionId: undefined, activity: undefined, fields: undefined };
  const resource = '{"resourceType":"Patient","id":"1","meta":{"versionId":"7"}}';

  test('names its record and its version', () => {
    expect(readFhirLine(utf8(resource), defaults)).toEqual({
      source: 'ehr',
      recordId: 'Patient/1',
      versionId: '7',
      activity: null,
      fields: null,
      subject: null,
      mediaType: 'application/fhir+json',
      content: utf8(resource),
      value: parseJson(utf8(resource)),
    });
  });

  test('goes before the query parameter, which is for resources without a version', () => {
    const given: FhirLineDefaults = { ...defaults, versionId: 'x', activity: 'import', fields: 'on' };
    expect(readFhirLine(utf8(resource), given)).toMatchObject({ versionId: '7', activity: 'import', fields: true });
    for (const line of [
      '{"resourceType":"Patient","id":"1"}',
      '{"resourceType":"Patient","id":"1","meta":{}}',
      '{"resourceType":"Patient","id":"1","meta":{"versionId":7}}',
      '{"resourceType":"Patient","id":"1","meta":"7"}',
    ]) {
      expect(readFhirLine(utf8(line), { ...given, fields: 'off' })).toMatchObject({ versionId: 'x', fields: false });
    }
  });

  test('that nobody gave a version has none', () => {
    expect(readFhirLine(utf8('{"resourceType":"Patient","id":"1"}'), defaults).versionId).toBeNull();
  });

  test.each([
    ['no resourceType', '{"id":"1"}'],
    ['no id', '{"resourceType":"Patient"}'],
    ['an empty id', '{"resourceType":"Patient","id":""}'],
    ['an empty type', '{"resourceType":"","id":"1"}'],
    ['a number as id', '{"resourceType":"Patient","id":1}'],
  ])('refused: %s', (_, line) => {
    expect(refusalOf(() => readFhirLine(utf8(line), defaults))).toBe('a FHIR resource needs resourceType and id');
  });

  test('refused: nobody said which source', () => {
    expect(refusalOf(() => readFhirLine(utf8(resource), { ...defaults, source: undefined }))).toBe(
      'application/fhir+ndjson needs the query parameter source',
    );
  });
});
