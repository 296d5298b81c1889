// What a rotation may replace: only the value that it has read, and never a row that somebody else holds; keys of records and
// encrypted columns alike.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { subjectKeyContext } from '../../api/src/identity/subject-key.ts';
import { SubjectKeyTarget } from '../../api/src/identity/subject-key-target.pg.ts';
import { recordKeyContext } from '../../api/src/ledger/store/record-key.ts';
import { RecordKeyTarget } from '../../api/src/ledger/store/record-key-target.pg.ts';
import { SystemClock } from '../../api/src/platform/clock/clock.ts';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { createPool, type Pool } from '../../api/src/platform/database/pool.ts';
import { FieldCipher, FieldDamagedError, parseField } from '../../api/src/platform/keys/field-cipher.ts';
import { LocalKeyProvider } from '../../api/src/platform/keys/local-key-provider.file.ts';
import { EncryptedColumnTarget } from '../../api/src/platform/keys/rotation/encrypted-column.pg.ts';
import { PgKeyHolders } from '../../api/src/platform/keys/rotation/key-holders.pg.ts';
import { PgRotationStore } from '../../api/src/platform/keys/rotation/rotation-store.pg.ts';
import { RotationTargets } from '../../api/src/platform/keys/rotation/rotation-targets.ts';
import { RotationService } from '../../api/src/platform/keys/rotation/rotation.service.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import { eventually } from '../flow/support/site.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const TENANT = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c';
const [OLD, NEW] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const old = new LocalKeyProvider(OLD);
const both = new LocalKeyProvider(NEW, [OLD]);
const alone = new LocalKeyProvider(NEW);

let database: TestDatabase;
let pool: Pool;
let keys: RecordKeyTarget;
let secrets: EncryptedColumnTarget;
let holders: PgKeyHolders;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url);
  pool = createPool(database.url, 6);
  pool.on('error', () => undefined);
  keys = new RecordKeyTarget(pool);
  holders = holder();
  secrets = new EncryptedColumnTarget(pool, { table: 'made_up', column: 'secret', id: 'id' });
  await pool.query(`INSERT INTO log (id, origin, verifier_key) OVERRIDING SYSTEM VALUE VALUES (1, 'o', 'v')`);
  await pool.query('INSERT INTO tenant (id, name) VALUES ($1, $2)', [TENANT, 't']);
  await pool.query('INSERT INTO source (id, tenant_id, name) VALUES ($1, $2, $3)', [SOURCE, TENANT, 's']);
  await pool.query('CREATE TABLE made_up (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), secret text)');
  for (const table of ['record', 'subject_key']) await pool.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
});

beforeEach(async () => {
  await pool.query('DELETE FROM prepared_record');
  await pool.query('DELETE FROM record');
  await pool.query('DELETE FROM made_up');
  await pool.query('DELETE FROM subject_key');
});

afterAll(async () => {
  await holders.close();
  await pool.end();
  await database.drop();
});

function holder(): PgKeyHolders {
  const own = createPool(database.url, 1);
  own.on('error', () => undefined);
  return new PgKeyHolders(own, createLogger('silent'));
}

async function addRecord(name: string): Promise<string> {
  const [wrapped] = await old.wrap([{ key: randomBytes(32), context: recordKeyContext(TENANT, SOURCE, name) }]);
  const { rows } = await pool.query<{ id: bigint }>(
    'INSERT INTO record (log, source_id, record_id, record_ref, wrapped_key) VALUES (1, $1, $2, $3, $4) RETURNING id',
    [SOURCE, name, randomBytes(32), wrapped],
  );
  return String(rows[0]?.id);
}

/** A key that waits for the second step of a signed submission. */
async function addReservation(name: string, id: number): Promise<void> {
  const [wrapped] = await old.wrap([{ key: randomBytes(32), context: recordKeyContext(TENANT, SOURCE, name) }]);
  await pool.query(
    `INSERT INTO prepared_record (source_id, record_id, id, wrapped_key, expires_at) VALUES ($1, $2, $3, $4, now())`,
    [SOURCE, name, id, wrapped],
  );
}

async function addSecret(text: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('INSERT INTO made_up DEFAULT VALUES RETURNING id');
  const id = rows[0]?.id ?? '';
  const stored = await new FieldCipher(old).encrypt({ table: 'made_up', column: 'secret', row: id }, text);
  await pool.query('UPDATE made_up SET secret = $2 WHERE id = $1', [id, stored]);
  return id;
}

/** What is recorded is looked at elsewhere. */
const UNRECORDED = { within: () => Promise.resolve() };

function service(settleMs = 0): RotationService {
  const targets = new RotationTargets((column) => new EncryptedColumnTarget(pool, column));
  targets.add(keys);
  targets.add(new SubjectKeyTarget(pool));
  targets.add(new RecordKeyTarget(pool, 'prepared_record'));
  targets.addColumn({ table: 'made_up', column: 'secret', id: 'id' });
  return new RotationService(
    {
      keys: both,
      store: new PgRotationStore(pool),
      targets,
      holders,
      clock: new SystemClock(),
      logger: createLogger('silent'),
      metrics: new Metrics(),
    },
    settleMs,
  );
}

const storedSecret = async (id: string): Promise<string> =>
  (await pool.query<{ secret: string }>('SELECT secret FROM made_up WHERE id = $1', [id])).rows[0]?.secret ?? '';

test('pages of records and of secrets, in order, without what is wrapped by the new key already', async () => {
  const ids = [await addRecord('a'), await addRecord('b'), await addRecord('c')];
  await addSecret('one');
  const fresh = [await alone.header()];
  const first = await keys.page(fresh, null, 2);
  expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first[0]?.context).toBe(recordKeyContext(TENANT, SOURCE, 'a'));
  expect((await keys.page(fresh, first[1]?.id ?? '', 2)).map(({ id }) => id)).toEqual([ids[2]]);
  expect(await keys.page([await old.header()], null, 2)).toEqual([]);
  expect((await secrets.page(fresh, null, 2)).length).toBe(1);
  const header = Buffer.from(await old.header()).toString('hex');
  expect(await keys.stale(fresh)).toEqual([{ header, count: 3n }]);
  expect(await secrets.stale(fresh)).toEqual([{ header, count: 1n }]);
});

test('what has changed since it was read stays, and what somebody holds is left out instead of waited for', async () => {
  const [changed, held, free] = [await addRecord('a'), await addRecord('b'), await addRecord('c')];
  const page = await keys.page([await alone.header()], null, 10);
  const swaps = page.map(({ id, wrapped }) => ({ id, old: wrapped, wrapped: new Uint8Array(65).fill(9) }));
  await pool.query('UPDATE record SET wrapped_key = $2 WHERE id = $1', [changed, Buffer.from('erased')]);
  const other = await pool.connect();
  try {
    await other.query('BEGIN');
    await other.query('SELECT FROM record WHERE id = $1 FOR UPDATE', [held]);
    expect(await keys.replace(pool, swaps)).toBe(1);
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
  const { rows } = await pool.query<{ id: bigint; wrapped_key: Buffer }>(
    'SELECT id, wrapped_key FROM record ORDER BY id',
  );
  expect(rows.map(({ id, wrapped_key: key }) => [String(id), key.toString('hex').slice(0, 12)])).toEqual([
    [changed, Buffer.from('erased').toString('hex')],
    [held, Buffer.from(page[1]?.wrapped ?? []).toString('hex', 0, 6)],
    [free, '090909090909'],
  ]);
});

test('a row that was held is found by the next pass', async () => {
  const held = await addRecord('a');
  await addRecord('b');
  const other = await pool.connect();
  await other.query('BEGIN');
  await other.query('SELECT FROM record WHERE id = $1 FOR UPDATE', [held]);
  const release = setTimeout(() => void other.query('ROLLBACK').then(() => other.release()), 150);
  const { rotation, left } = await service(300).rotate(UNRECORDED);
  clearTimeout(release);
  expect([rotation.state, rotation.rewrapped, left]).toEqual(['finished', 2n, []]);
});

test('secrets are wrapped again in their places, and the new key alone reads them', async () => {
  const [one, two] = [await addSecret('JBSWY3DPEHPK3PXP'), await addSecret('ß – 漢')];
  await addRecord('a');
  const { rotation, left } = await service().rotate(UNRECORDED);
  expect([rotation.state, rotation.total, rotation.rewrapped, rotation.failed, left]).toEqual([
    'finished',
    3n,
    3n,
    0n,
    [],
  ]);
  const cipher = new FieldCipher(alone);
  const place = (row: string) => ({ table: 'made_up', column: 'secret', row });
  expect(await cipher.decrypt(place(one), await storedSecret(one))).toBe('JBSWY3DPEHPK3PXP');
  expect(await cipher.decrypt(place(two), await storedSecret(two))).toBe('ß – 漢');
  await expect(cipher.decrypt(place(one), await storedSecret(two))).rejects.toThrow(FieldDamagedError);
  expect(await storedSecret(one)).toMatch(
    new RegExp(`^mf1\\.${Buffer.from(await alone.header()).toString('hex')}\\.[\\w-]+$`),
  );
});

test('the key of a tenant’s pseudonyms is wrapped again; one that was exchanged with another tenant’s stays, and counts', async () => {
  const other = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d';
  await pool.query('INSERT INTO tenant (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [other, 'u']);
  const key = randomBytes(32);
  const wrapped = await old.wrap([TENANT, TENANT].map((tenant) => ({ key, context: subjectKeyContext(tenant) })));
  await pool.query('INSERT INTO subject_key (tenant_id, wrapped_key) VALUES ($1, $2), ($3, $4)', [
    TENANT,
    wrapped[0],
    other,
    wrapped[1],
  ]);
  const { rotation, left } = await service().rotate(UNRECORDED);
  expect([rotation.rewrapped, rotation.failed, left.map(({ count }) => count)]).toEqual([1n, 1n, [1n]]);
  const { rows } = await pool.query<{ wrapped_key: Buffer }>(
    'SELECT wrapped_key FROM subject_key ORDER BY tenant_id = $1',
    [TENANT],
  );
  expect(rows[0]?.wrapped_key.equals(wrapped[1] ?? new Uint8Array())).toBe(true);
  const [opened] = await alone.unwrap([
    { wrapped: rows[1]?.wrapped_key ?? new Uint8Array(), context: subjectKeyContext(TENANT) },
  ]);
  expect(opened).toEqual(key);
});

test('keys that are reserved for records to come are wrapped again too; records without a key here are passed over', async () => {
  await addRecord('a');
  await pool.query(
    `INSERT INTO record (log, source_id, record_id, record_ref, key_holder) VALUES (1, $1, 'digest', $2, 'source')`,
    [SOURCE, randomBytes(32)],
  );
  await pool.query(
    `INSERT INTO record (log, source_id, record_id, record_ref, erased_at) VALUES (1, $1, NULL, $2, now())`,
    [SOURCE, randomBytes(32)],
  );
  await addReservation('prepared', 4711);
  const { rotation, left } = await service().rotate(UNRECORDED);
  expect([rotation.state, rotation.total, rotation.rewrapped, rotation.failed, left]).toEqual([
    'finished',
    2n,
    2n,
    0n,
    [],
  ]);
  const { rows } = await pool.query<{ wrapped_key: Buffer }>('SELECT wrapped_key FROM prepared_record');
  const context = recordKeyContext(TENANT, SOURCE, 'prepared');
  const [opened] = await alone.unwrap([{ wrapped: rows[0]?.wrapped_key ?? new Uint8Array(), context }]);
  expect(opened).toHaveLength(32);
  const { rows: kept } = await pool.query(`SELECT FROM record WHERE wrapped_key IS NULL`);
  expect(kept).toHaveLength(2);
});

test('what is no encrypted value at all is counted as failed, and left as it is', async () => {
  const id = await addSecret('x');
  await pool.query(`UPDATE made_up SET secret = 'in clear' WHERE id = $1`, [id]);
  const { rotation, left } = await service().rotate(UNRECORDED);
  expect([rotation.state, rotation.rewrapped, rotation.failed, left.length]).toEqual(['finished', 0n, 1n, 1]);
  expect(await storedSecret(id)).toBe('in clear');
});

test.each([
  '',
  'mf1.',
  'mf1.0102030405.',
  `mf1.0102030405.${'A'.repeat(37)}`,
  `mf2.0102030405.${'A'.repeat(40)}`,
  `mf1.0102030405.${'A'.repeat(40)}=`,
  `mf1.010203040X.${'A'.repeat(40)}`,
  `mf1.0102030405.${'A'.repeat(37)}B`,
])('%j is no encrypted value', (stored) => {
  expect(parseField(stored)).toBeNull();
});

test('table and column of a place have plain names, so that no two places have one context', async () => {
  const cipher = new FieldCipher(old);
  await expect(cipher.encrypt({ table: 'a:b', column: 'c', row: 'd' }, 'x')).rejects.toThrow(TypeError);
  expect(() => new EncryptedColumnTarget(pool, { table: 'a; DROP', column: 'c', id: 'd' })).toThrow(TypeError);
});

test('only one rotation goes on at a time', async () => {
  const store = new PgRotationStore(pool);
  expect(await store.exclusively(() => store.exclusively(async () => 'second'))).toBeNull();
});

test('nobody is passed over who cannot open what the new key wraps; a process that ends, or loses its connection, is not in the way for ever', async () => {
  const [one, two] = [holder(), holder()];
  const [oldHeader, newHeader] = [await old.header(), await alone.header()];
  expect(await holders.without(newHeader)).toBe(0);
  await one.announce(both.opens());
  await two.announce(old.opens());
  expect([await holders.without(newHeader), await holders.without(oldHeader)]).toEqual([1, 0]);
  await addRecord('a');
  await expect(service().rotate(UNRECORDED)).rejects.toMatchObject({ code: 'key-not-everywhere' });
  // Its connection is cut: a moment later it is there again.
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1801808640 AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  await eventually(
    'both are back',
    () => holders.without(Uint8Array.of(9, 0, 0, 0, 0)),
    (count) => count === 2,
  );
  expect(await holders.without(newHeader)).toBe(1);
  await two.close();
  await eventually(
    'it is gone',
    () => holders.without(newHeader),
    (count) => count === 0,
  );
  expect((await service().rotate(UNRECORDED)).rotation.state).toBe('finished');
  await one.close();
});

test('whoever has the key service can open every data key', async () => {
  const one = holder();
  await one.announce([...old.opens(), Uint8Array.of(2, 0, 0, 0, 0)]);
  expect(await holders.without(Uint8Array.of(2, 0xff, 0xee, 0xdd, 0xcc))).toBe(0);
  await one.close();
  const other = holder();
  await other.announce(old.opens());
  expect(await holders.without(Uint8Array.of(2, 0xff, 0xee, 0xdd, 0xcc))).toBe(1);
  await other.close();
});
