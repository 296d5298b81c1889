// Who acts here: persons only. A machine has no conscience to ask, and nobody to be asked.
import { type SourcesService } from '../identity/index.ts';
import { type SourceRef } from '../ledger/index.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { DomainError } from '../platform/errors/domain-error.ts';

/** The checked caller that the guard has left on the request; null when there is none. The only place that looks. */
export function callerOf(request: object): Principal | null {
  return (request as { caller?: Principal }).caller ?? null;
}

/** A person as stored with what was decided: issuer and subject, both opaque. */
export type Person = string;

/** @throws {DomainError} `persons-only` */
export function personOf(caller: Principal | null): Person {
  if (caller?.kind !== 'person')
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

/** The source that a route names. @throws {DomainError} `unknown-source` */
export async function sourceOf(sources: SourcesService, _request: object, name: string): Promise<SourceRef> {
  return sources.get(name);
}
