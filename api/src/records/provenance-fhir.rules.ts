// A receipt as FHIR R4 `Provenance` (hl7.org/fhir/R4/provenance.html). Pure.
//
// The signature is over the statement of docs/spec/formats.md section 6.1, not over this resource: `targetFormat` says so. What
// proves all this is the bundle, to which the extension points.
import { type Activity } from '@medanchor/verifier';
import { type ProvenanceFacts } from './provenance.rules.ts';

type FhirObject = Readonly<Record<string, unknown>>;

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const SIGNATURE = {
  system: 'urn:iso-astm:E1762-95:2013',
  code: '1.2.840.10065.1.12.1.14',
  display: 'Source Signature',
};
const EXTENSION = 'urn:medanchor:fhir:StructureDefinition:ledger-entry';

/** v3-DataOperation has no word for an import: the text keeps it. */
const OPERATIONS: Readonly<Record<Activity, readonly [code: string, display: string]>> = {
  create: ['CREATE', 'create'],
  import: ['CREATE', 'create'],
  update: ['UPDATE', 'revise'],
  delete: ['DELETE', 'delete'],
};

export function fhirProvenance(facts: ProvenanceFacts): FhirObject {
  const { source, activity, recordedAt, origin, index, leafHash, previous, client, jws, proof } = facts;
  const [code, display] = OPERATIONS[activity];
  const sourceReference = reference('urn:ietf:rfc:3986', `urn:uuid:${source.id}`, source.name);
  return {
    resourceType: 'Provenance',
    id: leafHash,
    extension: [
      {
        url: EXTENSION,
        extension: [
          { url: 'origin', valueString: origin },
          { url: 'index', valueString: index },
          { url: 'leafHash', valueString: leafHash },
          { url: 'proof', valueUri: proof },
        ],
      },
    ],
    target: [targetOf(facts)],
    recorded: recordedAt,
    activity: { coding: [{ system: OPERATION, code, display }], text: activity },
    agent: [
      agent('author', 'Author', sourceReference),
      ...(client === null
        ? []
        : [{ ...agent('enterer', 'Enterer', reference('urn:medanchor:client', client)), onBehalfOf: sourceReference }]),
      agent('custodian', 'Custodian', reference('urn:medanchor:log', origin)),
    ],
    ...(previous === null
      ? {}
      : { entity: [{ role: 'revision', what: reference('urn:medanchor:leaf-hash', previous) }] }),
    ...(jws === null
      ? {}
      : {
          signature: [
            {
              type: [SIGNATURE],
              when: recordedAt,
              who: sourceReference,
              targetFormat: 'application/json',
              sigFormat: 'application/jose',
              data: Buffer.from(jws, 'utf8').toString('base64'),
            },
          ],
        }),
  };
}

/** Of a FHIR resource the version itself; of everything else its name, with the version beside it. */
function targetOf({ source, recordId, versionId }: ProvenanceFacts): FhirObject {
  const isFhir = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/.test(recordId) && /^[A-Za-z0-9.-]{1,64}$/.test(versionId);
  if (isFhir) return { reference: `${recordId}/_history/${versionId}` };
  return {
    extension: [{ url: 'urn:medanchor:fhir:StructureDefinition:version-id', valueString: versionId }],
    ...reference(`urn:uuid:${source.id}`, recordId),
  };
}

function agent(code: string, display: string, who: FhirObject): FhirObject {
  return { type: { coding: [{ system: PARTICIPANT, code, display }] }, who };
}

function reference(system: string, value: string, display?: string): FhirObject {
  return { identifier: { system, value }, ...(display === undefined ? {} : { display }) };
}
