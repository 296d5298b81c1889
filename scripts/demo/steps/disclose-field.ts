// One value of a record, proved without showing the rest.

import { parseBundle } from '@medanchor/verifier';
import { failedChecks } from '../findings.ts';
import type { Step } from '../step.ts';
import { changed, HBA1C } from '../subjects.ts';

/** Texts of the record that the bundle must not carry. */
const HIDDEN = ['violet-example', 'Quill', 'preliminary', 'High-performance', '2025-01-15T07:45'];

export const discloseField: Step = {
  name: 'One field disclosed',
  story:
    'The patient shows an insurer the value and its unit, and nothing else of the record. The insurer checks both ' +
    'against the chain; then somebody writes 5.30 into the proof.',
  headline: 'with 5.30 written into it',
  expected: {
    shown: '/valueQuantity/unit = "%", /valueQuantity/value = 6.30',
    'shown beside it': 'nothing',
    'check of the fields': 'passed',
    'failed checks': 'none',
    'with 5.30 written into it': 'fields (FIELD_NOT_IN_TREE)',
  },
  act: async ({ client, auditor }) => {
    const pointers = ['/valueQuantity/value', '/valueQuantity/unit'];
    const bundle = await client.disclose(HBA1C.name, HBA1C.content, HBA1C.mediaType, pointers);
    const shown = parseBundle(bundle).disclosed?.fields.map(({ path, value }) => `${path} = ${value}`) ?? [];
    const leaked = HIDDEN.filter((text) => bundle.includes(text));
    const report = await auditor.check(bundle);
    const forged = changed(Buffer.from(bundle), '"value":"6.30"', '"value":"5.30"').toString('utf8');
    return {
      found: {
        shown: shown.join(', '),
        'shown beside it': leaked.length === 0 ? 'nothing' : leaked.join(', '),
        'check of the fields': report.checks.find(({ name }) => name === 'fields')?.result ?? 'not made',
        'failed checks': failedChecks(report),
        'with 5.30 written into it': failedChecks(await auditor.check(forged)),
      },
    };
  },
};
