// What the ledger puts in the place of a bundle's checks: only those about which it knows more.

import { describe, expect, test } from '@jest/globals';
import type { Check } from '@medanchor/verifier';
import { attestedBy, ownChecks } from '../../api/src/ledger/prove/provenance-checks.rules.ts';
import type { StoredRecord, StoredVersion } from '../../api/src/ledger/model.ts';

const skipped = (name: Check['name'], code: string): Check => ({
  name,
  code,
  result: 'skipped',
  required: false,
  reason: '',
});
const checks: readonly Check[] = [
  skipped('identity', 'NOT_OPENED'),
  skipped('content', 'NOT_OPENED'),
  skipped('fields', 'NOT_OPENED'),
  { name: 'inclusion', result: 'passed', required: true, reason: 'it is there' },
  skipped('submitter-signature', 'NOT_SIGNED'),
  skipped('latest', 'NEEDS_LEDGER'),
];

function replaced(keyHolder: 'ledger' | 'source', submittedBy: string | null): readonly string[] {
  const located = { record: { keyHolder } as StoredRecord, version: { submittedBy } as StoredVersion };
  return ownChecks(located, { checks }).map(({ name, code, reason }) => `${name} ${code}: ${reason}`);
}

describe('unsigned', () => {
  test('names the client, or says that nobody was signed in', () => {
    expect(replaced('ledger', 'ehr-backend')).toEqual([
      'submitter-signature NOT_SIGNED: Not signed by its source: attested by the ledger for client ehr-backend.',
    ]);
    expect(attestedBy(null)).toBe(
      'Not signed by its source: attested by the ledger for a client that was not signed in.',
    );
  });
});

test('of a source-held record, names and content are the source’s to open', () => {
  expect(replaced('source', null).map((line) => line.split(':')[0])).toEqual([
    'identity SALTS_WITH_SOURCE',
    'content SALTS_WITH_SOURCE',
    'submitter-signature NOT_SIGNED',
  ]);
});
