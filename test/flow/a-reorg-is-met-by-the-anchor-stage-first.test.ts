// A re-org takes a confirmed anchor away, and the anchor stage looks at the chain before the confirm stage does: it sends
// nothing until the loss is found and said. Otherwise a head would be paid for twice, and no alarm be certain.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
const settled = observation('settled', '1', '4.10');
const dropped = observation('dropped', '1', '4.20');

beforeAll(async () => {
  site = await Site.open();
  // The confirm stage runs only when the anchor stage has run and wakes it.
  service = await site.start({ CONFIRM_INTERVAL_MS: '3600000' });
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function signed(): Promise<unknown> {
  const client = new pg.Client({ connectionString: site.database.url });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT size, transaction FROM anchor ORDER BY size, id');
    return rows;
  } finally {
    await client.end();
  }
}

test('the loss is said, and the same transaction is mined again: no other is signed', async () => {
  await service.api.submit(settled, 'confirmed');
  const snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
  await service.api.submit(dropped, 'confirmed');
  const before = await signed();
  expect(before).toHaveLength(2);
  await site.chain.provider.send('evm_revert', [snapshot]);
  await eventually(
    'the alarm',
    () => service.api.alarms(),
    (all) => all.some(({ kind }) => kind === 'anchor-lost'),
  );
  await eventually(
    'the second confirmation',
    () => service.api.log(),
    ({ sizes }) => sizes.confirmed === '2',
  );
  expect(await signed()).toEqual(before);
}, 60_000);
