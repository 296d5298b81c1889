// Real Synthea R4 patients: the transaction bundles in the test fixtures of the npm package cql-exec-fhir.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Version } from './record-system.ts';

const LUNA = 'Luna60_McCullough561_6662f0ca-b617-4e02-8f55-7275e9f49aa0.json';

export type Resource = { readonly resourceType: string; readonly id: string } & Readonly<Record<string, unknown>>;

/** Each entry's resource, in the bundle's order. */
export function lunasResources(): readonly Resource[] {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('cql-exec-fhir/package.json'));
  const text = readFileSync(path.join(folder, 'test', 'fixtures', 'r4', LUNA), 'utf8');
  const bundle = JSON.parse(text) as { entry: readonly { resource: Resource }[] };
  return bundle.entry.map(({ resource }) => resource);
}

export function versionOf(resource: Resource, versionId: string, source = 'ehr'): Version {
  return {
    source,
    recordId: `${resource.resourceType}/${resource.id}`,
    versionId,
    content: JSON.stringify(resource),
    mediaType: 'application/fhir+json',
  };
}

/** What really happens to such a record later; null for types that Synthea's patient has no likely amendment for. */
export function amended(resource: Resource): Resource | null {
  switch (resource.resourceType) {
    case 'Observation': {
      const quantity = resource['valueQuantity'] as { value: number } | undefined;
      if (quantity === undefined) return { ...resource, status: 'corrected' };
      return { ...resource, status: 'amended', valueQuantity: { ...quantity, value: quantity.value + 1 } };
    }
    case 'Condition':
      return { ...resource, abatementDateTime: '2019-07-01T09:30:00-04:00' };
    case 'MedicationRequest':
      return { ...resource, status: 'stopped' };
    case 'Patient':
      return { ...resource, telecom: [{ system: 'phone', value: '555-0142-77', use: 'home' }] };
    default:
      return null;
  }
}

/** The same record with one decimal digit raised by one, in what is not metadata or narrative. */
export function oneDigitChanged(version: Version): Version {
  const { resourceType, id, text, meta, ...clinical } = JSON.parse(version.content) as Resource;
  const octets = JSON.stringify(clinical);
  const at = octets.search(/[0-8]/);
  if (at === -1) throw new Error(`${version.recordId} has no digit to change`);
  const changed = octets.slice(0, at) + String(Number(octets[at]) + 1) + octets.slice(at + 1);
  const values = JSON.parse(changed) as object;
  return { ...version, content: JSON.stringify({ resourceType, id, meta, text, ...values }) };
}
