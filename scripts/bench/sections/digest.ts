// Digest and commitment of one resource, component by component, in one thread with the service's SHA-256; beside what a
// service that only wants a hash would do: JSON.parse and SHA-256 of the octets.

import { hash, randomBytes } from 'node:crypto';
import { fieldsRoot } from '../../../api/src/ledger/store/fields-tree.ts';
import { utf8 } from '../../../verifier/src/bytes.ts';
import { canonicalJson, lexemeJson, lexemesAreCanonical } from '../../../verifier/src/json/canonical.ts';
import { parseJson } from '../../../verifier/src/json/parse.ts';
import type { JsonValue } from '../../../verifier/src/json/value.ts';
import { commitRecord } from '../../../verifier/src/record/commitment.ts';
import { componentDigest, digestIdentity, digestRecord } from '../../../verifier/src/record/digest.ts';
import { labelsForm, narrativeForm, staticForm } from '../../../verifier/src/record/fhir-static.ts';
import { fieldLeaves } from '../../../verifier/src/record/fields.ts';
import type { Context } from '../harness/context.ts';
import type { Cell, Findings } from '../harness/findings.ts';
import type { OwnSection } from '../harness/section.ts';
import { withServiceSha256 } from '../harness/service-sha256.ts';
import { medianMicros, type Task } from '../harness/timing.ts';
import { RESOURCE_SIZES, resourceTemplate, type ResourceSize } from '../load/resources.ts';

export const digest: OwnSection = {
  name: 'digest',
  about: 'digest and commitment of a resource by component, beside JSON.parse and SHA-256',
  run: (context) => withServiceSha256(() => run(context)),
};

const TYPE = 'application/fhir+json';
const BASELINE = 'JSON.parse + SHA-256 of the octets';
/** Different records, so that nothing is fast because it was seen before. */
const VARIANTS: Readonly<Record<ResourceSize, number>> = { '1kB': 50, '2.5kB': 20, '50kB': 4 };
const RECORD_KEY = randomBytes(32);

async function run({ quick, say }: Context): Promise<Findings> {
  const columns: { size: ResourceSize; octets: number; micros: ReadonlyMap<string, number> }[] = [];
  for (const size of RESOURCE_SIZES) {
    const template = resourceTemplate(size);
    columns.push({ size, octets: template.length, micros: await medianMicros(tasksOf(size), quick ? 10 : 300) });
    say(`${size} (${String(template.length)} octets) done`);
  }
  const names = [...(columns[0]?.micros.keys() ?? [])];
  return {
    tables: [
      {
        title: 'One resource: microseconds, and how many times the baseline (the first row)',
        columns: [
          { title: 'step' },
          ...columns.flatMap(({ size, octets }) => [
            { title: `${size} (${octets.toLocaleString('en')} octets)`, digits: 1, unit: 'µs' },
            { title: '×', digits: 2 },
          ]),
        ],
        rows: names.map((name): Cell[] => [
          name,
          ...columns.flatMap(({ micros }) => {
            const own = micros.get(name) ?? NaN;
            return [own, own / (micros.get(BASELINE) ?? NaN)];
          }),
        ]),
      },
    ],
    targets: [],
    notes: ['steps overlap: `all` parses once and digests every component, `commit` starts from the digests'],
  };
}

function tasksOf(size: ResourceSize): Task[] {
  const template = resourceTemplate(size);
  const resources = Array.from({ length: VARIANTS[size] }, (_, record) => {
    const octets = template.fill(record, 1 + (record % 9));
    const identity = { source: 'bench', recordId: `Observation/bench-${String(record)}`, versionId: '1' };
    const value = parseJson(octets);
    return {
      octets,
      identity,
      value,
      form: staticForm(value),
      digest: digestRecord(octets, TYPE, identity),
      digestWithFields: digestRecord(octets, TYPE, identity, { fields: true }),
    };
  });
  type Resource = (typeof resources)[number];
  const each = (name: string, step: (resource: Resource) => unknown): Task => ({
    name,
    calls: VARIANTS[size],
    work: () => {
      for (const resource of resources) step(resource);
    },
  });
  const json = (name: Parameters<typeof componentDigest>[0], text: string): Uint8Array =>
    componentDigest(name, 'application/json', utf8(text));
  const exact = (form: JsonValue): string => (lexemesAreCanonical(form) ? canonicalJson(form) : lexemeJson(form));
  return [
    each(BASELINE, ({ octets }): unknown[] => [JSON.parse(octets.toString('utf8')), hash('sha256', octets, 'buffer')]),
    each('strict parse', ({ octets }) => parseJson(octets)),
    each('identity', ({ identity }) => digestIdentity(identity)),
    each('raw', ({ octets }) => componentDigest('raw', TYPE, octets)),
    each('static form (for content and fields)', ({ value }) => staticForm(value)),
    each('content', ({ form }) => json('content', canonicalJson(form))),
    each('contentExact, if made apart', ({ form }) => json('contentExact', exact(form))),
    each('narrative', ({ value }) => json('narrative', narrativeForm(value) ?? '')),
    each('labels', ({ value }) => json('labels', labelsForm(value) ?? '')),
    each('fields: leaf elements', ({ form }) => fieldLeaves(form)),
    each('commit, fields off', ({ digest, identity }) => commitRecord(digest, RECORD_KEY, identity.versionId)),
    each('commit, fields on', ({ digestWithFields, identity }) =>
      commitRecord(digestWithFields, RECORD_KEY, identity.versionId, fieldsRoot),
    ),
    each('all: digest and commit, fields off', ({ octets, identity }) =>
      commitRecord(digestRecord(octets, TYPE, identity), RECORD_KEY, identity.versionId),
    ),
    each('all: digest and commit, fields on', ({ octets, identity }) =>
      commitRecord(digestRecord(octets, TYPE, identity, { fields: true }), RECORD_KEY, identity.versionId, fieldsRoot),
    ),
  ];
}
