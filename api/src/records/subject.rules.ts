// Whom a record is about, as its content says: FHIR's `subject` or `patient`, or the patient itself. Pure. The reference is
// used for a pseudonym (identity/subject-refs.ts) and goes no further.
import { isJsonObject, type JsonValue } from '@medanchor/verifier';

const MAX_LENGTH = 256;

/**
 * The reference of the patient in a FHIR resource, without a version; null when it names none that would be found again: a
 * contained or a temporary one, or a logical reference by identifier only.
 *
 * An absolute reference stays as it is: the last part of another server's address may be another person's id here.
 */
export function subjectOf(value: JsonValue | undefined): string | null {
  if (!isJsonObject(value)) return null;
  const type = value.get('resourceType');
  const id = value.get('id');
  if (type === 'Patient') return typeof id === 'string' ? normalised(`Patient/${id}`) : null;
  if (typeof type !== 'string') return null;
  for (const member of ['subject', 'patient']) {
    const found = value.get(member);
    const reference = isJsonObject(found) ? found.get('reference') : undefined;
    if (typeof reference === 'string') return normalised(reference);
  }
  return null;
}

/** What somebody writes who asks for the records of a patient, brought into the form in which it was taken from content. */
export function normalised(reference: string): string | null {
  const [unversioned = ''] = reference.split('/_history/');
  const usable = unversioned !== '' && unversioned.length <= MAX_LENGTH && !/^(#|urn:)/.test(unversioned);
  return usable ? unversioned : null;
}
