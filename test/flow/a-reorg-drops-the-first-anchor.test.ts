// The chain re-organises and takes the log's only anchor away before it was confirmed. To the contract the log is new
// then, but the chain is ours: the anchor is sent again, without help.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Auditor } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let snapshot: string;
const first = observation('first', '1', '4.10');

beforeAll(async () => {
  site = await Site.open();
  snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
  service = await site.start({ ANCHOR_CONFIRMATIONS: '3' });
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('the only anchor is dropped before it is confirmed, sent again, and confirmed at last', async () => {
  await service.api.submit(first, 'anchored');
  expect(await service.api.log()).toMatchObject({ sizes: { anchored: '1', confirmed: '0' } });
  await site.chain.provider.send('evm_revert', [snapshot]);
  const alarms = await eventually(
    'the loss',
    () => service.api.alarms(),
    (all) => all.some(({ kind }) => kind === 'anchor-lost'),
  );
  expect(alarms[0]?.detail).toMatch(/^the anchor of size 1 in block [0-9]+ is gone from the chain/);
  expect((await service.api.log()).chain.state).toBe('ok');
  await eventually(
    'the second anchor',
    () => service.api.log(),
    ({ sizes }) => sizes.anchored === '1',
  );
  await site.chain.provider.send('hardhat_mine', ['0x3']);
  await eventually(
    'the confirmation',
    () => service.api.log(),
    ({ sizes }) => sizes.confirmed === '1',
  );
  const auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
  const report = await auditor.audit(await service.api.bundle(first), first);
  expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
}, 60_000);
