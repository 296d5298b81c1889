// Erasing as the privacy module does it, without its requests and approvals: names to records to LedgerService.erase.

import { LedgerService, type ErasureBasis, type ErasureReceipt } from '../../../api/src/ledger/index.ts';
import { SourcesService, TenantsService } from '../../../api/src/identity/index.ts';
import type { RunningService } from './site.ts';

export async function eraseNamed(
  service: RunningService,
  recordIds: readonly string[],
  basis: ErasureBasis = 'gdpr-17-1-b',
): Promise<readonly ErasureReceipt[]> {
  const ledger = service.app.get(LedgerService);
  const tenant = await service.app.get(TenantsService, { strict: false }).find('default');
  if (tenant === null) throw new Error('there is always the tenant of the operator');
  const source = await service.app.get(SourcesService, { strict: false }).get(tenant, 'ehr');
  return ledger.erase(await ledger.named(source, recordIds), basis);
}
