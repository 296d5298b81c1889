// The database server stops under load, in order, at once, or killed, and starts again. The service lives, refuses what it
// cannot make durable, and goes on by itself; what it acknowledged survived the server's own crash.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Site, type RunningService } from '../flow/support/site.ts';
import { Cluster, STOPS } from './support/cluster.ts';
import { Load } from './support/load.ts';
import { expectRecovery } from './support/recovery.ts';
import { Witness } from './support/witness.ts';

let cluster: Cluster;
let site: Site;
let service: RunningService;
const witness = new Witness();

beforeAll(async () => {
  cluster = await Cluster.open();
  site = await Site.open(() => Promise.resolve(cluster.database));
  service = await site.start();
}, 90_000);

afterAll(async () => {
  await site.close();
});

test.each(STOPS)(
  'stopped: %s',
  async (how) => {
    const services = (): readonly [typeof service.api] => [service.api];
    const load = new Load(witness, { name: how, clients: 6, seed: 7, pauseMs: 0, services });
    const unwatch = witness.watch(() => service.api);
    await delay(500);
    await cluster.stop(how);
    await delay(300);
    expect((await service.api.health()).status).toBe(503);
    await cluster.start();
    const before = witness.receipts.size;
    await delay(1000);
    await load.stop();
    await unwatch();
    expect(witness.receipts.size).toBeGreaterThan(before);
    // Refused with 503 or not at all: never with a fault of ours.
    expect([...load.statuses.keys()].filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
    expect(load.statuses.get(503)).toBeGreaterThan(0);
    await expectRecovery(site, service.api, witness, how);
  },
  120_000,
);
