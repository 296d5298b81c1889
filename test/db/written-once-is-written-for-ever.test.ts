// What the tables themselves refuse, whatever the code above them does: changing or removing what is in the log, cutting
// or overwriting a tile, shrinking a size, a second root for a size, a batch out of sequence, and rows without sense.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRecord, growTo, plan, versionOf, type LedgerStores } from '../support/store-backend.ts';
import { PgStores, type PgBackend } from './support/pg-backend.ts';

let stores: PgStores;
let backend: PgBackend;
let ledger: LedgerStores;

/** integrity_constraint_violation: what every trigger of ours raises. */
const REFUSED = '23000';
const [CHECK, UNIQUE, FOREIGN_KEY, NOT_NULL] = ['23514', '23505', '23503', '23502'];

beforeAll(async () => {
  stores = await PgStores.open();
  backend = await stores.backend();
  [ledger] = backend.processes;
  const record = await createRecord(ledger, backend.sources[0], 'Patient/1');
  await ledger.entries.sequence([versionOf(record, '1', '{"a":1}')], plan);
  await growTo(ledger, 2);
  const checkpoint = await ledger.trees.latestCheckpoint();
  expect(checkpoint?.size).toBe(3n);
  await ledger.anchors.addEpoch(
    { epoch: 1, chainId: 31337n, contract: `0x${'ab'.repeat(20)}`, reason: 'first', createdAt: new Date(0) },
    null,
  );
  await ledger.anchors.add({
    epoch: 1,
    size: 3n,
    root: checkpoint?.root as Uint8Array,
    transaction: `0x${'77'.repeat(32)}`,
    nonce: 0n,
    rawTransaction: '0x02',
    sentAt: new Date(0),
  });
  const alarm = { record: null, seq: null, detail: 'invented', raisedAt: new Date(0) };
  await ledger.records.raiseAlarm({ kind: 'anchor-lost', ...alarm });
}, 30_000);

afterAll(async () => {
  await stores.close();
});

/** SQLSTATE and message of what the database answers; the statement must be refused. */
async function refusal(statement: string, values: readonly unknown[] = []): Promise<readonly [string, string]> {
  try {
    await stores.owner.query(statement, [...values]);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  throw new Error(`accepted: ${statement}`);
}

async function snapshot(): Promise<string> {
  const tables = [
    'log',
    'log_sequence',
    'log_tree',
    'log_checkpoint',
    'entry_batch',
    'tile',
    'checkpoint',
    'version',
    'anchor_epoch',
    'anchor',
    'integrity_alarm',
  ];
  const dumps = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await stores.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`);
      return `${table}\n${rows.map(({ row }) => row).join('\n')}`;
    }),
  );
  return dumps.join('\n');
}

describe('append-only tables', () => {
  test.each([
    ['entry_batch', 'UPDATE entry_batch SET entries = entries', 'UPDATE on entry_batch'],
    ['entry_batch', 'DELETE FROM entry_batch', 'DELETE on entry_batch'],
    ['entry_batch', 'TRUNCATE entry_batch CASCADE', 'TRUNCATE on entry_batch'],
    ['version', "UPDATE version SET version_id = '2'", 'UPDATE on version'],
    ['version', 'DELETE FROM version', 'DELETE on version'],
    ['version', 'TRUNCATE version', 'TRUNCATE on version'],
    ['checkpoint', "UPDATE checkpoint SET note = 'forged'", 'UPDATE on checkpoint'],
    ['checkpoint', 'DELETE FROM checkpoint', 'DELETE on checkpoint'],
    ['checkpoint', 'TRUNCATE checkpoint CASCADE', 'TRUNCATE on checkpoint'],
    ['anchor_epoch', "UPDATE anchor_epoch SET reason = 'other'", 'UPDATE on anchor_epoch'],
    ['anchor_epoch', 'DELETE FROM anchor_epoch', 'DELETE on anchor_epoch'],
    ['anchor_epoch', 'TRUNCATE anchor_epoch CASCADE', 'TRUNCATE on anchor_epoch'],
    ['log', "UPDATE log SET verifier_key = 'other'", 'UPDATE on log'],
    ['log', 'TRUNCATE log CASCADE', 'TRUNCATE on log'],
    ['integrity_alarm', "UPDATE integrity_alarm SET detail = 'all is well'", 'UPDATE on integrity_alarm'],
    ['integrity_alarm', 'DELETE FROM integrity_alarm', 'DELETE on integrity_alarm'],
    ['integrity_alarm', 'TRUNCATE integrity_alarm', 'TRUNCATE on integrity_alarm'],
    ['record', 'DELETE FROM record', 'DELETE on record'],
    ['record', 'TRUNCATE record CASCADE', 'TRUNCATE on record'],
    ['source', 'DELETE FROM source', 'DELETE on source'],
    ['source', 'TRUNCATE source CASCADE', 'TRUNCATE on source'],
    ['log_sequence', 'DELETE FROM log_sequence', 'DELETE on log_sequence'],
    ['log_sequence', 'TRUNCATE log_sequence', 'TRUNCATE on log_sequence'],
    ['log_tree', 'DELETE FROM log_tree', 'DELETE on log_tree'],
    ['log_tree', 'TRUNCATE log_tree', 'TRUNCATE on log_tree'],
    ['log_checkpoint', 'DELETE FROM log_checkpoint', 'DELETE on log_checkpoint'],
    ['log_checkpoint', 'TRUNCATE log_checkpoint', 'TRUNCATE on log_checkpoint'],
    ['tile', 'DELETE FROM tile', 'DELETE on tile'],
    ['tile', 'TRUNCATE tile', 'TRUNCATE on tile'],
    ['anchor', 'DELETE FROM anchor', 'DELETE on anchor'],
    ['anchor', 'TRUNCATE anchor', 'TRUNCATE on anchor'],
  ])('%s: %s', async (table, statement, complaint) => {
    const before = await snapshot();
    const { rows } = await stores.pool.query<{ count: bigint }>(`SELECT count(*) FROM ${table}`);
    // A row trigger says nothing about an empty table.
    expect(rows[0]?.count).toBeGreaterThan(0n);
    expect(await refusal(statement)).toEqual([REFUSED, `${complaint} is refused: the ledger is append-only`]);
    expect(await snapshot()).toBe(before);
  });
});

describe('tiles', () => {
  test.each([
    ['shortened', 'UPDATE tile SET hashes = substring(hashes FOR 64)'],
    ['another hash', 'UPDATE tile SET hashes = set_byte(hashes, 0, (get_byte(hashes, 0) + 1) % 256)'],
    ['another hash while it grows', "UPDATE tile SET hashes = sha256('x') || substring(hashes FROM 33) || sha256('y')"],
    ['moved', 'UPDATE tile SET n = n + 1'],
    ['lifted', 'UPDATE tile SET level = level + 1'],
  ])('%s: refused', async (_what, statement) => {
    expect(await refusal(statement)).toEqual([REFUSED, 'tile 0/0 may only grow at its end']);
  });

  test.each([
    ['a cut hash', 0, 0, 33],
    ['no hash', 0, 0, 0],
    ['257 hashes', 0, 0, 257 * 32],
    ['a level above 7', 8, 0, 32],
    ['a negative index', 0, -1, 32],
  ])('%s: no such tile', async (_what, level, n, length) => {
    const values = [backend.log, level, n, randomBytes(length)];
    expect((await refusal('INSERT INTO tile (log, level, n, hashes) VALUES ($1, $2, $3, $4)', values))[0]).toBe(CHECK);
  });
});

describe('sizes', () => {
  test.each([
    ['the tree shrinks', 'UPDATE log_tree SET size = size - 1', 'log_tree may only grow (size 3 to 2)'],
    ['the tree starts again', 'UPDATE log_tree SET size = 0', 'log_tree may only grow (size 3 to 0)'],
    ['another root of the same tree', "UPDATE log_tree SET root = sha256('x')", 'log_tree may only grow (size 3 to 3)'],
    ['the signed size shrinks', 'UPDATE log_checkpoint SET size = 1', 'log_checkpoint may only grow (size 3 to 1)'],
    [
      'another root of the signed size',
      "UPDATE log_checkpoint SET root = sha256('x')",
      'log_checkpoint may only grow (size 3 to 3)',
    ],
    [
      'no root for the signed size',
      'UPDATE log_checkpoint SET root = NULL',
      'log_checkpoint may only grow (size 3 to 3)',
    ],
  ])('%s: refused', async (_what, statement, message) => {
    expect(await refusal(`${statement} WHERE log = ${backend.log}`)).toEqual([REFUSED, message]);
  });

  test('a second checkpoint of one size is refused', async () => {
    const values = [backend.log, randomBytes(32)];
    const [code] = await refusal("INSERT INTO checkpoint (log, size, root, note) VALUES ($1, 3, $2, 'fork')", values);
    expect(code).toBe(UNIQUE);
  });

  test('the sequence does not step back', async () => {
    expect(await refusal(`UPDATE log_sequence SET next_index = 1 WHERE log = ${backend.log}`)).toEqual([
      REFUSED,
      'log_sequence may only grow (next index 3 to 1)',
    ]);
  });
});

describe('batches', () => {
  const insert =
    'INSERT INTO entry_batch (log, first_index, entry_count, entries, leaf_hashes) VALUES ($1, $2, $3, $4, $5)';

  test.each([
    ['behind the sequence', 2n],
    ['ahead of the sequence', 4n],
    ['at the start again', 0n],
  ])('%s: refused', async (_what, first) => {
    expect(await refusal(insert, [backend.log, first, 1, randomBytes(9), randomBytes(32)])).toEqual([
      REFUSED,
      `batch starts at ${first}, the sequence stands at 3`,
    ]);
  });

  test('of a log that is not registered: refused', async () => {
    const [code, message] = await refusal(insert, [999, 0n, 1, randomBytes(9), randomBytes(32)]);
    expect([code, message]).toEqual([REFUSED, 'batch starts at 0, the sequence stands at <NULL>']);
  });

  test.each([
    ['a hash too few', 2, 32],
    ['a hash too many', 1, 64],
    ['a hash cut off', 1, 31],
    ['no entry', 0, 0],
  ])('%s: refused', async (_what, count, length) => {
    expect((await refusal(insert, [backend.log, 3n, count, randomBytes(9), randomBytes(length)]))[0]).toBe(CHECK);
  });
});

describe('records, versions and sources', () => {
  test.each([
    ['upper case', 'EHR'],
    ['empty', ''],
    ['too long', 'a'.repeat(65)],
    ['a space', 'a b'],
    ['a line feed at the end', 'ehr\n'],
  ])('a source name with %s: refused', async (_what, name) => {
    const { rows } = await stores.pool.query<{ id: string }>('SELECT id FROM tenant LIMIT 1');
    const values = [rows[0]?.id, name];
    const statement = 'INSERT INTO source (id, tenant_id, name) VALUES (gen_random_uuid(), $1, $2)';
    expect((await refusal(statement, values))[0]).toBe(CHECK);
  });

  test('a head without a leaf, or a leaf without a head: refused', async () => {
    expect((await refusal('UPDATE record SET head_leaf = NULL'))[0]).toBe(CHECK);
    expect((await refusal('UPDATE record SET head_seq = 0'))[0]).toBe(CHECK);
    expect((await refusal("UPDATE record SET head_leaf = 'short'"))[0]).toBe(CHECK);
  });

  const copied = `record, seq, version_id, log, index, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme,
    media_type, component_names, component_commitments, recorded_at`;

  test.each([
    ['the same number', { version_id: "'2'", index: '9' }, UNIQUE],
    ['the same version id', { seq: '2', index: '9' }, UNIQUE],
    ['the same index', { seq: '2', version_id: "'2'" }, UNIQUE],
    ['number 0', { seq: '0', version_id: "'2'", index: '9' }, CHECK],
    ['an entry above 16 KiB', { seq: '2', version_id: "'2'", index: '9', entry_length: '16385' }, CHECK],
    ['an entry of nothing', { seq: '2', version_id: "'2'", index: '9', entry_length: '0' }, CHECK],
    ['a cut commitment', { seq: '2', version_id: "'2'", index: '9', component_commitments: "'\\x00'" }, CHECK],
    ['no activity', { seq: '2', version_id: "'2'", index: '9', activity: 'NULL' }, NOT_NULL],
  ] as const)('a version with %s: refused', async (_what, changes, code) => {
    const columns = copied.split(',').map((column) => column.trim());
    const values = columns.map((column) => (changes as Record<string, string>)[column] ?? column).join(', ');
    expect((await refusal(`INSERT INTO version (${copied}) SELECT ${values} FROM version`))[0]).toBe(code);
  });
});

describe('anchors', () => {
  const insert = `INSERT INTO anchor (log, epoch, size, root, transaction, nonce, raw_transaction, state, block_number, block_hash, sent_at, updated_at)
    VALUES ($1, $2, $3, sha256('r'), $4, 1, '0x', $5, $6, $7, now(), now())`;
  const hash = `0x${'12'.repeat(32)}`;

  test.each([
    ['held without a block', [1, 3, hash, 'anchored', null, null], CHECK],
    ['confirmed without a block hash', [1, 3, hash, 'confirmed', 5, null], CHECK],
    ['an unknown state', [1, 3, hash, 'maybe', null, null], CHECK],
    ['a transaction without 0x', [1, 3, hash.slice(2), 'sent', null, null], CHECK],
    ['a transaction in upper case', [1, 3, `0x${'AB'.repeat(32)}`, 'sent', null, null], CHECK],
    ['an epoch that has not begun', [2, 3, hash, 'sent', null, null], FOREIGN_KEY],
    ['a size without a checkpoint', [1, 2, hash, 'sent', null, null], FOREIGN_KEY],
  ] as const)('%s: refused', async (_what, values, code) => {
    expect((await refusal(insert, [backend.log, ...values]))[0]).toBe(code);
  });

  test.each([
    ['its size', 'size = 2'],
    ['its root', "root = sha256('x')"],
    ['its transaction', `transaction = '0x${'88'.repeat(32)}'`],
    ['the octets sent', "raw_transaction = '0x03'"],
    ['its nonce', 'nonce = 9'],
    ['its time', 'sent_at = now()'],
  ])('%s, once sent, stays as it was sent', async (_what, change) => {
    const [code, message] = await refusal(`UPDATE anchor SET ${change}`);
    expect(code).toBe(REFUSED);
    expect(message).toMatch(/^anchor \d+: what was sent cannot be changed$/);
  });

  test.each([
    ['epoch 0', [0, `0x${'ab'.repeat(20)}`], CHECK],
    ['a contract address in upper case', [2, `0x${'AB'.repeat(20)}`], CHECK],
    ['a short contract address', [2, '0xab'], CHECK],
  ] as const)('an epoch with %s: refused', async (_what, values, code) => {
    const statement =
      "INSERT INTO anchor_epoch (log, epoch, chain_id, contract, reason) VALUES ($1, $2, 31337, $3, 'x')";
    expect((await refusal(statement, [backend.log, ...values]))[0]).toBe(code);
  });
});
