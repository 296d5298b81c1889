// What is done here, as events of the access log, each in the transaction of the act.
import { type AccessLog, type Queryable } from '../platform/auth/access-log.port.ts';
import { type Actor } from './caller.ts';

/** Runs at the end of the transaction of an act. When it rejects, the act is undone. */
export type Within = (transaction: Queryable) => Promise<void>;

/** @param what the thing that something was done to, and when that was not making it, what: `legal-hold/release` */
export function actWithin(log: AccessLog, { access }: Actor, what: string, id: string): Within {
  return (transaction) => log.recordWithin(transaction, { ...access, outcome: 'success', entity: { type: what, id } });
}
