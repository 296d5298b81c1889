// The disk of the database is full: submissions are refused with 503 and are safe to repeat, reading goes on, nothing
// acknowledged is lost, and when there is room again everything goes on by itself.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { Load } from './support/load.ts';
import { expectRecovery } from './support/recovery.ts';
import { SmallDisk } from './support/small-disk.ts';
import { Witness } from './support/witness.ts';

const { missing } = SmallDisk;
const checked = missing === null ? test : test.skip;
const reason = missing === null ? '' : ` (skipped: ${missing})`;

const witness = new Witness();
let disk: SmallDisk;
let site: Site;
let service: RunningService;

beforeAll(async () => {
  if (missing !== null) return;
  disk = SmallDisk.mount();
  site = await Site.open(() => disk.createDatabase());
  service = await site.start();
  expect(await witness.submit(service.api, observation('kept', '1', '4.10'), 'confirmed')).toBe(201);
}, 60_000);

afterAll(async () => {
  if (missing !== null) return;
  await site.close();
  disk.unmount();
});

checked(
  `submissions are refused with 503 and a time to come back, and so is what must be recorded; the public log goes on${reason}`,
  async () => {
    disk.fill(0);
    const load = new Load(witness, {
      name: 'full',
      clients: 4,
      seed: 3,
      pauseMs: 0,
      services: () => [service.api],
    });
    await eventually(
      'a refusal for each client',
      () => Promise.resolve(load.statuses.get(503) ?? 0),
      (refusals) => refusals >= 8,
      60_000,
    );
    await load.stop();
    expect([...load.statuses.keys()].filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
    const refused = await service.api.submit(observation('refused', '1', '4.20'));
    expect([refused.status, refused.body.code, refused.body['retryAfterSeconds']]).toEqual([503, 'unavailable', 2]);
    expect(JSON.stringify(refused.body)).not.toMatch(/disk|space|extend|base\//i);
    const other = await service.api.submit({ ...observation('refused', '1', '4.20'), source: 'another-source' });
    expect([other.status, other.body.code]).toEqual([503, 'unavailable']);
    // Who reads about a record is written down first: what cannot be written down is not answered.
    // The pages that are there already take a few events more.
    const read = await eventually(
      'a read that cannot be recorded',
      () => service.api.verify(observation('kept', '1', '4.10')),
      ({ status }) => status !== 200,
      60_000,
    );
    expect([read.status, read.body.code]).toEqual([503, 'unavailable']);
    expect((await service.api.history(observation('kept', '1', '4.10'))).status).toBe(503);
    expect((await fetch(`${service.url}/checkpoint`)).status).toBe(200);
    expect(Number((await service.api.log()).sizes.sequenced)).toBeGreaterThan(0);
  },
  120_000,
);

checked(
  `with room again, it goes on by itself${reason}`,
  async () => {
    disk.makeRoom();
    await expectRecovery(site, service.api, witness, 'room');
  },
  120_000,
);
