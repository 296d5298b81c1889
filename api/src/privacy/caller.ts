// Who acts here: persons only. A machine has no conscience to ask, and nobody to be asked.
import { accountOf, type Account } from '../identity/index.ts';
import { type RequestAccess } from '../platform/auth/access-log.port.ts';
import { DomainError } from '../platform/errors/domain-error.ts';

/** A person, and the request by which they act: what becomes of it is written to the access log with it. */
export interface Actor {
  readonly person: Account;
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
  return { person: accountOf(caller), access };
}
