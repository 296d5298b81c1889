// Whom a record is about, as its content says, and the form in which a reference is taken.

import { describe, expect, test } from '@jest/globals';
import { parseJson, utf8 } from '@medanchor/verifier';
import { patientReference } from '../../api/src/identity/subject.rules.ts';
import { subjectOf } from '../../api/src/records/subject.rules.ts';

const of = (json: string): string | null => subjectOf(parseJson(utf8(json)));

describe('in a FHIR resource', () => {
  test.each([
    ['an observation', '{"resourceType":"Observation","subject":{"reference":"Patient/1"}}', 'Patient/1'],
    ['an allergy', '{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"}}', 'Patient/1'],
    ['the patient', '{"resourceType":"Patient","id":"1"}', 'Patient/1'],
    [
      'both: subject comes first',
      '{"resourceType":"X","patient":{"reference":"Patient/2"},"subject":{"reference":"Patient/1"}}',
      'Patient/1',
    ],
    [
      'a subject by identifier, and a patient',
      '{"resourceType":"X","subject":{"identifier":{}},"patient":{"reference":"Patient/2"}}',
      'Patient/2',
    ],
    ['a patient without an id', '{"resourceType":"Patient"}', null],
    ['nobody', '{"resourceType":"Organization","id":"1"}', null],
    ['a reference that is no text', '{"resourceType":"X","subject":{"reference":1}}', null],
    ['a subject that is a text', '{"resourceType":"X","subject":"Patient/1"}', null],
    ['no resource', '{"subject":{"reference":"Patient/1"}}', null],
    ['a list', '[]', null],
  ])('%s', (_what, json, expected) => {
    expect(of(json)).toBe(expected);
  });

  test('no JSON at all names nobody', () => {
    expect(subjectOf(undefined)).toBeNull();
  });
});

describe('a reference', () => {
  test.each([
    ['Patient/1', 'Patient/1'],
    ['Patient/1/_history/3', 'Patient/1'],
    ['https://other.example/fhir/Patient/1', 'https://other.example/fhir/Patient/1'],
    ['MRN-17', 'MRN-17'],
    ['#p1', null],
    ['urn:uuid:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', null],
    ['', null],
    ['/_history/1', null],
    ['x'.repeat(257), null],
  ])('%s', (given, expected) => {
    expect(patientReference(given)).toBe(expected);
  });
});
