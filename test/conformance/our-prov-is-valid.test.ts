// A receipt as W3C PROV-JSON keeps to the submission's structure, to PROV-N's names and literals and to PROV-CONSTRAINTS; a document
// that is changed in one place is refused.

import { expect, test } from '@jest/globals';
import { provJson } from '../../api/src/records/provenance-prov.rules.ts';
import { BEFORE, LEAF, SIGNED, UNSIGNED } from '../support/provenance-facts.ts';
import { provFaults } from '../support/prov-json.ts';

test.each([
  ['unsigned', UNSIGNED],
  ['signed, by a client', SIGNED],
  ['of an import', { ...UNSIGNED, activity: 'import' as const }],
  ['of what is no FHIR resource', { ...SIGNED, recordId: 'ACC 123' }],
  ['with a client of a strange name', { ...SIGNED, client: "a (b) 'c' [d]; é/ü:=" }],
])('a receipt %s is valid', (_what, facts) => {
  expect(provFaults(provJson(facts))).toEqual([]);
});

type Records = Record<string, Record<string, Record<string, unknown>>>;
const VERSION = `version:${LEAF}`;
const SUBMISSION = `submission:${LEAF}`;

test.each<[string, (document: Records) => void, string]>([
  ['a kind of record that does not exist', (all) => void (all['wasMadeBy'] = {}), 'wasMadeBy: no kind of record'],
  [
    'a generation of nothing',
    (all) => void delete all['wasGeneratedBy']?.['_:generation']?.['prov:entity'],
    'prov:entity is missing',
  ],
  [
    'an attribution to nobody',
    (all) => void delete all['wasAttributedTo']?.['_:attribution']?.['prov:agent'],
    'prov:agent is missing',
  ],
  [
    'a prefix that is not declared',
    (all) => void delete (all['prefix'] as Record<string, unknown>)['log'],
    'the prefix log is not declared',
  ],
  [
    'a namespace that is no URI',
    (all) => void ((all['prefix'] as Record<string, unknown>)['log'] = 'log'),
    'prefix log: its namespace is no URI',
  ],
  [
    'an agent that is not there',
    (all) => void (of(all, 'wasAttributedTo', '_:attribution')['prov:agent'] = 'source:x'),
    'there is no agent source:x',
  ],
  [
    'an activity in place of an entity',
    (all) => void (of(all, 'wasGeneratedBy', '_:generation')['prov:entity'] = SUBMISSION),
    `there is no entity ${SUBMISSION}`,
  ],
  [
    'an entity that is an activity, too (constraint 55)',
    (all) => void (all['activity'] = { ...all['activity'], [VERSION]: {} }),
    'an entity and an activity at once',
  ],
  [
    'a version of itself',
    (all) => void (of(all, 'wasDerivedFrom', '_:revision')['prov:usedEntity'] = VERSION),
    'derived from itself',
  ],
  [
    'a generation after its activity (constraint 36)',
    (all) => void (of(all, 'wasGeneratedBy', '_:generation')['prov:time'] = '2026-11-24T10:00:00.001Z'),
    'not while its activity went on',
  ],
  [
    'two generations by one activity (constraint 24)',
    (all) =>
      void (all['wasGeneratedBy'] = {
        ...all['wasGeneratedBy'],
        '_:again': { 'prov:entity': VERSION, 'prov:activity': SUBMISSION },
      }),
    'generated twice by one activity',
  ],
  [
    'a time that is none',
    (all) => void (of(all, 'activity', SUBMISSION)['prov:endTime'] = 'yesterday'),
    'no xsd:dateTime',
  ],
  [
    'a typed literal that is none of its type',
    (all) =>
      void (of(all, 'wasAssociatedWith', '_:recording')['medanchor:recordedAt'] = { $: 'now', type: 'xsd:dateTime' }),
    'now is no xsd:dateTime',
  ],
  [
    'a literal without its text',
    (all) => void (of(all, 'entity', VERSION)['medanchor:proof'] = { type: 'xsd:anyURI' }),
    'a literal without its text ($)',
  ],
  [
    'a literal with a member of its own',
    (all) => void (of(all, 'entity', VERSION)['medanchor:proof'] = { $: '/a', type: 'xsd:anyURI', format: 'x' }),
    'a literal has no format',
  ],
  [
    'a local name with a space',
    (all) => void (all['agent'] = { ...all['agent'], 'client:a b': {} }),
    'client:a b is no qualified name',
  ],
  [
    'an element without a name of its own',
    (all) => void (all['agent'] = { ...all['agent'], '_:agent': {} }),
    '_:agent has no name of its own',
  ],
  [
    'an attribute that is no qualified name',
    (all) => void (of(all, 'entity', VERSION)['note'] = 'x'),
    'note is no qualified name',
  ],
])('%s is refused', (_what, change, fault) => {
  const document = structuredClone(provJson(SIGNED)) as unknown as Records;
  expect(document['entity']?.[`version:${BEFORE}`]).toBeDefined();
  change(document);
  expect(provFaults(document)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
});

function of(document: Records, kind: string, id: string): Record<string, unknown> {
  return document[kind]?.[id] ?? {};
}
