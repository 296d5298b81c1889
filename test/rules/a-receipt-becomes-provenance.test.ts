// A receipt as FHIR R4 Provenance and as W3C PROV-JSON: literal documents. That they are valid: test/conformance.

import { describe, expect, test } from '@jest/globals';
import { fhirProvenance } from '../../api/src/records/provenance-fhir.rules.ts';
import { provJson } from '../../api/src/records/provenance-prov.rules.ts';
import { BEFORE, LEAF, PROVENANCE_SOURCE as SOURCE, SIGNED, UNSIGNED } from '../support/provenance-facts.ts';

const source = { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${SOURCE}` }, display: 'ehr' };
const participant = (code: string, display: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code, display }],
});
const log = {
  type: participant('custodian', 'Custodian'),
  who: { identifier: { system: 'urn:medanchor:log', value: 'medanchor.example/log/1' } },
};

describe('FHIR', () => {
  test('an unsigned creation', () => {
    expect(fhirProvenance(UNSIGNED)).toEqual({
      resourceType: 'Provenance',
      id: LEAF,
      extension: [
        {
          url: 'urn:medanchor:fhir:StructureDefinition:ledger-entry',
          extension: [
            { url: 'origin', valueString: 'medanchor.example/log/1' },
            { url: 'index', valueString: '7' },
            { url: 'leafHash', valueString: LEAF },
            { url: 'proof', valueUri: '/v1/records/ehr/Observation%2Fk1/versions/1/proof' },
          ],
        },
      ],
      target: [{ reference: 'Observation/k1/_history/1' }],
      recorded: '2026-11-24T10:00:00.000Z',
      activity: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE', display: 'create' },
        ],
        text: 'create',
      },
      agent: [{ type: participant('author', 'Author'), who: source }, log],
    });
  });

  test('a signed update that a client sent: signature of type Source, and the version before', () => {
    expect(fhirProvenance(SIGNED)).toMatchObject({
      target: [{ reference: 'Observation/k1/_history/2' }],
      agent: [
        { type: participant('author', 'Author'), who: source },
        {
          type: participant('enterer', 'Enterer'),
          who: { identifier: { system: 'urn:medanchor:client', value: 'ehr-backend (1)' } },
          onBehalfOf: source,
        },
        log,
      ],
      entity: [{ role: 'revision', what: { identifier: { system: 'urn:medanchor:leaf-hash', value: BEFORE } } }],
      signature: [
        {
          type: [
            {
              system: 'urn:iso-astm:E1762-95:2013',
              code: '1.2.840.10065.1.12.1.14',
              display: 'Source Signature',
            },
          ],
          when: '2026-11-24T10:00:00.000Z',
          who: source,
          targetFormat: 'application/json',
          sigFormat: 'application/jose',
          data: 'aGVhZGVyLi5zaWduYXR1cmU=',
        },
      ],
    });
  });

  test.each([
    ['an accession number', 'ACC 123'],
    ['a pseudonym', 'ef'.repeat(32)],
    ['an id that FHIR would not have', 'Observation/with space'],
  ])('%s is named by an identifier, with the version beside it', (_, recordId) => {
    expect(fhirProvenance({ ...UNSIGNED, recordId })['target']).toEqual([
      {
        extension: [{ url: 'urn:medanchor:fhir:StructureDefinition:version-id', valueString: '1' }],
        identifier: { system: `urn:uuid:${SOURCE}`, value: recordId },
      },
    ]);
  });

  test('an import is a creation whose text says import; a delete is a delete', () => {
    expect(fhirProvenance({ ...UNSIGNED, activity: 'import' })['activity']).toMatchObject({
      coding: [{ code: 'CREATE' }],
      text: 'import',
    });
    expect(fhirProvenance({ ...UNSIGNED, activity: 'delete' })['activity']).toMatchObject({
      coding: [{ code: 'DELETE' }],
    });
  });
});

describe('PROV-JSON', () => {
  test('who did what, and what it is a revision of', () => {
    const version = `version:${LEAF}`;
    expect(provJson(SIGNED)).toMatchObject({
      wasGeneratedBy: {
        '_:generation': { 'prov:entity': version, 'prov:time': '2026-11-24T10:00:00.000Z' },
      },
      wasAttributedTo: {
        '_:attribution': {
          'prov:agent': `source:${SOURCE}`,
          'medanchor:attestedBy': { $: `source:${SOURCE}`, type: 'xsd:QName' },
        },
      },
      actedOnBehalfOf: {
        '_:delegation': {
          'prov:delegate': 'client:ehr-backend%20%281%29',
          'prov:responsible': `source:${SOURCE}`,
        },
      },
      wasDerivedFrom: {
        '_:revision': { 'prov:generatedEntity': version, 'prov:usedEntity': `version:${BEFORE}` },
      },
    });
    expect(provJson(UNSIGNED)).toMatchObject({
      wasAttributedTo: {
        '_:attribution': { 'medanchor:attestedBy': { $: 'log:medanchor.example%2Flog%2F1', type: 'xsd:QName' } },
      },
    });
  });
});
