// What the tamper sweep keeps of its runs and findings, on real PostgreSQL: found once, seen again, cleared, and never changed.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { finding, type FsckFinding } from '../../api/src/ledger/store/fsck-finding.ts';
import { PgFsckRunStore } from '../../api/src/ledger/store/fsck-run-store.pg.ts';
import type { FsckSummary } from '../../api/src/ledger/store/fsck-run-store.port.ts';
import { PgStores } from './support/pg-backend.ts';

let stores: PgStores;
let store: PgFsckRunStore;
let other: PgFsckRunStore;
const at = new Date('2026-11-24T12:00:00.000Z');

const entry: FsckFinding = finding('entry-changed', { table: 'entry_batch', index: '7' }, 'entry 7 was changed');
const tile: FsckFinding = finding('tile-unexpected', { table: 'tile', level: 0, tile: '9' }, 'a tile too many');
const report: FsckSummary = {
  size: '9',
  root: null,
  chain: { status: 'skipped', reason: 'no answer', size: null, root: null },
  checks: [],
};
const memory = (size: bigint) => ({
  phase: 'entries' as const,
  cursor: size,
  treeSize: size,
  edge: new Uint8Array(32).fill(1),
  seal: new Uint8Array(65).fill(2),
});

beforeAll(async () => {
  stores = await PgStores.open();
  const { log } = await stores.backend();
  store = new PgFsckRunStore(stores.pool, log);
  other = new PgFsckRunStore(stores.otherPool, log);
});

afterAll(async () => {
  await stores.close();
});

test('one sweep at a time, over processes; the next one may when the first is done', async () => {
  const seen: unknown[] = [];
  const first = store.exclusively(async () => {
    seen.push(await other.exclusively(async () => 'never'));
    return 'first';
  });
  expect(await first).toBe('first');
  expect(seen).toEqual([null]);
  expect(await other.exclusively(async () => 'second')).toBe('second');
  await expect(
    store.exclusively(async () => {
      throw new Error('damaged');
    }),
  ).rejects.toThrow('damaged');
  expect(await other.exclusively(async () => 'third')).toBe('third');
});

describe('findings', () => {
  test('new ones once, with an alarm; the same ones again are sightings', async () => {
    const one = await store.begin('full', 0n, at);
    expect((await store.record(one.id, [entry, tile], 1, at)).fresh).toEqual([entry, tile]);
    expect((await store.record(one.id, [entry], 5, at)).fresh).toEqual([]);
    const two = await store.begin('full', 0n, at);
    expect((await store.record(two.id, [{ ...entry, detail: 'said otherwise' }], 5, at)).fresh).toEqual([]);
    expect(await store.openCounts()).toEqual({ fault: 1, warning: 1 });
    const alarms = await stores.pool.query<{ detail: string }>('SELECT detail FROM integrity_alarm');
    expect(alarms.rows.map(({ detail }) => detail)).toEqual(['entry-changed: entry 7 was changed']);
    expect((await store.findings(two.id, 0n, 10)).map(({ detail }) => detail)).toEqual(['entry 7 was changed']);
  });

  test('cleared by the run that covers their check and does not see them; found anew afterwards', async () => {
    const three = await store.begin('full', 0n, at);
    await store.record(three.id, [tile], 0, at);
    expect(await store.clear(three.id, ['tiles'], at)).toBe(0);
    expect(await store.clear(three.id, ['entries', 'tiles'], at)).toBe(1);
    expect((await store.findings(null, 0n, 10)).map(({ code }) => code)).toEqual(['tile-unexpected']);
    expect((await store.record(three.id, [entry], 0, at)).fresh).toEqual([entry]);
    expect((await store.findings(null, 0n, 10)).map(({ code }) => code)).toEqual(['tile-unexpected', 'entry-changed']);
  });

  test.each(['fsck_finding', 'fsck_sighting', 'fsck_clearance'])('%s is append-only', async (table) => {
    for (const statement of [`UPDATE ${table} SET run = run`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])
      await expect(stores.owner.query(statement)).rejects.toThrow('is refused: the ledger is append-only');
  });

  test('a run is never removed', async () => {
    await expect(stores.owner.query('DELETE FROM fsck_run')).rejects.toThrow('is refused: the ledger is append-only');
  });
});

describe('memories', () => {
  test('of the newest run of a mode; of the newest clean one; older ones are dropped', async () => {
    const stopped = await store.begin('incremental', 3n, at);
    await store.save(stopped.id, memory(5n), 2n, 1.5, at);
    await store.stop(stopped.id, at);
    const newest = await store.newest('incremental');
    expect([newest?.run.state, newest?.run.entries, newest?.run.seconds, newest?.memory?.cursor]).toEqual([
      'stopped',
      2n,
      1.5,
      5n,
    ]);
    expect(await store.newestClean()).toBeNull();
    const run = await store.begin('full', 0n, at);
    const result = { report, clean: true, findingCount: 0n, entries: 9n, seconds: 2 };
    await store.finish(run.id, result, { ...memory(9n), phase: 'done' }, at);
    const clean = await store.newestClean();
    expect([clean?.run.id, clean?.memory.treeSize, clean?.run.report]).toEqual([run.id, 9n, report]);
    expect((await store.newest('incremental'))?.memory).toBeNull();
  });

  test('a run that was killed is not going on when the next one begins', async () => {
    const killed = await store.begin('full', 0n, at);
    expect(killed.state).toBe('running');
    await store.begin('full', 0n, at);
    expect((await store.run(killed.id))?.state).toBe('stopped');
  });
});
