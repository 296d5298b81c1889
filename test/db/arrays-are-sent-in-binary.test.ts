// Arrays in PostgreSQL's binary format arrive as the arrays that node-postgres would have sent as text.

import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  byteaArray,
  int4Array,
  int8Array,
  textArray,
  uuidArray,
} from '../../api/src/platform/database/binary-array.ts';
import { createPool, type Pool } from '../../api/src/platform/database/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, 1);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const EXTREMES = [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = ['', 'a', '"', '\\', '{}', ',', 'NULL', ' ', 'é', '😀', "'", '\n', 'x'.repeat(5000)];
const OCTETS = [Buffer.alloc(0), Buffer.from([0]), Buffer.from('\\x00'), randomBytes(32), randomBytes(9000)];

test.each([
  ['bigint', int8Array(EXTREMES), EXTREMES.map(String)],
  ['int', int4Array([0, -1, 2 ** 31 - 1, -(2 ** 31)]), [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
  ['text', textArray(TEXTS), TEXTS],
  ['bytea', byteaArray([...OCTETS, null]), [...OCTETS.map((octets) => `\\x${octets.toString('hex')}`), null]],
  ['bigint', int8Array([]), []],
  ['text', textArray([]), []],
  ['bytea', byteaArray([]), []],
])('%s[]', async (type, sent, values) => {
  const { rows } = await pool.query<{ same: boolean; length: number }>(
    `SELECT $1::${type}[] IS NOT DISTINCT FROM $2::${type}[] AS same, cardinality($1::${type}[]) AS length`,
    [sent, values],
  );
  expect(rows).toEqual([{ same: true, length: values.length }]);
});

test('uuid[]', async () => {
  const values = [randomUUID(), randomUUID(), '00000000-0000-0000-0000-000000000000'];
  const { rows } = await pool.query<{ ids: string[] }>('SELECT $1::uuid[]::text[] AS ids', [uuidArray(values)]);
  expect(rows[0]?.ids).toEqual(values);
});
