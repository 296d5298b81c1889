// Migrations: up, down and up again give the same schema; down leaves nothing; two processes that start at once on one
// empty database do the work once; a database that is up to date is left alone.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../api/src/platform/database/database.module.ts';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { MIGRATIONS } from '../../api/src/platform/database/migrations/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

/** Everything that a migration can make, as text; TypeORM's own list of migrations left out. */
const SCHEMA = `
  SELECT 'column' AS kind, c.relname || '.' || a.attname AS name,
         concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attidentity, pg_get_expr(d.adbin, d.adrelid)) AS what
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND c.relname <> 'migrations'
  UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'migrations'
  UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations'
  UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'sequence', sequencename, concat_ws(' ', data_type, start_value, increment_by) FROM pg_sequences WHERE sequencename NOT LIKE 'migrations%'
  ORDER BY 1, 2`;

async function schema(): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ kind: string; name: string; what: string }>(SCHEMA);
    return rows.map(({ kind, name, what }) => `${kind} ${name}: ${what}`);
  } finally {
    await client.end();
  }
}

async function undoAll(): Promise<void> {
  const source = await new DataSource(dataSourceOptions(database.url, [])).initialize();
  try {
    for (const _ of MIGRATIONS) await source.undoLastMigration();
  } finally {
    await source.destroy();
  }
}

const ALL = MIGRATIONS.map(({ name }) => name);

test('up, down and up again give the same schema, and down leaves nothing behind', async () => {
  expect(await schema()).toEqual([]);
  expect(await migrate(database.url)).toEqual(ALL);
  const first = await schema();
  expect(new Set(first.map((line) => line.split(' ')[0]))).toEqual(
    new Set(['column', 'constraint', 'function', 'index', 'sequence', 'trigger']),
  );
  expect([...new Set(first.flatMap((line) => /^column (\w+)\./.exec(line)?.[1] ?? []))]).toEqual([
    'access_anchor',
    'access_event',
    'access_head',
    'account',
    'anchor',
    'anchor_epoch',
    'break_glass',
    'break_glass_reason',
    'break_glass_review',
    'checkpoint',
    'client',
    'data_key',
    'enrolment',
    'entry_batch',
    'erasure',
    'erasure_request',
    'erasure_request_record',
    'fsck_clearance',
    'fsck_finding',
    'fsck_run',
    'fsck_sighting',
    'integrity_alarm',
    'kek_rotation',
    'legal_hold',
    'log',
    'log_checkpoint',
    'log_sequence',
    'log_tree',
    'oidc_model',
    'passkey',
    'passkey_challenge',
    'prepared_record',
    'record',
    'recovery_code',
    'retention_rule',
    'sign_in_device',
    'source',
    'source_key',
    'subject_key',
    'tenant',
    'tile',
    'token_revocation',
    'version',
  ]);
  await undoAll();
  expect(await schema()).toEqual([]);
  expect(await migrate(database.url)).toEqual(ALL);
  expect(await schema()).toEqual(first);
});

test('a database that is up to date is left alone', async () => {
  await migrate(database.url);
  const before = await schema();
  expect(await migrate(database.url)).toEqual([]);
  expect(await schema()).toEqual(before);
});

test('four processes that start at once on an empty database: one migrates, none fails', async () => {
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database.url)));
  expect([...applied].sort((a, b) => b.length - a.length)).toEqual([ALL, [], [], []]);
});
