// That records were erased, as events of the access log, in the transaction that erased them.
import { type AccessEvent, type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { tenantsOf, type Unattended } from '../../platform/auth/unattended.ts';
import { type ErasureOrder } from '../store/erasure-store.port.ts';

/** An event for each record that a batch has erased. @param by the request that asked for it, or who acts without one */
export function erasuresWithin(log: AccessLog, by: RequestAccess | Unattended): NonNullable<ErasureOrder['within']> {
  return async (transaction, erasures) => {
    const known = 'tenantId' in by ? null : await tenantsOf(transaction, erasures.map(sourceOf));
    const events = erasures.map(({ sourceId, recordRef, seq }): AccessEvent => ({
      ...by,
      tenantId: 'tenantId' in by ? by.tenantId : (known?.get(sourceId) ?? null),
      outcome: 'success',
      entity: { sourceId, recordRef, seq },
    }));
    // All at once: the sequence is locked meanwhile.
    await log.recordWithin(transaction, ...events);
  };
}

function sourceOf({ sourceId }: { readonly sourceId: string }): string {
  return sourceId;
}
