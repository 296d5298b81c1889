// A receipt as FHIR R4 Provenance and as W3C PROV-JSON: literal documents, and the rules that PROV-JSON has for every document.

import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { fhirProvenance } from '../../api/src/records/provenance-fhir.rules.ts';
import { provJson } from '../../api/src/records/provenance-prov.rules.ts';
import type { ProvenanceFacts } from '../../api/src/records/provenance.rules.ts';

const SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const LEAF = 'ab'.repeat(32);
const BEFORE = 'cd'.repeat(32);

const unsigned: ProvenanceFacts = {
  source: { id: SOURCE, name: 'ehr' },
  recordId: 'Observation/k1',
  versionId: '1',
  activity: 'create',
  recordedAt: '2026-11-24T10:00:00.000Z',
  origin: 'medanchor.example/log/1',
  index: '7',
  leafHash: LEAF,
  previous: null,
  attestation: { by: 'ledger', client: null },
  client: null,
  jws: null,
  proof: '/v1/records/ehr/Observation%2Fk1/versions/1/proof',
};

const signed: ProvenanceFacts = {
  ...unsigned,
  versionId: '2',
  activity: 'update',
  previous: BEFORE,
  attestation: { by: 'source-key', keyId: 'x'.repeat(43) },
  client: 'ehr-backend (1)',
  jws: 'header..signature',
};

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
    expect(fhirProvenance(unsigned)).toEqual({
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
    expect(fhirProvenance(signed)).toMatchObject({
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
    expect(fhirProvenance({ ...unsigned, recordId })['target']).toEqual([
      {
        extension: [{ url: 'urn:medanchor:fhir:StructureDefinition:version-id', valueString: '1' }],
        identifier: { system: `urn:uuid:${SOURCE}`, value: recordId },
      },
    ]);
  });

  test('an import is a creation whose text says import; a delete is a delete', () => {
    expect(fhirProvenance({ ...unsigned, activity: 'import' })['activity']).toMatchObject({
      coding: [{ code: 'CREATE' }],
      text: 'import',
    });
    expect(fhirProvenance({ ...unsigned, activity: 'delete' })['activity']).toMatchObject({
      coding: [{ code: 'DELETE' }],
    });
  });
});

/** The parts of the submission's grammar that our documents use: which records there are, and what each must name. */
const identifier = { type: 'string', pattern: '^[^:\\s]+:[^\\s]+$' };
const value = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      properties: { $: { type: 'string' }, type: { type: 'string', pattern: '^xsd:' } },
      required: ['$', 'type'],
      additionalProperties: false,
    },
  ],
};
const records = (...required: readonly string[]) => ({
  type: 'object',
  propertyNames: { pattern: '^(_|[a-z]+):[^\\s]+$' },
  additionalProperties: {
    type: 'object',
    properties: Object.fromEntries(required.map((name) => [name, identifier])),
    required: [...required],
    additionalProperties: value,
  },
});
const grammar = {
  type: 'object',
  properties: {
    prefix: { type: 'object', additionalProperties: { type: 'string', format: 'uri' } },
    entity: records(),
    activity: records(),
    agent: records(),
    wasGeneratedBy: records('prov:entity', 'prov:activity'),
    wasAttributedTo: records('prov:entity', 'prov:agent'),
    wasAssociatedWith: records('prov:activity', 'prov:agent'),
    actedOnBehalfOf: records('prov:delegate', 'prov:responsible'),
    wasDerivedFrom: records('prov:generatedEntity', 'prov:usedEntity'),
  },
  additionalProperties: false,
  required: ['prefix', 'entity', 'activity', 'agent'],
};

describe('PROV-JSON', () => {
  const validate = new Ajv({ formats: { uri: true } }).compile(grammar);

  test.each([
    ['unsigned', unsigned],
    ['signed', signed],
  ])('%s: keeps to the grammar, and names nothing that it does not declare', (_, facts) => {
    const document = provJson(facts) as Record<string, Record<string, Record<string, unknown>>>;
    expect([validate(document), validate.errors]).toEqual([true, null]);
    const declared = new Set(['entity', 'activity', 'agent'].flatMap((kind) => Object.keys(document[kind] ?? {})));
    const prefixes = new Set([...Object.keys(document['prefix'] ?? {}), 'prov', '_']);
    for (const [kind, all] of Object.entries(document)) {
      if (kind === 'prefix') continue;
      for (const [name, members] of Object.entries(all)) {
        expect(prefixes).toContain(name.split(':')[0]);
        for (const [member, named] of Object.entries(members)) {
          expect(prefixes).toContain(member.split(':')[0]);
          if (kind.startsWith('was') || kind.startsWith('acted'))
            if (typeof named === 'string' && member !== 'prov:time') expect(declared).toContain(named);
        }
      }
    }
  });

  test('who did what, and what it is a revision of', () => {
    const version = `version:${LEAF}`;
    expect(provJson(signed)).toMatchObject({
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
    expect(provJson(unsigned)).toMatchObject({
      wasAttributedTo: {
        '_:attribution': { 'medanchor:attestedBy': { $: 'log:medanchor.example%2Flog%2F1', type: 'xsd:QName' } },
      },
    });
  });
});
