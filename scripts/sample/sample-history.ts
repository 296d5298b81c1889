// The sample: the history of one invented patient, in the order in which an invented hospital recorded it. The files
// in records/ are submitted octet for octet; nothing in them is about a person, clinic or laboratory that exists.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VersionToSubmit } from './ledger-client.ts';

/** The name under which the sample's record system submits. */
export const SAMPLE_SOURCE = 'sample-hospital';
export const SAMPLE_FOLDER = fileURLToPath(new URL('records', import.meta.url));

const FHIR = 'application/fhir+json';
const HL7_V2 = 'application/hl7-v2';

export interface SampleVersion {
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: 'create' | 'update' | 'delete';
  readonly mediaType: string;
  /** In records/; null for a deletion, which has no content. */
  readonly file: string | null;
}

/** The version that the launcher's page and the demo show first: an amended laboratory result. */
export const SHOWCASE = fhir('Observation/hba1c-2025-01', 3);

/** In the order of `meta.lastUpdated`. */
export const SAMPLE_HISTORY: readonly SampleVersion[] = [
  fhir('Organization/larkmoor-hospital', 1),
  fhir('Practitioner/quill', 1),
  fhir('Patient/violet-example', 1),
  fhir('AllergyIntolerance/penicillin', 1),
  fhir('Condition/type-2-diabetes', 1),
  fhir('Observation/glucose-2025-01', 1),
  message('ORU/LARK-0000417', 'hl7v2/oru-r01-LARK-0000417.hl7'),
  fhir('Observation/creatinine-2025-01', 1),
  fhir('Observation/glucose-2025-01', 2),
  fhir('Observation/creatinine-2025-01', 2),
  fhir('Observation/hba1c-2025-01', 1),
  fhir('Observation/hba1c-2025-01', 2),
  fhir('DiagnosticReport/metabolic-panel-2025-01', 1),
  SHOWCASE,
  fhir('DiagnosticReport/metabolic-panel-2025-01', 2),
  fhir('Condition/type-2-diabetes', 2),
  fhir('AllergyIntolerance/penicillin', 2),
  fhir('Observation/blood-pressure-2025-02', 1),
  fhir('Observation/blood-pressure-2025-02', 2),
  fhir('Observation/body-weight-2025-02', 1),
  // The weight was another patient's.
  { ...fhir('Observation/body-weight-2025-02', 2), activity: 'delete', mediaType: '', file: null },
  fhir('MedicationRequest/metformin', 1),
  fhir('DocumentReference/clinic-letter-2025-02', 1),
  fhir('DocumentReference/clinic-letter-2025-02', 2),
  fhir('MedicationRequest/metformin', 2),
  fhir('MedicationRequest/metformin', 3),
  fhir('Immunization/influenza-2025', 1),
  fhir('Patient/violet-example', 2),
  fhir('Patient/violet-example', 3),
];

function fhir(recordId: string, version: number): SampleVersion {
  const activity = version === 1 ? 'create' : 'update';
  return {
    recordId,
    versionId: String(version),
    activity,
    mediaType: FHIR,
    file: `${recordId}/${String(version)}.json`,
  };
}

function message(recordId: string, file: string): SampleVersion {
  return { recordId, versionId: '1', activity: 'create', mediaType: HL7_V2, file };
}

/** The octets of a sample file. */
export function readSample(file: string): Buffer {
  return readFileSync(path.join(SAMPLE_FOLDER, file));
}

export function toSubmission(version: SampleVersion): VersionToSubmit {
  const { recordId, versionId, activity, mediaType, file } = version;
  return {
    source: SAMPLE_SOURCE,
    recordId,
    versionId,
    activity,
    ...(file === null ? {} : { content: readSample(file), mediaType }),
  };
}
