// compareWithFirst: which content, sent again under a recorded version id, is a repeated delivery and which rewrites history.

import { expect, test } from '@jest/globals';
import type { ComponentCommitment, ComponentName } from '@medanchor/verifier';
import { compareWithFirst } from '../../api/src/ledger/append/append.rules.ts';
import { components, octets } from '../support/submissions.ts';

/** Components of a FHIR resource, each named with the octet of its commitment. */
function resource(parts: Partial<Record<ComponentName, number>>): {
  components: readonly ComponentCommitment[];
  scheme: 'fhir-json-static/1';
} {
  const all = { identity: 1, raw: 2, content: 3, contentExact: 4, ...parts };
  return {
    scheme: 'fhir-json-static/1',
    components: Object.entries(all).map(([name, octet]) => ({
      name: name as ComponentName,
      commitment: octets(octet),
    })),
  };
}

const PLAIN = resource({});
const FULL = resource({ narrative: 5, labels: 6, fields: 7 });

test.each([
  ['the same octets', PLAIN, PLAIN, 'duplicate', 'identical', []],
  ['other octets, the same values digit for digit', PLAIN, resource({ raw: 9 }), 'duplicate', 'equal-exact', []],
  [
    'a number with other digits',
    PLAIN,
    resource({ raw: 9, contentExact: 9 }),
    'conflict',
    'equal',
    ['precision-differs'],
  ],
  ['another value', PLAIN, resource({ raw: 9, contentExact: 9, content: 9 }), 'conflict', 'altered', []],
  [
    'a narrative written anew',
    FULL,
    resource({ raw: 9, narrative: 9, labels: 6, fields: 7 }),
    'duplicate',
    'equal-exact',
    ['narrative-changed'],
  ],
  [
    'a narrative left out',
    FULL,
    resource({ raw: 9, labels: 6, fields: 7 }),
    'duplicate',
    'equal-exact',
    ['narrative-changed'],
  ],
  [
    'another confidentiality label',
    FULL,
    resource({ raw: 9, narrative: 5, labels: 9, fields: 7 }),
    'conflict',
    'equal-exact',
    ['labels-changed'],
  ],
  ['a label where none was', PLAIN, resource({ raw: 9, labels: 6 }), 'conflict', 'equal-exact', ['labels-changed']],
  [
    'a label taken away',
    FULL,
    resource({ raw: 9, narrative: 5, fields: 7 }),
    'conflict',
    'equal-exact',
    ['labels-changed'],
  ],
  ['fields asked for this time', PLAIN, resource({ fields: 7 }), 'duplicate', 'identical', []],
  ['fields asked for the first time only', resource({ fields: 7 }), PLAIN, 'duplicate', 'identical', []],
] as const)('%s', (_, first, again, result, verdict, flags) => {
  expect(compareWithFirst(first, again)).toEqual({ result, verdict, flags });
});

const IDENTITY = [{ name: 'identity' as const, commitment: octets(1) }];
const RAW = [...IDENTITY, { name: 'raw' as const, commitment: octets(2) }];

test('a delete without content, sent again', () => {
  const deletion = { scheme: 'identity/1', components: IDENTITY } as const;
  expect(compareWithFirst(deletion, deletion)).toEqual({ result: 'duplicate', verdict: 'deleted', flags: [] });
});

test('content under the version id of a delete, and a delete under the version id of content', () => {
  const deletion = { scheme: 'identity/1', components: IDENTITY } as const;
  const json = { scheme: 'json/1', components: components(5) } as const;
  expect(compareWithFirst(deletion, json).result).toBe('conflict');
  expect(compareWithFirst(json, deletion)).toEqual({ result: 'conflict', verdict: 'altered', flags: [] });
});

test('octets that nobody can read as values: one octet more is other content', () => {
  const raw = { scheme: 'raw/1', components: RAW } as const;
  const other = {
    scheme: 'raw/1',
    components: [...IDENTITY, { name: 'raw' as const, commitment: octets(3) }],
  } as const;
  expect(compareWithFirst(raw, raw)).toEqual({ result: 'duplicate', verdict: 'identical', flags: [] });
  expect(compareWithFirst(raw, other)).toEqual({ result: 'conflict', verdict: 'altered', flags: [] });
});
