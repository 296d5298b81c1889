// The chain re-organises and an anchor that was confirmed is gone: the state goes back, an alarm is raised, the same
// transaction is sent again, and the new proof verifies. No false claim is made in between.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let auditor: Auditor;
let keptProof: string;
const settled = observation('settled', '1', '4.10');
const dropped = observation('dropped', '1', '4.20');

beforeAll(async () => {
  site = await Site.open();
  // Sends rarely, so that nothing is sent into the blocks of the other branch.
  service = await site.start({ ANCHOR_INTERVAL_MS: '6000' });
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
  await service.api.submit(settled, 'confirmed');
  const snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
  await service.api.submit(dropped, 'confirmed');
  keptProof = await service.api.bundle(dropped);
  expect((await auditor.audit(keptProof, dropped)).outcome).toBe('intact');
  // Another branch wins: without our anchor, and longer. What is sent from now on waits to be mined: the time in between
  // lasts as long as the tests look at it.
  await site.chain.provider.send('evm_setAutomine', [false]);
  await site.chain.provider.send('evm_revert', [snapshot]);
  await site.chain.provider.send('hardhat_mine', ['0x5']);
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('a re-org drops a confirmed anchor', () => {
  test('the state goes back to checkpointed, and an alarm says why', async () => {
    const { sizes } = await eventually(
      'the loss',
      () => service.api.log(),
      (log) => log.sizes.anchored === '1',
    );
    expect(sizes).toMatchObject({ sequenced: '2', checkpointed: '2', anchored: '1', confirmed: '1' });
    const [alarm] = await service.api.alarms();
    expect(alarm?.kind).toBe('anchor-lost');
    expect(alarm?.detail).toMatch(/^the anchor of size 2 in block [0-9]+ is gone from the chain \(0x[0-9a-f]{64}\)$/);
  });

  test('meanwhile nothing is claimed: unproven for the API, and the kept proof does not hold', async () => {
    const { body } = await service.api.verify(dropped);
    expect([body.verdict, body.outcome, body.status]).toEqual(['identical', 'unproven', 'checkpointed']);
    expect(resultOf(body, 'anchor')).toBe('skipped: NOT_ANCHORED');
    expect(failures(await auditor.audit(keptProof, dropped))).toEqual(['anchor: ANCHOR_TRANSACTION_UNKNOWN']);
    expect((await service.api.verify(settled)).body.outcome).toBe('intact');
  });

  test('the same transaction is mined again in another block, and the new proof verifies', async () => {
    await site.chain.provider.send('evm_setAutomine', [true]);
    await site.chain.provider.send('hardhat_mine', ['0x1']);
    await eventually(
      'the second confirmation',
      () => service.api.log(),
      (log) => log.sizes.confirmed === '2',
    );
    const anchorOf = (bundle: string) =>
      (JSON.parse(bundle) as { anchor: { transaction: string; block: string } }).anchor;
    const bundle = await service.api.bundle(dropped);
    expect(anchorOf(bundle).transaction).toBe(anchorOf(keptProof).transaction);
    expect(anchorOf(bundle).block).not.toBe(anchorOf(keptProof).block);
    const report = await auditor.audit(bundle, dropped);
    expect([report.verdict, report.outcome, report.status]).toEqual(['identical', 'intact', 'confirmed']);
    expect(failures(await auditor.audit(keptProof, dropped))).toEqual(['anchor: ANCHOR_BLOCK']);
    expect((await service.api.verify(dropped)).body.outcome).toBe('intact');
  }, 30_000);
});
