// The FHIR resources that the bench works with: those of the sample (scripts/sample/records), on one line, with id, version,
// result and date varied from record to record. Three sizes: a vital sign (~1 kB), a laboratory result with the person who
// signed it (~2.5 kB), and a report that contains all of its results (~50 kB).

import { readFileSync } from 'node:fs';
import { Template } from './template.ts';

export const RESOURCE_SIZES = ['1kB', '2.5kB', '50kB'] as const;
export type ResourceSize = (typeof RESOURCE_SIZES)[number];

const RECORDS = new URL('../../sample/records/', import.meta.url);

/** Text with the marks of {@link Template}. */
export function resourceText(size: ResourceSize): string {
  if (size === '1kB') {
    return replaced(sample('Observation/body-weight-2025-02/1.json'), [
      ['"id":"body-weight-2025-02"', '"id":"bench-<record>"'],
      ['"versionId":"1"', '"versionId":"<version>"'],
      ['102.0 kg', '<value> kg'],
      ['"value":102.0', '"value":<value>'],
      ['"effectiveDateTime":"2025-02-11', '"effectiveDateTime":"<date>'],
    ]);
  }
  if (size === '2.5kB') return withContained(laboratoryResult('bench-<record>'), [sample('Practitioner/quill/1.json')]);
  const report = replaced(sample('DiagnosticReport/metabolic-panel-2025-01/2.json'), [
    ['"id":"metabolic-panel-2025-01"', '"id":"bench-<record>"'],
    ['"versionId":"2"', '"versionId":"<version>"'],
  ]);
  return withContained(
    report,
    Array.from({ length: 26 }, (_, position) => laboratoryResult(`result-${String(position + 1)}`)),
  );
}

export function resourceTemplate(size: ResourceSize): Template {
  return new Template(resourceText(size));
}

function laboratoryResult(id: string): string {
  return replaced(sample('Observation/hba1c-2025-01/3.json'), [
    ['"id":"hba1c-2025-01"', `"id":"${id}"`],
    ['"versionId":"3"', '"versionId":"<version>"'],
    ['<b>6.70</b>', '<b><value></b>'],
    ['"value":6.70', '"value":<value>'],
    ['"effectiveDateTime":"2025-01-15', '"effectiveDateTime":"<date>'],
  ]);
}

function withContained(resource: string, contained: readonly string[]): string {
  const all = contained.join(',');
  return resource.includes('"contained":[')
    ? replaced(resource, [['"contained":[', `"contained":[${all},`]])
    : replaced(resource, [[/}$/, `,"contained":[${all}]}`]]);
}

/** The record's own numerals stay as they are (102.0 has a zero that JSON.parse would drop): only white space goes. */
function sample(file: string): string {
  const text = readFileSync(new URL(file, RECORDS), 'utf8');
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? '');
}

/** Each replacement must apply, or the sample has changed and the bench would send the same record again and again. */
function replaced(text: string, replacements: readonly (readonly [string | RegExp, string])[]): string {
  return replacements.reduce((before, [wanted, by]) => {
    const after = before.replace(wanted, () => by);
    if (after === before) throw new Error(`the sample resource has no ${String(wanted)} any more`);
    return after;
  }, text);
}
