// What must be true when the fault is over, whatever it was.

import { expect } from '@jest/globals';
import type { RecordSystem } from '../../flow/support/record-system.ts';
import { observation } from '../../flow/support/records.ts';
import { eventually, type Site } from '../../flow/support/site.ts';
import { assertClean } from './audit.ts';
import type { Witness } from './witness.ts';

/** Everything without an answer is sent again and accepted, all becomes confirmed, and the audit finds nothing. */
export async function expectRecovery(site: Site, api: RecordSystem, witness: Witness, name: string): Promise<void> {
  const repeated = await witness.repeat(api);
  expect(repeated.filter((status) => status !== 200 && status !== 201)).toEqual([]);
  const last = observation(`recovered-${name}`, '1', '4.90');
  expect(await witness.submit(api, last, 'confirmed')).toBe(201);
  const { sizes } = await eventually(
    'everything confirmed',
    () => api.log(),
    (log) => log.chain.state === 'ok' && log.sizes.confirmed === log.sizes.sequenced,
    60_000,
  );
  expect(sizes.sequenced).toBe(String(witness.receipts.size));
  await eventually(
    'a proof',
    () => api.verify(last),
    ({ body }) => body.outcome === 'intact',
  );
  await eventually(
    'good health',
    () => api.health(),
    ({ body }) => body.status === 'up',
  );
  await witness.look(api);
  await assertClean(site, witness);
}
