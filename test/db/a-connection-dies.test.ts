// A connection is cut at the worst moments: before COMMIT nothing has happened, after COMMIT everything has, and the
// repeated call cannot tell the difference. Locks go with the connection that held them.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toHex } from '@medanchor/verifier';
import { PgEntryStore } from '../../api/src/ledger/store/entry-store.pg.ts';
import { PgTreeStore } from '../../api/src/ledger/store/tree-store.pg.ts';
import { createPool, inTransaction, type Pool } from '../../api/src/platform/database/pool.ts';
import type { SequenceResult } from '../../api/src/ledger/store/entry-store.port.ts';
import {
  appendPlain,
  createRecord,
  integrateAll,
  plan,
  versionOf,
  type LedgerStores,
  type TestRecord,
} from '../support/store-backend.ts';
import { expectConnectionLoss } from './support/commit-trouble.ts';
import { asService } from '../support/database.ts';
import { PgStores, type PgBackend } from './support/pg-backend.ts';

let stores: PgStores;
let backend: PgBackend;
let ledger: LedgerStores;
let record: TestRecord;

beforeAll(async () => {
  stores = await PgStores.open();
});

beforeEach(async () => {
  backend = await stores.backend();
  [ledger] = backend.processes;
  record = await createRecord(ledger, backend.sources[0]);
});

afterAll(async () => {
  await stores.close();
});

/** Ends the connection whose last statement began like this, and waits until it is gone; fails when there is none. */
async function cut(statement: string, state = 'idle in transaction'): Promise<void> {
  let ended: readonly number[] = [];
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (ended.length === 0) {
      const { rows } = await stores.otherPool.query<{ pid: number }>(
        `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE $1 AND state = $2`,
        [`${statement}%`, state],
      );
      ended = rows.map(({ pid }) => pid);
    }
    const left = await stores.otherPool.query('SELECT FROM pg_stat_activity WHERE pid = ANY($1)', [ended]);
    if (ended.length > 0 && left.rowCount === 0) return;
    await delay(10);
  }
  throw new Error(`no connection at ${statement}, or it did not end`);
}

async function everything(): Promise<unknown> {
  const { rows } = await stores.otherPool.query<Record<string, bigint>>(
    `SELECT (SELECT next_index FROM log_sequence WHERE log = $1) AS next, (SELECT count(*) FROM entry_batch WHERE log = $1) AS batches,
            (SELECT count(*) FROM version WHERE log = $1) AS versions, coalesce((SELECT head_seq FROM record WHERE id = $2), 0) AS head`,
    [backend.log, record.id],
  );
  return rows[0];
}

const NOTHING = { next: 0n, batches: 0n, versions: 0n, head: 0n };
const ONE = { next: 1n, batches: 1n, versions: 1n, head: 1n };

type Statement = (config: unknown, values?: unknown) => Promise<unknown>;

/** A pool of one connection whose queries pass through `hook`. `query` sends one on the same connection. */
async function hookedPool(
  hook: (text: string, run: () => Promise<unknown>, query: Statement) => Promise<unknown>,
): Promise<Pool> {
  const pool = createPool(asService(stores.database.url), 1);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Statement;
    const hooked = (config: { text?: string } | string, values?: unknown): Promise<unknown> =>
      hook(typeof config === 'string' ? config : (config.text ?? ''), () => query(config, values), query);
    client.query = hooked as unknown as typeof client.query;
  });
  return pool;
}

describe('while a batch is written', () => {
  const one = (): ReturnType<typeof versionOf> => versionOf(record, '1', '{"a":1}');

  test.each([
    ['the lock is taken', 'SELECT next_index'],
    ['the record is created', 'INSERT INTO record'],
    ['the batch is written', 'INSERT INTO entry_batch'],
    ['the sequence is advanced', 'UPDATE log_sequence'],
    ['the versions are written', 'INSERT INTO version'],
  ])('after %s: nothing happened, and the repeated call makes one entry', async (_what, statement) => {
    await checkDeathAfter(statement, one(), NOTHING, ONE);
  });

  test('after the head of an older record is advanced: the same', async () => {
    const two = versionOf(record, '2', '{"a":2}');
    await ledger.entries.sequence([one()], plan);
    await checkDeathAfter('UPDATE record', two, ONE, { next: 2n, batches: 2n, versions: 2n, head: 2n });
  });

  async function checkDeathAfter(
    statement: string,
    version: ReturnType<typeof versionOf>,
    before: object,
    after: object,
  ): Promise<void> {
    let struck = false;
    const pool = await hookedPool((text, run, query) => {
      const result = run();
      if (text.trimStart().startsWith(statement) && !struck) {
        struck = true;
        // Sent right behind it: the server does the one, then ends, and never sees what was sent after.
        query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      }
      return result;
    });
    try {
      const entries = new PgEntryStore(pool, backend.log);
      await expectConnectionLoss(entries.sequence([version], plan));
      expect(struck).toBe(true);
      expect(await everything()).toEqual(before);
      const [again] = await entries.sequence([version], plan);
      expect(again?.result).toBe('sequenced');
      expect(await everything()).toEqual(after);
    } finally {
      await pool.end();
    }
  }

  test('the answer to COMMIT is lost: the repeated call gets the first receipt', async () => {
    let lost = false;
    const answers: SequenceResult[] = [];
    const pool = await hookedPool(async (text, run) => {
      const result = await run();
      if (text === 'COMMIT' && !lost) {
        lost = true;
        throw new Error('Connection terminated unexpectedly');
      }
      return result;
    });
    try {
      const entries = new PgEntryStore(pool, backend.log);
      await expect(entries.sequence([one()], plan)).rejects.toThrow('Connection terminated unexpectedly');
      expect(await everything()).toEqual(ONE);
      answers.push(...(await entries.sequence([one()], plan)));
    } finally {
      await pool.end();
    }
    expect(answers.map(({ result }) => result)).toEqual(['duplicate']);
    const stored = (await ledger.records.locate([{ ...record, versionId: '1' }]))[0]?.version;
    const first = answers[0];
    if (first?.result !== 'duplicate') throw new Error('not a duplicate');
    expect(first.version.index).toBe(0n);
    expect(toHex(first.version.leafHash)).toBe(toHex(stored?.leafHash as Uint8Array));
    expect(await everything()).toEqual(ONE);
  });

  test('others go on at once: the lock went with the connection', async () => {
    const holding = inTransaction(stores.pool, 'BEGIN', async (client) => {
      await client.query('SELECT next_index FROM log_sequence WHERE log = $1 FOR UPDATE', [backend.log]);
      await cut('SELECT next_index FROM log_sequence WHERE log = $1 FOR UPDATE');
      await client.query('SELECT 1');
    });
    const waiting = backend.processes[2].entries.sequence([one()], plan);
    await expectConnectionLoss(holding);
    expect((await waiting).map(({ result }) => result)).toEqual(['sequenced']);
  });
});

describe('while the tree grows', () => {
  test('after the tiles are written: the previous tree is there, and the next run does it again', async () => {
    await appendPlain(ledger, 3);
    await integrateAll(ledger);
    const before = await ledger.trees.head();
    await appendPlain(ledger, 300);
    const pool = await hookedPool(async (text, run) => {
      const result = await run();
      if (text.startsWith('INSERT INTO tile')) await cut('INSERT INTO tile');
      return result;
    });
    try {
      await expectConnectionLoss(integrateAll({ ...ledger, trees: new PgTreeStore(pool, backend.log) }));
    } finally {
      await pool.end();
    }
    expect(await ledger.trees.head()).toEqual(before);
    expect((await ledger.trees.tile(0, 0n))?.length).toBe(96);
    expect((await integrateAll(ledger)).size).toBe(303n);
  });

  test.each([
    ['integrates', 'SELECT size, root FROM log_tree WHERE log = $1 FOR UPDATE', 'integrate'],
    ['signs', 'SELECT size FROM log_checkpoint WHERE log = $1 FOR UPDATE', 'sign'],
  ] as const)('while another process %s, a call does nothing and returns null at once', async (_what, lock, call) => {
    await appendPlain(ledger, 2);
    if (call === 'sign') await integrateAll(ledger);
    await inTransaction(stores.pool, 'BEGIN', async (client) => {
      await client.query(lock, [backend.log]);
      const other = backend.processes[1].trees;
      const never = (): never => {
        throw new Error('both are at work');
      };
      expect(call === 'sign' ? await other.sign(never) : await other.integrate(10, never)).toBeNull();
    });
    expect((await ledger.trees.head()).size).toBe(call === 'sign' ? 2n : 0n);
  });
});

test('the anchor stage’s lock dies with its connection, so that a killed process never blocks the others', async () => {
  let other: boolean | undefined;
  const first = await ledger.anchors.exclusively(async () => {
    expect(await backend.processes[1].anchors.exclusively(async () => undefined)).toBe(false);
    await cut('SELECT pg_try_advisory_lock', 'idle');
    other = await backend.processes[1].anchors.exclusively(async () => undefined);
  });
  expect([first, other]).toEqual([true, true]);
  // The dead connection did not go back to the pool.
  expect(await ledger.anchors.exclusively(async () => undefined)).toBe(true);
});
