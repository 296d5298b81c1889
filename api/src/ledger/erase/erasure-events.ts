// That records were erased, as events of the access log, in the transaction that erased them.
import { type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { tenantsOf, type Unattended } from '../../platform/auth/unattended.ts';
import { type ErasureOrder } from '../store/erasure-store.port.ts';

/** An event for each record that a batch has erased. @param by the request that asked for it, or who acts without one */
export function erasuresWithin(log: AccessLog, by: RequestAccess | Unattended): NonNullable<ErasureOrder['within']> {
  return async (transaction, erasures) => {
    const tenants =
      'tenantId' in by
        ? null
        : await tenantsOf(
            transaction,
            erasures.map(({ sourceId }) => sourceId),
          );
    for (const { sourceId, recordRef, seq } of erasures) {
      const tenantId = 'tenantId' in by ? by.tenantId : (tenants?.get(sourceId) ?? null);
      await log.recordWithin(transaction, {
        ...by,
        tenantId,
        outcome: 'success',
        entity: { sourceId, recordRef, seq },
      });
    }
  };
}
