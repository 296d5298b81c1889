// The connection ends just before COMMIT reaches the database, or after it took effect and before its answer arrives. The
// stages' own repetition must not see the difference: one entry, one tree, one checkpoint. (Cuts between the statements of
// a transaction are in a-connection-dies.test.ts.)

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { leafHash, rootFromLeaves } from '@medanchor/verifier';
import { Sequencer } from '../../api/src/ledger/append/sequencer.ts';
import type { SequenceResult, Submission } from '../../api/src/ledger/store/entry-store.port.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import {
  appendPlain,
  createRecord,
  extend,
  integrateAll,
  plan,
  versionOf,
  type LedgerStores,
} from '../support/store-backend.ts';
import { expectConnectionLoss, loseNextCommit } from './support/commit-trouble.ts';
import { PgStores, type PgBackend } from './support/pg-backend.ts';

let stores: PgStores;
let backend: PgBackend;
let ledger: LedgerStores;
let other: LedgerStores;

beforeAll(async () => {
  stores = await PgStores.open();
}, 30_000);

afterAll(async () => {
  await stores.close();
});

beforeEach(async () => {
  backend = await stores.backend();
  [ledger, other] = backend.processes;
});

/** Every row of this log. */
async function rows(): Promise<string> {
  const tables = [
    'log_sequence',
    'log_tree',
    'log_checkpoint',
    'entry_batch',
    'tile',
    'checkpoint',
    'version',
    'record',
  ];
  const dumps: string[] = [];
  for (const table of tables) {
    const found = await stores.otherPool.query<{ row: string }>(
      `SELECT t::text AS row FROM ${table} t WHERE log = $1 ORDER BY 1`,
      [backend.log],
    );
    dumps.push(table, ...found.rows.map(({ row }) => row));
  }
  return dumps.join('\n');
}

describe('of a batch', () => {
  test.each([
    ['before COMMIT', 'sequenced'],
    ['after COMMIT', 'duplicate'],
  ] as const)('%s: the sequencer tries again, and every caller gets the one receipt', async (moment, result) => {
    const records = [await createRecord(ledger, backend.sources[0]), await createRecord(ledger, backend.sources[1])];
    const attempts: number[] = [];
    const sequencer = new Sequencer<Submission, SequenceResult>(
      { batchSize: 10, maxWaitMs: 50, maxInFlight: 10 },
      (batch) => {
        attempts.push(batch.length);
        return ledger.entries.sequence(batch, plan);
      },
      createLogger('silent'),
      new Metrics(),
    );
    loseNextCommit(stores.pool, stores.otherPool, moment);
    const receipts = await Promise.all(
      records.map((record) => sequencer.submit([versionOf(record, '1', '{"dose":6.30}')])),
    );
    await sequencer.close();
    expect(attempts).toEqual([2, 2]);
    expect(receipts.flat()).toMatchObject([
      { result, version: { index: 0n, seq: 1n } },
      { result, version: { index: 1n, seq: 1n } },
    ]);
    expect(await other.entries.ends()).toEqual({ next: 2n, stored: 2n });
  });
});

describe('of a grown tree', () => {
  beforeEach(async () => {
    await appendPlain(ledger, 300);
  });

  test('before COMMIT: the previous tree stands, and another process grows it', async () => {
    const before = await rows();
    loseNextCommit(stores.pool, stores.otherPool, 'before COMMIT');
    await expectConnectionLoss(ledger.trees.integrate(1000, extend));
    expect(await rows()).toBe(before);
    expect((await other.trees.integrate(1000, extend))?.size).toBe(300n);
  });

  test('after COMMIT: the tree has grown, and nothing is left to do', async () => {
    loseNextCommit(stores.pool, stores.otherPool, 'after COMMIT');
    await expect(ledger.trees.integrate(1000, extend)).rejects.toThrow('the answer to COMMIT was lost');
    expect(await ledger.trees.integrate(1000, extend)).toBeNull();
    const leaves = (await other.entries.readEntries(0n, 300n)).map((entry) => leafHash(entry));
    expect(await other.trees.head()).toEqual({ size: 300n, root: rootFromLeaves(leaves) });
  });
});

describe('of a checkpoint', () => {
  beforeEach(async () => {
    await appendPlain(ledger, 3);
    await integrateAll(ledger);
  });

  test('before COMMIT: there is none, and the signature that nobody saw is made again by another process', async () => {
    const before = await rows();
    loseNextCommit(stores.pool, stores.otherPool, 'before COMMIT');
    await expectConnectionLoss(ledger.trees.sign(() => 'first'));
    expect(await rows()).toBe(before);
    expect(await other.trees.sign(() => 'second')).toMatchObject({ size: 3n, note: 'second' });
  });

  test('after COMMIT: it stands, and its size is never signed again', async () => {
    loseNextCommit(stores.pool, stores.otherPool, 'after COMMIT');
    await expect(ledger.trees.sign(() => 'first')).rejects.toThrow('the answer to COMMIT was lost');
    expect(await ledger.trees.sign(() => 'second')).toBeNull();
    expect(await other.trees.latestCheckpoint()).toMatchObject({ size: 3n, note: 'first' });
  });
});
