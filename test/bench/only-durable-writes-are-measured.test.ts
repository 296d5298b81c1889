// The tests' PostgreSQL runs with fsync off. Figures of such a server would be about another product: the bench refuses.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { databaseSettings, requireDurable } from '../../scripts/bench/harness/durability.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('fsync is read back from the server', async () => {
  expect(await databaseSettings(pool)).toMatchObject({
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  });
});

test('a server that may lose what was committed is refused', async () => {
  await expect(requireDurable(pool)).rejects.toThrow(
    'PostgreSQL runs with fsync=off; the bench measures with fsync=on only',
  );
});
