// Who acts here: persons only. A machine has no conscience to ask, and nobody to be asked.
import { type Principal } from '../platform/auth/principal.ts';
import { DomainError } from '../platform/errors/domain-error.ts';

/** A person as stored with what was decided: issuer and subject, both opaque. */
export type Person = string;

/** @throws {DomainError} `persons-only` */
export function personOf(caller: Principal): Person {
  if (caller.kind !== 'person')
    throw new DomainError(
      'persons-only',
      'a person must be signed in for this: it is asked for by one and approved by another',
    );
  return `${caller.issuer} ${caller.subject}`;
}

/** @throws {DomainError} `own-request` */
export function assertSomebodyElse(person: Person, first: Person): void {
  if (person === first)
    throw new DomainError(
      'own-request',
      'somebody else must decide on this: nobody approves what they asked for themselves',
    );
}
