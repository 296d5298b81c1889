// Whom a record is about, as its content says: FHIR's `subject` or `patient`, or the patient itself. Pure. The reference is
// used for a pseudonym (identity/subject-refs.ts) and goes no further.
import { isJsonObject, type JsonValue } from '@medanchor/verifier';

/** The reference of the patient in a FHIR resource; null when it has none, or a logical one by identifier only. */
export function subjectOf(value: JsonValue | undefined): string | null {
  if (!isJsonObject(value)) return null;
  const type = value.get('resourceType');
  const id = value.get('id');
  if (type === 'Patient') return typeof id === 'string' ? `Patient/${id}` : null;
  if (typeof type !== 'string') return null;
  for (const member of ['subject', 'patient']) {
    const found = value.get(member);
    const reference = isJsonObject(found) ? found.get('reference') : undefined;
    if (typeof reference === 'string') return reference;
  }
  return null;
}
