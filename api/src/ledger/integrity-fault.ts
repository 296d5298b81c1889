/** Something that this service stored is not what it recorded. The message names what, and carries no patient data. */
export class IntegrityFaultError extends Error {
  override readonly name = 'IntegrityFaultError';
}
