// The form in which a patient's reference is taken for a pseudonym. Pure.

const MAX_LENGTH = 256;

/**
 * Without a version, since all versions are of the same patient. Null for what cannot be found again: a contained resource, or a
 * name that holds within one bundle only.
 *
 * An absolute reference stays as it is: the last part of another server's address may be another person's id here.
 */
export function patientReference(given: string): string | null {
  const [reference = ''] = given.split('/_history/');
  const usable = reference !== '' && reference.length <= MAX_LENGTH && !/^(#|urn:)/.test(reference);
  return usable ? reference : null;
}
