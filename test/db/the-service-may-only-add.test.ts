// What the service's own database role cannot do, whoever speaks through it: change, remove or hide what is recorded, and switch
// off what guards it. No trigger answers here but PostgreSQL's own privileges: the role owns nothing.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { powersOver, roleHealth } from '../../api/src/platform/database/database-role.ts';
import { migrateFor } from '../../api/src/platform/database/migrate.ts';
import { GRANTS, WRITTEN_ONCE } from '../../api/src/platform/database/migrations/grants.ts';
import { asService, bothRoles, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createRecord, growTo, plan, versionOf } from '../support/store-backend.ts';
import { PgStores } from './support/pg-backend.ts';

const FORBIDDEN = '42501';
let stores: PgStores;

beforeAll(async () => {
  stores = await PgStores.open();
  const backend = await stores.backend();
  const [ledger] = backend.processes;
  const record = await createRecord(ledger, backend.sources[0], 'Patient/1');
  await ledger.entries.sequence([versionOf(record, '1', '{"a":1}')], plan);
  await growTo(ledger, 2);
}, 30_000);

afterAll(async () => {
  await stores.close();
});

async function refusal(statement: string): Promise<readonly [string, string]> {
  try {
    await stores.pool.query(statement);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  throw new Error(`accepted: ${statement}`);
}

describe.each(['access_event', 'entry_batch', 'integrity_alarm', 'checkpoint'])('%s', (table) => {
  const column = { access_event: 'event', entry_batch: 'entries', integrity_alarm: 'detail', checkpoint: 'note' }[
    table
  ];

  test.each([
    ['UPDATE', `UPDATE ${table} SET ${column} = ${column}`, `permission denied for table ${table}`],
    ['DELETE', `DELETE FROM ${table}`, `permission denied for table ${table}`],
    ['TRUNCATE', `TRUNCATE ${table}`, `permission denied for table ${table}`],
    ['switching its triggers off', `ALTER TABLE ${table} DISABLE TRIGGER ALL`, `must be owner of table ${table}`],
    ['another column', `ALTER TABLE ${table} ADD COLUMN hidden text`, `must be owner of table ${table}`],
    ['another owner', `ALTER TABLE ${table} OWNER TO CURRENT_USER`, `must be owner of table ${table}`],
    ['DROP', `DROP TABLE ${table} CASCADE`, `must be owner of table ${table}`],
    [
      'a rule that turns writes away',
      `CREATE RULE r AS ON INSERT TO ${table} DO INSTEAD NOTHING`,
      `must be owner of table ${table}`,
    ],
    [
      'a trigger of its own',
      `CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
      `permission denied for table ${table}`,
    ],
  ])('%s is refused', async (_what, statement, message) => {
    expect(await refusal(statement)).toEqual([FORBIDDEN, message]);
  });
});

describe('version, of which only erasure may clear what names it', () => {
  test.each([
    ['another index', 'UPDATE version SET index = index', FORBIDDEN, 'permission denied for table version'],
    ['another leaf hash', 'UPDATE version SET leaf_hash = leaf_hash', FORBIDDEN, 'permission denied for table version'],
    [
      'another name',
      `UPDATE version SET version_id = 'x'`,
      '23000',
      'UPDATE on version is refused: the ledger is append-only',
    ],
    [
      'clearing it under a record that is not erased',
      `UPDATE version SET version_id = NULL, media_type = '', component_names = '', component_commitments = ''`,
      '23000',
      'UPDATE on version is refused: the ledger is append-only',
    ],
    ['DELETE', 'DELETE FROM version', FORBIDDEN, 'permission denied for table version'],
    [
      'switching its triggers off',
      'ALTER TABLE version DISABLE TRIGGER ALL',
      FORBIDDEN,
      'must be owner of table version',
    ],
  ])('%s is refused', async (_what, statement, code, message) => {
    expect(await refusal(statement)).toEqual([code, message]);
  });
});

test.each([
  [
    'triggers off for the session',
    'SET session_replication_role = replica',
    'permission denied to set parameter "session_replication_role"',
  ],
  [
    'a function in the schema',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'permission denied for schema public',
  ],
  [
    'another body for the function behind the triggers',
    'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    'permission denied for schema public',
  ],
  ['dropping that function', 'DROP FUNCTION refuse_change() CASCADE', 'must be owner of function refuse_change'],
  ['a table in the schema', 'CREATE TABLE mine (id int)', 'permission denied for schema public'],
  ['dropping the schema', 'DROP SCHEMA public CASCADE', 'must be owner of schema public'],
  ['becoming the owner', 'SET ROLE medanchor', 'permission denied to set role "medanchor"'],
  [
    'moving a record to another source',
    'UPDATE record SET source_id = source_id',
    'permission denied for table record',
  ],
  ['another root for an anchor that was sent', 'UPDATE anchor SET root = root', 'permission denied for table anchor'],
  [
    'another text of what a migration did',
    "INSERT INTO migrations (timestamp, name) VALUES (1, 'x')",
    'permission denied for table migrations',
  ],
  ['a sequence set back', "SELECT setval('record_id_seq', 1)", 'permission denied for sequence record_id_seq'],
])('%s is refused', async (_what, statement, message) => {
  expect(await refusal(statement)).toEqual([FORBIDDEN, message]);
});

test('a right that it gives itself is none', async () => {
  // PostgreSQL only warns: whoever has some right on a table may try to give others.
  await stores.pool.query('GRANT UPDATE, DELETE, TRIGGER ON access_event TO CURRENT_USER');
  expect(await powersOver(stores.pool)).toEqual([]);
});

test('every table has its privileges written down, and the role has exactly these', async () => {
  const { rows } = await stores.owner.query<{ table: string; privileges: string[] }>(
    `SELECT tablename::text AS table, array(
       SELECT right_of FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_of
       WHERE has_table_privilege('medanchor_app', tablename::text, right_of)) AS privileges
     FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  expect(rows.map(({ table }) => table)).toEqual(Object.keys(GRANTS).sort());
  for (const { table, privileges } of rows)
    expect([table, privileges]).toEqual([
      table,
      GRANTS[table]?.filter((one) => !one.includes('(') && one !== 'MAINTAIN'),
    ]);
  // The standard's view does not know this one.
  const maintained = await stores.pool.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' AND has_table_privilege(format('%I.%I', schemaname, tablename), 'MAINTAIN') ORDER BY 1`,
  );
  expect(maintained.rows.map(({ name }) => name)).toEqual(['prepared_record', 'record', 'version']);
  for (const table of WRITTEN_ONCE) expect([table, GRANTS[table]]).toEqual([table, ['SELECT', 'INSERT']]);
});

test('the service knows whether its role could change what is recorded, and says so', async () => {
  expect(await powersOver(stores.pool)).toEqual([]);
  expect(await roleHealth(stores.pool)).toEqual({ status: 'up' });
  const powers = await powersOver(stores.owner);
  expect(powers.slice(0, 2)).toEqual([
    'it is a superuser',
    'it owns access_event, anchor_epoch, checkpoint, entry_batch, integrity_alarm',
  ]);
  expect(await roleHealth(stores.owner)).toEqual({
    status: 'degraded',
    code: 'database-role',
    detail:
      "the service's own database role could change what is recorded: it is a superuser. Give it a role of its own (DATABASE_OWNER_URL)",
  });
});

describe('the two roles', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database.drop();
  });

  test('the service alone, on an empty database: it cannot make the schema', async () => {
    await expect(migrateFor({ DATABASE_URL: asService(database.url) })).rejects.toThrow(
      'permission denied for schema public',
    );
  });

  test('the owner makes the schema and the role; a right that was given since is taken back', async () => {
    const role = 'medanchor_other_service';
    const service = new URL(database.url);
    [service.username, service.password] = [role, 'p%40 ss'];
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await migrateFor({ DATABASE_URL: service.href, DATABASE_OWNER_URL: database.url });
      await client.query(`GRANT DELETE, UPDATE (note) ON checkpoint TO ${role}`);
      const own = new pg.Client({ connectionString: service.href });
      await own.connect();
      try {
        expect(await powersOver(own)).toEqual(['it may DELETE checkpoint', 'it may UPDATE checkpoint']);
        expect(await migrateFor({ DATABASE_URL: service.href, DATABASE_OWNER_URL: database.url })).toEqual([]);
        expect(await powersOver(own)).toEqual([]);
        // Up to date already: the service alone has nothing to do.
        expect(await migrateFor({ DATABASE_URL: service.href })).toEqual([]);
      } finally {
        await own.end();
      }
    } finally {
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await client.end();
    }
  });

  test('one role for both keeps all of its rights', async () => {
    expect(await migrateFor({ DATABASE_URL: database.url, DATABASE_OWNER_URL: database.url })).toEqual([]);
    expect(bothRoles(database.url).DATABASE_OWNER_URL).toBe(database.url);
  });
});
