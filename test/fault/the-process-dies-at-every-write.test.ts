// The crash table: the process dies just before each write, and just after it took effect and before it knew. Each time the
// service is started again by its normal code on what is left, and then: what was acknowledged is there, what was not can be
// repeated, nothing is in twice, every root that was ever signed is the tree's, and new versions are confirmed.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Version } from '../flow/support/record-system.ts';
import { observation } from '../flow/support/records.ts';
import { Site } from '../flow/support/site.ts';
import { assertClean } from './support/audit.ts';
import { FIRST_START, RUNNING, type How } from './support/crash-table.ts';
import { Fragile, MOMENTS } from './support/fragile.ts';
import { Witness } from './support/witness.ts';

const rows = <T>(points: readonly T[]): (T & { moment: (typeof MOMENTS)[number] })[] =>
  points.flatMap((point) => MOMENTS.map((moment) => ({ ...point, moment })));

// Each story starts a service or two; on a busy machine that takes its time.
jest.setTimeout(90_000);

let site: Site;
/** The chain before anything was anchored. */
let snapshot: string;
const seen = new Set<string>();

beforeAll(async () => {
  site = await Site.open();
  snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function discard(fragile: Fragile): Promise<void> {
  fragile.seen.forEach((point) => seen.add(point));
  await fragile.discard();
}

describe('it runs', () => {
  const witness = new Witness();
  let running: Fragile;
  let stopWatching: () => Promise<void>;
  let round = 0;

  beforeAll(async () => {
    running = await Fragile.start(site);
    stopWatching = witness.watch(() => running.api);
    expect(await witness.submit(running.api, observation('patient', '0', '4.00'), 'confirmed')).toBe(201);
  });

  afterAll(async () => {
    await stopWatching();
    await discard(running);
  });

  /** A new record, the next version of an old one, and one that is recorded already. */
  function versions(source = 'ehr'): readonly Version[] {
    return [
      observation(`new-${round}`, '1', '4.10'),
      observation('patient', String(round), '4.20'),
      observation('patient', '0', '4.00'),
    ].map((version) => (version.source === source || version.versionId === '0' ? version : { ...version, source }));
  }

  async function provoke(how: How): Promise<void> {
    if (how === 'a conflict') {
      // Never to be recorded, so not to be repeated either.
      await running.api.submit(observation('patient', '0', '9.99')).catch(() => undefined);
      return;
    }
    if (how === 'a read' || how === 'a first read') {
      await running.api.verify(observation('patient', '0', '4.00')).catch(() => undefined);
      return;
    }
    const sent = versions(how === 'a new source' ? `source-${round}` : 'ehr').map((version) =>
      how === 'another patient' && version.versionId === String(round)
        ? { ...version, content: version.content.replace('Patient/p1', `Patient/p${round}`) }
        : version,
    );
    await Promise.all(sent.map((version) => witness.submit(running.api, version)));
  }

  test.each(rows(RUNNING))('$stage: it dies at $point, $moment', async ({ point, moment, how }) => {
    round += 1;
    if (how === 'a first patient') {
      // As a tenant's first process: nobody has made the key of its patients' pseudonyms yet.
      await discard(running);
      await site.tamper('DELETE FROM subject_key');
      running = await Fragile.start(site);
    }
    if (how === 'a first read') await site.tamper('DELETE FROM access_event; DELETE FROM access_head');
    running.dieAt({ point, moment });
    await provoke(how);
    await Promise.race([running.dead, delay(20_000)]);
    expect(running.isDead).toBe(true);
    await discard(running);

    running = await Fragile.start(site);
    for (const status of await witness.repeat(running.api)) expect([200, 201]).toContain(status);
    const after = observation(`after-${round}`, '1', '4.30');
    expect(await witness.submit(running.api, after, 'confirmed')).toBe(201);
    expect((await running.api.verify(after)).body.outcome).toBe('intact');
    await assertClean(site, witness);
  });

  test('nothing stands still, and every version was confirmed', async () => {
    const { sizes } = await running.api.log();
    expect(new Set(Object.values(sizes)).size).toBe(1);
    expect(Number(sizes.sequenced)).toBe(witness.receipts.size);
    expect((await running.api.alarms()).every(({ kind }) => kind === 'history-rewritten')).toBe(true);
    expect((await running.api.health()).body.status).toBe('up');
  });

  test('every write point has its rows', () => {
    const expected = [...RUNNING.map(({ point }) => point), ...FIRST_START].sort();
    expect([...new Set([...seen, ...running.seen])].sort()).toEqual(expected);
  });
});

describe('it starts for the first time', () => {
  test.each(rows(FIRST_START.map((point) => ({ point }))))('it dies at $point, $moment', async ({ point, moment }) => {
    await site.chain.provider.send('evm_revert', [snapshot]);
    snapshot = (await site.chain.provider.send('evm_snapshot', [])) as string;
    await site.tamper('DROP SCHEMA public CASCADE');
    await site.tamper('CREATE SCHEMA public');
    const victim = await Fragile.start(site, {}, { point, moment });
    await Promise.race([victim.dead, delay(5000)]);
    expect(victim.isDead).toBe(true);
    await discard(victim);

    const witness = new Witness();
    const survivor = await Fragile.start(site);
    expect(await witness.submit(survivor.api, observation('first', '1', '4.10'), 'confirmed')).toBe(201);
    await witness.look(survivor.api);
    await assertClean(site, witness);
    await discard(survivor);
  });
});
