// Invented records for the tampering stories: one small observation each, so that every story has its own.

import type { Version } from './record-system.ts';

export function observation(id: string, versionId: string, value: string): Version {
  return {
    source: 'ehr',
    recordId: `Observation/${id}`,
    versionId,
    content:
      `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"Potassium"},` +
      `"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":${value},"unit":"mmol/L"}}`,
    mediaType: 'application/fhir+json',
  };
}
