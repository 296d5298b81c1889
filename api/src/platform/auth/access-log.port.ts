import { type Action } from './actions.ts';
import { type Principal } from './principal.ts';

/**
 * The append-only, hash-chained record of who did what, or was refused. Everybody writes to it through this port.
 *
 * - `record` resolves when the event is durable; concurrent events share a transaction. The answer to a read of
 *   health-related data must not leave before.
 * - `recordWithin` writes in the caller's own transaction: neither the act nor its event can exist without the other.
 *   It takes the lock on the chain's head, so it belongs at the end of the transaction. Many events cost as much time as one.
 * - an event names nobody and no record in clear: subjects, sources and records by their opaque ids.
 */
export abstract class AccessLog {
  abstract record(event: AccessEvent): Promise<void>;
  abstract recordWithin(transaction: Queryable, ...events: readonly AccessEvent[]): Promise<void>;
}

/** The part of a database transaction that is needed: both a pg client and a TypeORM query runner can be one. */
export interface Queryable {
  query(sql: string, values: readonly unknown[]): Promise<unknown>;
}

export interface AccessEvent {
  /** What was done or asked for. `sign-in` and the like, and what only the operator does, are not of the policy. */
  readonly action:
    | Action
    | 'sign-in'
    | 'sign-out'
    | 'token.issue'
    | 'token.revoke'
    | 'account.lock'
    | 'epoch.begin'
    | 'backup.restore'
    | FactorAction;
  readonly outcome: 'success' | 'denied' | 'failure';
  /** null: nobody was recognised. `operator` and `service` act without a request (unattended.ts). */
  readonly caller:
    | (Pick<Principal, 'issuer' | 'subject' | 'clientId' | 'roles' | 'sessionId'> & {
        readonly kind: Principal['kind'] | 'operator' | 'service';
      })
    | null;
  readonly tenantId: string | null;
  readonly decision: AccessDecision | null;
  /** What it was done to: the pseudonym of a record and its source, or the kind and id of something else. */
  readonly entity:
    | { readonly sourceId: string; readonly recordRef: Uint8Array | null; readonly seq: bigint | null }
    | { readonly type: string; readonly id: string }
    | null;
  /** HL7 v3 PurposeOfUse, as the caller declared it. */
  readonly purposeOfUse: string | null;
  /** Of a broken glass: the commitment to the reason that was given (32 octets). The reason itself is stored elsewhere, encrypted. */
  readonly breakGlass: Uint8Array | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** With a second factor. `factor.clone`: a passkey's counter went back, so there may be two of it. */
type FactorAction = 'factor.add' | 'factor.rename' | 'factor.remove' | 'factor.use' | 'factor.clone';

/** A request that was let in: with an outcome and an entity, an event. */
export type RequestAccess = Omit<AccessEvent, 'outcome' | 'entity'> & { readonly caller: Principal };

/** How a decision came about; reproducible from the policy version and what it was asked. */
export interface AccessDecision {
  readonly allowed: boolean;
  readonly policyVersion: string;
  /** Stable words, at least one: `role-lacks-action`, `other-tenant`, `step-up-required`, … */
  readonly reasons: readonly string[];
}
