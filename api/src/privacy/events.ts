// What is done here, as events of the access log, each in the transaction of the act.
import {
  type AccessEvent,
  type AccessLog,
  type Queryable,
  type RequestAccess,
} from '../platform/auth/access-log.port.ts';
import { type Actor } from './caller.ts';

/** Runs at the end of the transaction of an act. When it rejects, the act is undone. */
export type Within = (transaction: Queryable) => Promise<void>;

/** @param what the thing that something was done to, and when that was not making it, what: `legal-hold/release` */
export function actWithin(log: AccessLog, { access }: Actor, what: string, id: string): Within {
  return (transaction) => log.recordWithin(transaction, { ...access, outcome: 'success', entity: { type: what, id } });
}

interface Erased {
  readonly sourceId: string;
  readonly recordRef: Uint8Array;
  readonly seq: bigint;
}

/**
 * An event for each record that a batch has erased.
 *
 * @param access null: by a retention rule, or an approved request that is gone on with
 */
export function erasuresWithin(
  log: AccessLog,
  access: RequestAccess | null,
): (transaction: Queryable, erasures: readonly Erased[]) => Promise<void> {
  return async (transaction, erasures) => {
    for (const { sourceId, recordRef, seq } of erasures) {
      const by = access ?? (await nobody(transaction, sourceId));
      await log.recordWithin(transaction, { ...by, outcome: 'success', entity: { sourceId, recordRef, seq } });
    }
  };
}

async function nobody(transaction: Queryable, sourceId: string): Promise<Omit<AccessEvent, 'outcome' | 'entity'>> {
  const { rows } = (await transaction.query('SELECT tenant_id FROM source WHERE id = $1', [sourceId])) as {
    rows: readonly { readonly tenant_id: string }[];
  };
  return {
    action: 'record.erase',
    caller: null,
    tenantId: rows[0]?.tenant_id ?? null,
    decision: null,
    purposeOfUse: null,
    breakGlass: null,
    address: null,
    requestId: null,
  };
}
