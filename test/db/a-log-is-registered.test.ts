// registerLog: idempotent, safe when several processes start at once, and never with another checkpoint key.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { emptyRoot, toHex } from '@medanchor/verifier';
import { LogKeyMismatchError, registerLog } from '../../api/src/ledger/store/log-registration.pg.ts';
import { PgTreeStore } from '../../api/src/ledger/store/tree-store.pg.ts';
import { appendPlain, integrateAll } from '../support/store-backend.ts';
import { PgStores } from './support/pg-backend.ts';

const KEY = 'hospital.example/log/1+1a2b3c4d+AQIDBA==';
let stores: PgStores;

beforeAll(async () => {
  stores = await PgStores.open();
});

afterAll(async () => {
  await stores.close();
});

async function rowsOf(log: number): Promise<unknown> {
  const { rows } = await stores.pool.query(
    `SELECT (SELECT count(*) FROM log WHERE id = $1) AS logs, (SELECT next_index FROM log_sequence WHERE log = $1) AS next,
            (SELECT size FROM log_tree WHERE log = $1) AS tree, (SELECT size FROM log_checkpoint WHERE log = $1) AS signed`,
    [log],
  );
  return rows[0];
}

test('the first time, with an empty tree', async () => {
  const { id, verifierKey } = await registerLog(stores.pool, 'one.example/log', KEY);
  expect(verifierKey).toBe(KEY);
  expect(await rowsOf(id)).toEqual({ logs: 1n, next: 0n, tree: 0n, signed: 0n });
  expect(toHex((await new PgTreeStore(stores.pool, id).head()).root)).toBe(toHex(emptyRoot()));
});

test('again, it is the same log and keeps what it holds', async () => {
  const { log, processes } = await stores.backend();
  await appendPlain(processes[0], 3);
  await integrateAll(processes[0]);
  const { rows } = await stores.pool.query<{ origin: string; verifier_key: string }>(
    'SELECT origin, verifier_key FROM log WHERE id = $1',
    [log],
  );
  const { origin, verifier_key: key } = rows[0] as { origin: string; verifier_key: string };
  expect((await registerLog(stores.otherPool, origin, key)).id).toBe(log);
  expect(await rowsOf(log)).toEqual({ logs: 1n, next: 3n, tree: 3n, signed: 0n });
});

test('by eight processes at once, it is one log', async () => {
  const logs = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      registerLog(n % 2 === 0 ? stores.pool : stores.otherPool, 'many.example/log', KEY),
    ),
  );
  expect(new Set(logs.map(({ id }) => id)).size).toBe(1);
  expect(await rowsOf(logs[0]?.id as number)).toEqual({ logs: 1n, next: 0n, tree: 0n, signed: 0n });
});

test('with another checkpoint key it is refused, with both keys named', async () => {
  const { id } = await registerLog(stores.pool, 'key.example/log', KEY);
  const other = KEY.replace('1a2b3c4d', 'ffffffff');
  const refused = registerLog(stores.pool, 'key.example/log', other);
  await expect(refused).rejects.toThrow(LogKeyMismatchError);
  await expect(refused).rejects.toThrow(
    `log key.example/log was started with the checkpoint key ${KEY}, but CHECKPOINT_KEY_FILE holds the key of ${other}`,
  );
  expect((await registerLog(stores.pool, 'key.example/log', KEY)).id).toBe(id);
});

test('two logs in one database do not see each other', async () => {
  const [a, b] = [await stores.backend(), await stores.backend()];
  await appendPlain(a.processes[0], 2);
  await appendPlain(b.processes[0], 5);
  await integrateAll(b.processes[0]);
  expect(await a.processes[0].entries.ends()).toEqual({ next: 2n, stored: 2n });
  expect((await a.processes[0].trees.head()).size).toBe(0n);
  expect((await b.processes[0].trees.head()).size).toBe(5n);
  expect(await a.processes[0].entries.readEntries(0n, 100n)).toHaveLength(2);
  // Each has its own anchoring lock.
  const both = await a.processes[0].anchors.exclusively(async () => {
    expect(await b.processes[0].anchors.exclusively(async () => undefined)).toBe(true);
  });
  expect(both).toBe(true);
});
