// A ledger that nobody has touched: the sweep reads everything and finds nothing.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toHex } from '@medanchor/verifier';
import { FsckService } from '../../api/src/ledger/index.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let fsck: FsckService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  fsck = service.app.get(FsckService);
  await service.api.submitMany(
    Array.from({ length: 300 }, (_, at) => observation(`o${at % 40}`, `v${at}`, `4.${at}1`)),
  );
  await service.api.submit(observation('last', '1', '4.99'));
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '301',
  );
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('a clean ledger', () => {
  test('a full sweep: every check passed, the root is the signed one and the one on chain', async () => {
    const report = await fsck.sweep({ mode: 'full' });
    expect(report.findings).toEqual([]);
    expect(report.checks.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'entries passed',
      'versions passed',
      'records passed',
      'keys passed',
      'tiles passed',
      'checkpoints passed',
      'counters passed',
      'anchors passed',
      'chain passed',
      'access-log passed',
    ]);
    expect([report.size, report.entries, report.from, report.findingCount]).toEqual([301n, 301n, 0n, 0n]);
    const [tree] = await site.read<{ root: Buffer }>('SELECT root FROM log_tree');
    expect(toHex(report.root ?? new Uint8Array())).toBe(tree?.root.toString('hex'));
    expect([report.chain.status, report.chain.size, toHex(report.chain.root ?? new Uint8Array())]).toEqual([
      'passed',
      301n,
      tree?.root.toString('hex'),
    ]);
  });

  test('an incremental sweep reads only what is new', async () => {
    await service.api.submitMany([observation('o1', 'new', '5.11'), observation('p1', 'new', '5.12')]);
    await eventually(
      'confirmation',
      () => service.api.log(),
      (log) => log.sizes.confirmed === '303',
    );
    const report = await fsck.sweep({ mode: 'incremental' });
    expect([report.findings, report.from, report.entries, report.size]).toEqual([[], 301n, 2n, 303n]);
    expect(report.chain.status).toBe('passed');
  });
});
