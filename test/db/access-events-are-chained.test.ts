// The access log: events follow from each other in the chain of their tenant, however many write at once; an event in the
// caller's transaction lives and dies with it; and nobody's odd text keeps an act from being recorded.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessEventHash, accessGenesis, NO_TENANT, parseAccessEvent, toHex } from '@medanchor/verifier';
import { DataSource } from 'typeorm';
import { type EventQuery } from '../../api/src/access-log/access-event-store.port.ts';
import { PgAccessEventStore } from '../../api/src/access-log/access-event-store.pg.ts';
import { AccessLogService } from '../../api/src/access-log/access-log.service.ts';
import { type AccessEvent } from '../../api/src/platform/auth/access-log.port.ts';
import { dataSourceOptions } from '../../api/src/platform/database/database.module.ts';
import { inTransaction } from '../../api/src/platform/database/pool.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import { asService } from '../support/database.ts';
import { accessEvent, TENANT, OTHER_TENANT } from '../support/access-events.ts';
import { PgStores } from './support/pg-backend.ts';

let stores: PgStores;
let log: AccessLogService;
let other: AccessLogService;
const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };

beforeAll(async () => {
  stores = await PgStores.open();
  const service = (pool: PgStores['pool']): AccessLogService =>
    new AccessLogService(new PgAccessEventStore(pool), clock, createLogger('silent'), new Metrics());
  log = service(stores.pool);
  other = service(stores.otherPool);
}, 30_000);

afterAll(async () => {
  await log.close();
  await stores.close();
});

const EVERYTHING = { after: 0n, from: null, to: null, recordRef: null, subject: null };

async function chainOf(chain: string) {
  return new PgAccessEventStore(stores.pool).find({
    ...EVERYTHING,
    chain,
    limit: 100_000,
  });
}

/** Numbers without a gap, each hash over the one before, the head at the end. */
async function expectWhole(chain: string, count: number): Promise<void> {
  const events = await chainOf(chain);
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, at) => BigInt(at + 1)));
  let previous = accessGenesis(chain);
  for (const { event, previousHash, hash } of events) {
    expect(toHex(previousHash)).toBe(toHex(previous));
    previous = accessEventHash(previous, event);
    expect(toHex(hash)).toBe(toHex(previous));
  }
  const { rows } = await stores.pool.query('SELECT seq, hash FROM access_head WHERE chain = $1', [chain]);
  expect(rows).toEqual([{ seq: BigInt(count), hash: Buffer.from(previous) }]);
}

test('what is stored is the text that was hashed, with its time', async () => {
  await log.record(accessEvent({ action: 'version.read' }));
  const [first] = await chainOf(TENANT);
  expect(first).toMatchObject({
    seq: 1n,
    time: '2026-01-02T03:04:05.678Z',
    event:
      '{"action":"version.read","address":"192.0.2.7","breakGlass":null,"caller":{"clientId":"ehr-1","issuer":"https://issuer.example","kind":"client","roles":["auditor","record-system"],"sessionId":null,"subject":"ehr-1"},"chain":"11111111-1111-4111-8111-111111111111","decision":{"policyVersion":"1","reasons":["role-allows"],"result":"allow"},"entity":{"recordRef":"abababababababababababababababababababababababababababababababab","seq":"3","source":"33333333-3333-4333-8333-333333333333"},"format":"medanchor-access-event/1","outcome":"success","purposeOfUse":"TREAT","requestId":"req-1","time":"2026-01-02T03:04:05.678Z"}',
  });
  expect(toHex(first?.hash as Uint8Array)).toBe('760427b12169beba8809b3b35fa6f7e639f78debf711ac4005c48260f5851d4c');
  await expectWhole(TENANT, 1);
});

test('two processes and two tenants at once: each chain without a gap, and each tenant its own', async () => {
  const events = Array.from({ length: 400 }, (_, at) =>
    accessEvent({ requestId: `r${at}`, tenantId: at % 4 === 0 ? OTHER_TENANT : at % 4 === 1 ? null : TENANT }),
  );
  await Promise.all(events.map((event, at) => (at % 2 === 0 ? log : other).record(event)));
  await expectWhole(TENANT, 201);
  await expectWhole(OTHER_TENANT, 100);
  await expectWhole(NO_TENANT, 100);
  expect((await chainOf(OTHER_TENANT)).every(({ event }) => parseAccessEvent(event).chain === OTHER_TENANT)).toBe(true);
}, 20_000);

test('concurrent events share transactions', async () => {
  const count = async (): Promise<bigint> =>
    (await stores.owner.query('SELECT count(DISTINCT xmin::text) AS n FROM access_event')).rows[0].n as bigint;
  const before = await count();
  await Promise.all(Array.from({ length: 300 }, () => log.record(accessEvent({}))));
  // Two at once go at once; all others wait together.
  expect((await count()) - before).toBeLessThanOrEqual(4n);
}, 20_000);

describe('in the transaction of the act', () => {
  test('the event and the act are there together', async () => {
    await inTransaction(stores.pool, 'BEGIN', async (client) => {
      await client.query(`INSERT INTO tenant (id, name) VALUES (gen_random_uuid(), 'made here')`);
      await log.recordWithin(client, accessEvent({ action: 'tenant.manage', tenantId: null }));
    });
    const { rows } = await stores.pool.query(`SELECT count(*) AS n FROM tenant WHERE name = 'made here'`);
    expect(rows).toEqual([{ n: 1n }]);
    await expectWhole(NO_TENANT, 101);
  });

  test('neither is there when it is rolled back, and the chain goes on', async () => {
    await expect(
      inTransaction(stores.pool, 'BEGIN', async (client) => {
        await log.recordWithin(client, accessEvent({ tenantId: null }));
        throw new Error('the act failed');
      }),
    ).rejects.toThrow('the act failed');
    await log.record(accessEvent({ tenantId: null }));
    await expectWhole(NO_TENANT, 102);
  });

  test('a TypeORM query runner will do, also for the first event of a tenant', async () => {
    const tenantId = '99999999-9999-4999-8999-999999999999';
    const source = await new DataSource(dataSourceOptions(asService(stores.database.url), [])).initialize();
    try {
      const runner = source.createQueryRunner();
      await runner.startTransaction();
      const within = { query: (sql: string, values: readonly unknown[]) => runner.query(sql, [...values]) };
      await log.recordWithin(within, accessEvent({ tenantId }));
      await log.recordWithin(within, accessEvent({ tenantId }));
      await runner.commitTransaction();
      await runner.release();
    } finally {
      await source.destroy();
    }
    await expectWhole(tenantId, 2);
  });
});

test.each<[string, Partial<AccessEvent>, string]>([
  ['a lone surrogate', { requestId: 'a\ud800b' }, 'a\ufffdb'],
  ['U+0000', { requestId: 'a\u0000b' }, 'a\ufffdb'],
  ['2000 characters', { requestId: 'x'.repeat(2000) }, 'x'.repeat(1024)],
])('%s from outside does not keep an act from being recorded', async (_what, odd, kept) => {
  await log.record(accessEvent(odd));
  const last = (await chainOf(TENANT)).at(-1);
  expect(parseAccessEvent(last?.event ?? '').requestId).toBe(kept);
});

test('events are found by time, record and subject', async () => {
  const chain = '55555555-5555-4555-8555-555555555555';
  const store = new PgAccessEventStore(stores.pool);
  const at = (ms: number): AccessLogService =>
    new AccessLogService(store, { now: () => new Date(ms) }, createLogger('silent'), new Metrics());
  const record = (recordRef: Uint8Array): AccessEvent['entity'] => ({ sourceId: TENANT, recordRef, seq: null });
  await at(1000).record(accessEvent({ tenantId: chain, entity: record(new Uint8Array(32).fill(1)) }));
  await at(2000).record(accessEvent({ tenantId: chain, entity: record(new Uint8Array(32).fill(2)) }));
  await at(3000).record(accessEvent({ tenantId: chain, caller: null, entity: null }));
  const seqs = async (query: Partial<EventQuery>): Promise<readonly bigint[]> =>
    (await store.find({ ...EVERYTHING, chain, limit: 10, ...query })).map(({ seq }) => seq);
  const time = (ms: number): string => new Date(ms).toISOString();
  expect(await seqs({})).toEqual([1n, 2n, 3n]);
  expect(await seqs({ after: 1n, limit: 1 })).toEqual([2n]);
  expect(await seqs({ from: time(2000) })).toEqual([2n, 3n]);
  expect(await seqs({ from: time(1001), to: time(2999) })).toEqual([2n]);
  expect(await seqs({ recordRef: new Uint8Array(32).fill(2) })).toEqual([2n]);
  expect(await seqs({ subject: 'ehr-1' })).toEqual([1n, 2n]);
  expect(await seqs({ subject: 'ehr-1', recordRef: new Uint8Array(32).fill(1) })).toEqual([1n]);
});

describe('what the tables refuse', () => {
  const insert = (seq: bigint, previous: string): Promise<unknown> =>
    stores.pool.query(
      `INSERT INTO access_event (chain, seq, "time", event, previous_hash, hash) VALUES ($1, $2, '2026-01-02T03:04:05.678Z', '{}', ${previous}, sha256('x'))`,
      [TENANT, seq],
    );

  test('a gap, and an event that follows from none', async () => {
    const next = BigInt((await chainOf(TENANT)).length + 1);
    await expect(insert(next + 1n, `sha256('y')`)).rejects.toThrow(
      `access event ${next + 1n} does not follow from the one before it`,
    );
    await expect(insert(next, `sha256('y')`)).rejects.toThrow(
      `access event ${next} does not follow from the one before it`,
    );
    await expect(insert(1n, `sha256('y')`)).rejects.toThrow('duplicate key');
  });

  test.each([
    ['UPDATE access_head SET seq = seq - 1', /^access_head may only grow \(event \d+ to \d+\)$/],
    [`UPDATE access_head SET hash = sha256('x')`, /^access_head may only grow/],
    ['UPDATE access_event SET event = event', /^UPDATE on access_event is refused: the ledger is append-only$/],
    ['DELETE FROM access_event', /^DELETE on access_event is refused/],
    ['TRUNCATE access_event', /^TRUNCATE on access_event is refused/],
    ['DELETE FROM access_head', /^DELETE on access_head is refused/],
  ])('%s, even by the owner', async (statement, message) => {
    await expect(stores.owner.query(statement)).rejects.toThrow(message);
  });
});
