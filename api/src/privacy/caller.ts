// Who acts here: persons only. A machine has no conscience to ask, and nobody to be asked.
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { DomainError } from '../platform/errors/domain-error.ts';

/** A person as stored with what was decided: issuer and subject, both opaque. */
export type Person = string;

/** A person, and the request by which they act: what becomes of it is written to the access log with it. */
export interface Actor {
  readonly person: Person;
  readonly access: RequestAccess;
}

/** @throws {DomainError} `persons-only` */
export function actorOf(access: RequestAccess): Actor {
  const { caller } = access;
  if (caller.kind !== 'person')
    throw new DomainError(
      'persons-only',
      'a person must be signed in for this: it is asked for by one and approved by another',
    );
  return { person: `${caller.issuer} ${caller.subject}`, access };
}

/** @throws {DomainError} `own-request` */
export function assertSomebodyElse(person: Person, first: Person): void {
  if (person === first)
    throw new DomainError(
      'own-request',
      'somebody else must decide on this: nobody approves what they asked for themselves',
    );
}
