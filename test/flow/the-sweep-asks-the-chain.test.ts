// What no database can tell: an older backup was restored, or the whole history was rewritten with everything that belongs
// to it, signatures included. Only the chain knows. And what the rows say of the chain, against the chain itself.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  formatCheckpoint,
  formatEntry,
  leafHash,
  noteSigner,
  parseEntry,
  rootFromLeaves,
  signNote,
  toHex,
} from '@medanchor/verifier';
import { TEST_ORIGIN } from '../support/chain.ts';
import { copyTestDatabase, type TestDatabase } from '../support/database.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';
import { named, openFsck, sweepAfter, type Damage } from './support/sweep.ts';

let site: Site;
/** The database as it was at size 4. */
let backup: TestDatabase;

beforeAll(async () => {
  site = await Site.open();
  const first = await site.start();
  await first.api.submit(observation('a', '1', '4.10'));
  await first.api.submit(observation('b', '1', '4.10'));
  await first.api.submit(observation('c', '1', '4.10'));
  await first.api.submit(observation('d', '1', '4.10'), 'confirmed');
  await first.stop();
  backup = await copyTestDatabase(site.database.url);
  const second = await site.start();
  for (const id of ['e', 'f', 'g', 'h']) await second.api.submit(observation(id, '1', '4.10'));
  await eventually(
    'confirmation',
    () => second.api.log(),
    (log) => log.sizes.confirmed === '8',
  );
  await second.stop();
}, 90_000);

afterAll(async () => {
  await backup.drop();
  await site.close();
});

test('untouched: nothing is found', async () => {
  const report = await sweepAfter(site, []);
  expect([named(report), report.chain.status, report.chain.size]).toEqual([[], 'passed', 8n]);
});

test('an older backup is restored: the chain is ahead, and says so by itself', async () => {
  const restored = await openFsck(site, backup.url);
  try {
    const report = await restored.fsck.sweep({ mode: 'full' });
    expect(named(report).filter((line) => !line.startsWith('anchor-unrecorded'))).toEqual([
      'chain-ahead size=8 table=chain',
    ]);
    expect([report.size, report.chain.status, report.chain.size]).toEqual([4n, 'failed', 8n]);
    expect(report.chain.reason).toBe(
      'the contract holds size 8, this log has only 4 entries: it was cut, or an older backup was restored',
    );
    // Everything else of the old backup is in order.
    expect(report.checks.filter(({ result }) => result === 'failed').map(({ name }) => name)).toEqual([
      'anchors',
      'chain',
    ]);
  } finally {
    await restored.close();
  }
});

describe('the whole history is rewritten consistently', () => {
  test('entry, leaf, row, head, tiles, tree, checkpoints, signatures, anchors: only the chain differs', async () => {
    const report = await sweepAfter(site, await rewriteEntry(6));
    const codes = named(report);
    expect(codes).toContain('chain-root-differs size=8 table=chain');
    // The last head that still agrees and the first that does not bound the entry that was rewritten.
    const bounds = report.findings.find(({ code, where }) => code === 'chain-root-differs' && where.from !== undefined);
    expect(Number(bounds?.where.from)).toBeLessThanOrEqual(6);
    expect(Number(bounds?.where.from)).toBeGreaterThanOrEqual(4);
    expect(Number(bounds?.where.to)).toBeGreaterThan(6);
    expect([...new Set(report.findings.map(({ code }) => code))].sort()).toEqual([
      'anchor-changed',
      'chain-root-differs',
    ]);
    expect(report.chain.reason).toContain('The stored tiles do not agree with the contract either.');
    expect(report.checks.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'entries passed',
      'versions passed',
      'records passed',
      'keys passed',
      'tiles passed',
      'checkpoints passed',
      'counters passed',
      'anchors failed',
      'chain failed',
      'access-log passed',
    ]);
  });
});

describe('the rows of anchors', () => {
  test.each([
    ['root', `root = sha256('other')`, ['anchor-changed', 'anchor-root-wrong']],
    ['block_number', 'block_number = block_number - 1', ['anchor-changed']],
    ['block_hash', `block_hash = '0x' || repeat('ab', 32)`, ['anchor-changed']],
    ['transaction', `transaction = '0x' || repeat('ab', 32)`, ['anchor-not-on-chain', 'anchor-unrecorded']],
  ])('%s', async (field, assignment, codes) => {
    const report = await sweepAfter(site, [`UPDATE anchor SET ${assignment} WHERE size = 8`]);
    expect([...new Set(report.findings.map(({ code }) => code))].sort()).toEqual(codes);
    expect(report.findings.filter(({ where }) => where.anchor !== undefined).map(({ where }) => where)).toEqual(
      codes
        .filter((code) => code !== 'anchor-unrecorded')
        .map(() => ({ table: 'anchor', anchor: expect.stringMatching(/^\d+$/), size: '8', field })),
    );
  });

  test('one is deleted: the contract announced a head of which there is no row', async () => {
    const report = await sweepAfter(site, ['DELETE FROM anchor WHERE size = 8']);
    expect(named(report)).toEqual([
      expect.stringMatching(/^anchor-unrecorded size=8 table=anchor transaction=0x[0-9a-f]{64}$/),
    ]);
    expect(report.findings[0]?.severity).toBe('warning');
  });
});

describe('the rows of epochs', () => {
  test('the contract: the service is not configured for it', async () => {
    const report = await sweepAfter(site, [`UPDATE anchor_epoch SET contract = '0x' || repeat('ab', 20)`]);
    expect(named(report)).toEqual(['chain-mismatch table=anchor_epoch']);
    expect(report.chain.reason).toContain(`this log is anchored in 0x${'ab'.repeat(20)} on chain`);
  });

  test('the number: no log entry began that epoch', async () => {
    const report = await sweepAfter(site, ['UPDATE anchor_epoch SET epoch = 2', 'UPDATE anchor SET epoch = 2']);
    expect(named(report)).toEqual([
      'epoch-wrong epoch=2 field=entry_index table=anchor_epoch',
      'epoch-wrong epoch=2 field=epoch table=anchor_epoch',
    ]);
  });
});

describe('the chain cannot be asked', () => {
  test('it does not answer: skipped with the reason, never passed', async () => {
    const report = await sweepAfter(site, [], 'http://127.0.0.1:9');
    expect(report.findings).toEqual([]);
    expect(report.chain).toEqual({
      status: 'skipped',
      reason: expect.stringContaining('the chain does not answer as expected'),
      size: null,
      root: null,
    });
    expect(report.checks.filter(({ result }) => result !== 'passed').map(({ name, result }) => [name, result])).toEqual(
      [
        ['anchors', 'skipped'],
        ['chain', 'skipped'],
      ],
    );
  });
});

/** What somebody with every key and every right can do: another entry at this index, and all that follows from it. */
async function rewriteEntry(index: number): Promise<readonly Damage[]> {
  const rows = await site.read<{ entry: Buffer; leaf: Buffer }>(
    `SELECT substring(entries FROM 3) AS entry, leaf_hashes AS leaf FROM entry_batch ORDER BY first_index`,
  );
  const octets = rows[index]?.entry;
  if (octets === undefined) throw new Error(`no entry ${index}`);
  const entry = parseEntry(octets);
  if (entry.kind !== 'record-version') throw new Error('not a version');
  // One millisecond later: the smallest lie there is, and the row can follow it.
  const time = new Date(Date.parse(entry.time) + 1).toISOString();
  const forged = formatEntry({ ...entry, time });
  const leaf = leafHash(forged);
  const leaves = rows.map((row) => Uint8Array.from(row.leaf)).with(index, Uint8Array.from(leaf));
  const rootAt = (size: number): Uint8Array => rootFromLeaves(leaves.slice(0, size));
  const signed = await site.read<{ size: string }>('SELECT size FROM checkpoint WHERE size > $1', [index]);
  const signer = noteSigner(TEST_ORIGIN, site.checkpointSeed);
  return [
    [
      `UPDATE entry_batch SET entries = substring(entries FOR 2) || decode($1, 'hex'), leaf_hashes = decode($2, 'hex') WHERE first_index = $3`,
      toHex(forged),
      toHex(leaf),
      index,
    ],
    [`UPDATE version SET leaf_hash = decode($1, 'hex'), recorded_at = $2 WHERE index = $3`, toHex(leaf), time, index],
    [
      `UPDATE record SET head_leaf = decode($1, 'hex') WHERE id = (SELECT record FROM version WHERE index = $2)`,
      toHex(leaf),
      index,
    ],
    [`UPDATE tile SET hashes = $1 WHERE level = 0 AND n = 0`, Buffer.concat(leaves)],
    ['UPDATE log_tree SET root = $1', rootAt(8)],
    ['UPDATE log_checkpoint SET root = $1', rootAt(8)],
    ...signed.map(({ size }): Damage => {
      const head = { origin: TEST_ORIGIN, size: BigInt(size), root: rootAt(Number(size)) };
      return [
        'UPDATE checkpoint SET root = $1, note = $2 WHERE size = $3',
        head.root,
        signNote(formatCheckpoint(head), [signer]),
        size,
      ];
    }),
    ['UPDATE anchor SET root = $1 WHERE size = 8', rootAt(8)],
  ];
}
