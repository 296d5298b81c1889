// The records of the sample that the demo plays with.

import { readSample, SAMPLE_SOURCE } from '../sample/sample-history.ts';
import type { VersionName } from '../sample/ledger-client.ts';

export interface Subject {
  readonly name: VersionName;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** A laboratory result of 6.30 %. It was amended later, so a current copy of it is also `superseded`. */
export const HBA1C = subject('Observation/hba1c-2025-01', '2');

/** The latest version of a creatinine result of 0.90 mg/dL: the one that is forged in the database. */
export const CREATININE = subject('Observation/creatinine-2025-01', '2');

/** A glucose result, whose entry is backdated. */
export const GLUCOSE = subject('Observation/glucose-2025-01', '1');

function subject(recordId: string, versionId: string): Subject {
  return {
    name: { source: SAMPLE_SOURCE, recordId, versionId },
    mediaType: 'application/fhir+json',
    content: readSample(`${recordId}/${versionId}.json`),
  };
}

/** A copy in which exactly one text is another one. */
export function changed(content: Uint8Array, from: string, to: string): Buffer {
  const text = Buffer.from(content).toString('utf8');
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${from} occurs ${String(parts.length - 1)} times, wanted once`);
  return Buffer.from(parts.join(to));
}
