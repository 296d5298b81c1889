// Check `fields`: each disclosed field is in the committed tree of fields. docs/spec/formats.md section 5.

import { equalBytes } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { componentCommitment, fieldsComponentDigest } from '../record/commitment.ts';
import { verifyField } from '../record/fields.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';

export function checkFields({ bundle: { opening, disclosed } }: Subject): Check {
  return runCheck('fields', disclosed !== undefined, () => {
    if (disclosed === undefined) throw new Skip('NOT_GIVEN', 'The bundle discloses no fields.');
    const component = opening?.components.find(({ name }) => name === 'fields');
    if (component === undefined) {
      throw new VerifyError('FIELDS_NOT_COMMITTED', 'fields are disclosed, but the entry commits to no tree of fields');
    }
    if (component.salt === undefined) {
      throw new Skip('NOT_OPENED', 'Fields are disclosed, but the bundle gives no salt for their tree.');
    }
    // Count and root come from the bundle; only after this do they count.
    const digest = fieldsComponentDigest(disclosed.count, disclosed.root);
    if (!equalBytes(componentCommitment(component.salt, digest), component.commitment)) {
      throw new VerifyError('FIELDS_MISMATCH', 'the count and root of the fields are not the committed ones');
    }
    for (const field of disclosed.fields) verifyField(field, disclosed.count, disclosed.root);
    return `${disclosed.fields.length} of ${disclosed.count} fields are disclosed, and each is in the committed tree.`;
  });
}
