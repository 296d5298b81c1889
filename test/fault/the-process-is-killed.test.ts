// kill -9 under load, again and again: the real process, alone and as one of two on one database. What was acknowledged is
// there, what was not is repeated, the other instance never waits for the dead one, and there is one log without a fork.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Site } from '../flow/support/site.ts';
import { Load, random } from './support/load.ts';
import { expectRecovery } from './support/recovery.ts';
import { ServiceProcess } from './support/service-process.ts';
import { Witness } from './support/witness.ts';

const ROUNDS = 3;
const SEED = 20_261_124;

let site: Site;
const witness = new Witness();
const running = new Set<ServiceProcess>();
const draw = random(SEED);

beforeAll(async () => {
  site = await Site.open();
}, 60_000);

afterEach(async () => {
  for (const service of running) await service.kill();
  running.clear();
});

afterAll(async () => {
  await site.close();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(site, settings);
  running.add(service);
  return service;
}

async function kill(service: ServiceProcess): Promise<void> {
  await service.kill();
  running.delete(service);
}

test('one process, killed under load: nothing acknowledged is lost, nothing is in twice', async () => {
  let service = await start();
  const load = new Load(witness, { name: 'one', clients: 6, seed: SEED, pauseMs: 0, services: () => [service.api] });
  const unwatch = witness.watch(() => service.api);
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = witness.receipts.size;
    await delay(300 + draw() * 500);
    await kill(service);
    service = await start();
    expect(witness.receipts.size).toBeGreaterThan(before);
  }
  // A clean stop under the same load ends in time, and what was taken is made durable first.
  expect(await service.stop()).toBe(0);
  service = await start();
  await load.stop();
  await unwatch();
  expect(load.statuses.get(0)).toBeGreaterThan(0);
  await expectRecovery(site, service.api, witness, 'one');
  expect(await service.stop()).toBe(0);
}, 120_000);

test('one of two on one database, killed under load: the other goes on at once, and there is one log', async () => {
  // Small batches, so that the two take turns often.
  const settings = { SEQUENCER_BATCH_SIZE: '4' };
  let pair = await Promise.all([start(settings), start(settings)]);
  const load = new Load(witness, {
    name: 'two',
    clients: 6,
    seed: SEED + 1,
    pauseMs: 0,
    services: () => pair.map(({ api }) => api),
  });
  const unwatch = pair.map((_, place) => witness.watch(() => (pair[place] ?? pair[0]).api));
  for (let round = 0; round < ROUNDS; round += 1) {
    await delay(300 + draw() * 500);
    const victim = round % 2;
    const survivor = pair[1 - victim] as ServiceProcess;
    await kill(pair[victim] as ServiceProcess);
    const { receipts } = witness;
    const before = receipts.size;
    await delay(500);
    // The dead one held locks of the sequence, the tree, the checkpoint or the anchor: they went with its connections.
    expect(receipts.size).toBeGreaterThan(before);
    const fresh = await start(settings);
    pair = victim === 0 ? [fresh, survivor] : [survivor, fresh];
  }
  await load.stop();
  await Promise.all(unwatch.map((stop) => stop()));
  await expectRecovery(site, pair[0].api, witness, 'two');
  expect((await pair[1].api.log()).sizes).toEqual((await pair[0].api.log()).sizes);
  expect(await pair[0].api.alarms()).toEqual([]);
}, 120_000);
