// Sweeps while versions come in, batches are integrated, signed and anchored: nothing is wrong, so nothing may be found.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FsckService } from '../../api/src/ledger/index.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ SEQUENCER_BATCH_SIZE: '16' });
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('no false alarm, whatever is half done when the sweep looks', async () => {
  const fsck = service.app.get(FsckService);
  const over = new AbortController();
  let submitted = 0;
  const load = async (lane: number): Promise<void> => {
    for (let at = 0; !over.signal.aborted; at++) {
      // New records, and further versions of records that a sweep may be looking at.
      const answer = await service.api.submit(observation(`l${lane}-${at % 7}`, `v${at}`, `4.${at}1`));
      expect(answer.status).toBe(201);
      submitted += 1;
    }
  };
  const lanes = [1, 2, 3, 4].map(load);
  const sizes: bigint[] = [];
  try {
    for (let at = 0; at < 12; at++) {
      const report = await fsck.sweep({ mode: at % 3 === 2 ? 'incremental' : 'full' });
      expect(report.findings).toEqual([]);
      expect(report.checks.filter(({ result }) => result === 'failed')).toEqual([]);
      sizes.push(report.size);
    }
  } finally {
    over.abort();
    await Promise.all(lanes);
  }
  // The log did grow meanwhile.
  expect(sizes.at(-1)).toBeGreaterThan(sizes[0] ?? 0n);
  expect(BigInt(submitted)).toBeGreaterThanOrEqual(sizes.at(-1) ?? 0n);
  expect((await fsck.sweep({ mode: 'full' })).findings).toEqual([]);
  expect((await service.api.health()).body.parts['fsck']).toMatchObject({ status: 'up', findings: 0 });
}, 90_000);
