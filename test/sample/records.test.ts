// The sample's files: strict FHIR JSON with all that makes hashing it hard (trailing zeros, narrative, labels, contained
// resources, texts that look like narrative and are not), versions without a gap, and references that lead somewhere.

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  digestRecord,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  parseJson,
  toHex,
  type JsonObject,
  type JsonValue,
} from '@medanchor/verifier';
import { getFileInfo } from 'prettier';
import { z } from 'zod';
import {
  readSample,
  SAMPLE_FOLDER,
  SAMPLE_HISTORY,
  SAMPLE_SOURCE,
  type SampleVersion,
} from '../../scripts/sample/sample-history.ts';

const withContent = SAMPLE_HISTORY.flatMap((version) =>
  version.file === null ? [] : [{ ...version, file: version.file }],
);
const fhir = withContent.filter(({ mediaType }) => mediaType === 'application/fhir+json');

const resourceSchema = z.looseObject({
  resourceType: z.string(),
  id: z.string(),
  meta: z.looseObject({
    versionId: z.string(),
    lastUpdated: z.iso.datetime({ offset: true }),
    security: z.array(z.strictObject({ system: z.url(), code: z.string(), display: z.string() })).nonempty(),
  }),
  text: z.strictObject({ status: z.literal('generated'), div: z.string() }),
});

function parse(file: string): JsonObject {
  const value = parseJson(readSample(file));
  if (!isJsonObject(value)) throw new TypeError(`${file} is no object`);
  return value;
}

function plain(file: string): z.output<typeof resourceSchema> {
  return resourceSchema.parse(JSON.parse(readSample(file).toString('utf8')));
}

function digest(version: SampleVersion & { file: string }): Map<string, string> {
  const identity = { source: SAMPLE_SOURCE, recordId: version.recordId, versionId: version.versionId };
  const { components, scheme } = digestRecord(readSample(version.file), version.mediaType, identity, { fields: true });
  return new Map([['scheme', scheme], ...components.map((c): [string, string] => [c.name, toHex(c.digest)])]);
}

/** Lexemes of the members called `value`, in the order of the file. */
function values(value: JsonValue): string[] {
  if (isJsonArray(value)) return value.flatMap(values);
  if (!isJsonObject(value)) return [];
  return [...value].flatMap(([name, member]) =>
    name === 'value' && member instanceof JsonNumber ? [member.lexeme] : values(member),
  );
}

function references(value: JsonValue): string[] {
  if (isJsonArray(value)) return value.flatMap(references);
  if (!isJsonObject(value)) return [];
  return [...value].flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : references(member),
  );
}

describe('the history', () => {
  test('names every file of the folder, once', () => {
    const files = readdirSync(SAMPLE_FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== '.gitattributes')
      .map((entry) => path.relative(SAMPLE_FOLDER, path.join(entry.parentPath, entry.name)));
    expect(withContent.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  test('has 29 versions of 15 records; three of them have three versions', () => {
    const counts = Map.groupBy(SAMPLE_HISTORY, ({ recordId }) => recordId);
    expect(SAMPLE_HISTORY).toHaveLength(29);
    expect(counts.size).toBe(15);
    expect(
      [...counts]
        .filter(([, versions]) => versions.length === 3)
        .map(([recordId]) => recordId)
        .sort(),
    ).toEqual(['MedicationRequest/metformin', 'Observation/hba1c-2025-01', 'Patient/violet-example']);
  });

  test.each([...Map.groupBy(SAMPLE_HISTORY, ({ recordId }) => recordId)])(
    '%s: versions from 1 without a gap, created first, deleted last if at all',
    (_recordId, versions) => {
      expect(versions.map(({ versionId }) => versionId)).toEqual(versions.map((_, i) => String(i + 1)));
      const between = versions.length - 1;
      expect(versions[0]?.activity).toBe('create');
      expect(versions.slice(1, between).every(({ activity }) => activity === 'update')).toBe(true);
      expect(versions.filter(({ file }) => file === null)).toEqual(
        versions.filter(({ activity }) => activity === 'delete'),
      );
    },
  );

  test('one record is deleted in the end', () => {
    expect(SAMPLE_HISTORY.filter(({ activity }) => activity === 'delete').map(({ recordId }) => recordId)).toEqual([
      'Observation/body-weight-2025-02',
    ]);
  });

  test('is in the order in which the resources were last updated', () => {
    const times = fhir.map(({ file }) => Date.parse(plain(file).meta.lastUpdated));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(times.length);
  });
});

describe.each(fhir)('$file', (version) => {
  const resource = parse(version.file);
  const { resourceType, id, meta, text } = plain(version.file);

  test('is the version that the history says', () => {
    expect({ record: `${resourceType}/${id}`, version: meta.versionId }).toEqual({
      record: version.recordId,
      version: version.versionId,
    });
  });

  test('digests under fhir-json-static/1 with narrative and labels', () => {
    expect([...digest(version).keys()]).toEqual([
      'scheme',
      'identity',
      'raw',
      'content',
      'contentExact',
      'narrative',
      'labels',
    ]);
    expect(digest(version).get('scheme')).toBe('fhir-json-static/1');
  });

  test('is labelled as test data, and its narrative is XHTML', () => {
    expect(meta.security.map(({ code }) => code)).toContain('HTEST');
    expect(text.div).toMatch(/^<div xmlns="http:\/\/www\.w3\.org\/1999\/xhtml"><(p|table)>.*<\/\1><\/div>$/s);
  });

  test('refers to nothing that is not there', () => {
    const known = new Set(SAMPLE_HISTORY.map(({ recordId }) => recordId));
    const contained = resource.get('contained');
    const own = isJsonArray(contained)
      ? contained.map((one) => (isJsonObject(one) ? `#${String(one.get('id'))}` : ''))
      : [];
    expect(references(resource).filter((reference) => !known.has(reference) && !own.includes(reference))).toEqual([]);
  });
});

test.each([
  ['Observation/hba1c-2025-01/1.json', ['6.30', '4.00', '6.00']],
  ['Observation/hba1c-2025-01/2.json', ['6.30', '4.00', '6.00']],
  ['Observation/hba1c-2025-01/3.json', ['6.70', '4.00', '6.00']],
  ['Observation/glucose-2025-01/1.json', ['5.0', '3.9', '5.5']],
  ['Observation/creatinine-2025-01/1.json', ['0.9', '0.50', '1.10']],
  ['Observation/creatinine-2025-01/2.json', ['0.90', '0.50', '1.10']],
  ['Observation/blood-pressure-2025-02/2.json', ['148', '92']],
  ['DiagnosticReport/metabolic-panel-2025-01/1.json', ['4.50']],
  ['Immunization/influenza-2025/1.json', ['0.50']],
])('%s keeps its decimals: %j', (file, lexemes) => {
  expect(values(parse(file))).toEqual(lexemes);
});

test('the formatter leaves the files alone: it would drop trailing zeros', async () => {
  for (const { file } of fhir) {
    const info = await getFileInfo(path.join(SAMPLE_FOLDER, file), { ignorePath: '.prettierignore' });
    expect({ file, ignored: info.ignored }).toEqual({ file, ignored: true });
  }
});

describe('what changes between versions', () => {
  const at = (file: string): Map<string, string> => {
    const version = withContent.find((one) => one.file === file);
    if (version === undefined) throw new Error(file);
    return digest(version);
  };
  /** Components that differ, beside identity and raw, which always do. */
  const between = (one: string, other: string): string[] => {
    const [a, b] = [at(one), at(other)];
    return [...a.keys()].filter((name) => name !== 'identity' && name !== 'raw' && a.get(name) !== b.get(name));
  };

  test.each([
    [
      'a new address',
      'Patient/violet-example/1.json',
      'Patient/violet-example/2.json',
      ['content', 'contentExact', 'narrative'],
    ],
    ['a narrative made anew', 'Patient/violet-example/2.json', 'Patient/violet-example/3.json', ['narrative']],
    [
      'a label raised',
      'DocumentReference/clinic-letter-2025-02/1.json',
      'DocumentReference/clinic-letter-2025-02/2.json',
      ['narrative', 'labels'],
    ],
    [
      'a value amended',
      'Observation/hba1c-2025-01/2.json',
      'Observation/hba1c-2025-01/3.json',
      ['content', 'contentExact', 'narrative'],
    ],
    [
      'a dose changed',
      'MedicationRequest/metformin/1.json',
      'MedicationRequest/metformin/2.json',
      ['content', 'contentExact', 'narrative'],
    ],
  ])('%s', (_what, one, other, expected) => {
    expect(between(one, other)).toEqual(expected);
  });
});

test('the letter is as long as it says, and has the hash that it says', () => {
  const letter = plain('DocumentReference/clinic-letter-2025-02/1.json');
  const schema = z.array(z.object({ attachment: z.object({ data: z.base64(), size: z.int(), hash: z.base64() }) }));
  const [content] = schema.parse(letter['content']);
  const octets = Buffer.from(content?.attachment.data ?? '', 'base64');
  expect(content?.attachment).toMatchObject({
    size: octets.length,
    hash: createHash('sha1').update(octets).digest('base64'),
  });
});

test('the HL7 v2 message ends its segments with CR alone and is digested raw', () => {
  const version = withContent.find(({ mediaType }) => mediaType === 'application/hl7-v2');
  if (version === undefined) throw new Error('there is no HL7 v2 message');
  const segments = readSample(version.file).toString('utf8').split('\r');
  expect(segments.map((segment) => segment.slice(0, 3))).toEqual(['MSH', 'PID', 'OBR', 'OBX', 'OBX', 'NTE', '']);
  expect(segments.join('')).not.toContain('\n');
  expect([...digest(version).keys()]).toEqual(['scheme', 'identity', 'raw']);
  expect(digest(version).get('scheme')).toBe('raw/1');
});
