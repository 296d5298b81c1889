// The chain's node is really stopped for a while, and comes back: with the same state, without its last blocks, or while the
// service itself was restarted meanwhile. Versions are accepted all the time, and everything is confirmed in the end.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { Load } from './support/load.ts';
import { expectRecovery } from './support/recovery.ts';
import { Witness } from './support/witness.ts';

/** Many times longer than every interval of the stages, and than the time that an answer may take. */
const GONE_MS = 2500;
const SETTINGS = { CHAIN_TIMEOUT_MS: '500', ANCHOR_CONFIRMATIONS: '1' };

// Each story starts a service or two; on a busy machine that takes its time.
jest.setTimeout(90_000);

let site: Site;
let service: RunningService;
const witness = new Witness();

beforeAll(async () => {
  site = await Site.open();
  service = await site.start(SETTINGS);
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function expectSurvival(name: string, fault: () => Promise<void>): Promise<void> {
  const load = new Load(witness, { name, clients: 3, seed: 11, pauseMs: 5, services: () => [service.api] });
  const unwatch = witness.watch(() => service.api);
  await delay(300);
  await fault();
  await delay(300);
  await load.stop();
  await unwatch();
  await expectRecovery(site, service.api, witness, name);
}

async function expectUnreachable(): Promise<void> {
  const before = witness.receipts.size;
  await eventually(
    'chain-unreachable',
    () => service.api.log(),
    ({ chain }) => chain.state === 'chain-unreachable',
  );
  await delay(GONE_MS);
  expect(witness.receipts.size).toBeGreaterThan(before);
  const { sizes } = await service.api.log();
  expect(Number(sizes.checkpointed)).toBeGreaterThan(Number(sizes.anchored));
}

test('it comes back with the same state', async () => {
  await expectSurvival('same', () => site.chain.restart(expectUnreachable));
  expect(await service.api.alarms()).toEqual([]);
}, 60_000);

test('it comes back, and meanwhile the service was restarted without it', async () => {
  await expectSurvival('restarted', () =>
    site.chain.restart(async () => {
      await expectUnreachable();
      await service.stop();
      service = await site.start(SETTINGS);
      await expectUnreachable();
    }),
  );
  expect(await service.api.alarms()).toEqual([]);
}, 60_000);

test('it comes back without its last blocks: the anchors in them are sent again', async () => {
  await expectSurvival('reorg', async () => {
    const snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
    const { sizes: before } = await service.api.log();
    await eventually(
      'anchors in blocks that will be gone',
      () => service.api.log(),
      ({ sizes }) => Number(sizes.confirmed) > Number(before.sequenced),
    );
    await site.chain.provider.send('evm_revert', [snapshot]);
    await eventually(
      'the loss',
      () => service.api.alarms(),
      (alarms) => alarms.some(({ kind }) => kind === 'anchor-lost'),
    );
  });
}, 60_000);
