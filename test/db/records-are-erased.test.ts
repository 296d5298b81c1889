// ErasureStore on a real PostgreSQL: one transaction, whole or not at all; held records; repeated calls; submissions that meet
// an erasure; and what the tables refuse whatever the code above them does.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { formatEntry, parseEntry } from '@medanchor/verifier';
import { planErasures } from '../../api/src/ledger/erase/erase.rules.ts';
import { RecordErasedError } from '../../api/src/ledger/store/entry-store.port.ts';
import { PgErasureStore } from '../../api/src/ledger/store/erasure-store.pg.ts';
import { RecordHeldError, type ErasureOrder } from '../../api/src/ledger/store/erasure-store.port.ts';
import {
  BATCH_TIME,
  createRecord,
  indexesOf,
  plan,
  plainEntry,
  versionOf,
  type TestRecord,
} from '../support/store-backend.ts';
import { PgStores, type PgBackend } from './support/pg-backend.ts';

let stores: PgStores;
let backend: PgBackend;
let erasures: PgErasureStore;
let record: TestRecord;

beforeAll(async () => {
  stores = await PgStores.open();
});

afterAll(async () => {
  await stores.close();
});

beforeEach(async () => {
  backend = await stores.backend();
  erasures = new PgErasureStore(stores.pool, backend.log);
  record = await createRecord(backend.processes[0], backend.sources[0]);
  const { entries } = backend.processes[0];
  await entries.sequence([versionOf(record, '1', '{"a":1}'), versionOf(record, '2', '{"a":2}')], plan);
});

function order(records: readonly bigint[], more: Partial<ErasureOrder> = {}): ErasureOrder {
  return {
    records,
    plan: (next, found) => planErasures(next, found, 'court-order', BATCH_TIME),
    respectHolds: true,
    journal: async () => undefined,
    ...more,
  };
}

async function hold(columns: string, values: string): Promise<string> {
  const { rows } = await stores.pool.query<{ id: string }>(
    `INSERT INTO legal_hold (id, source_id, ${columns}, reason, placed_by, placed_at)
     VALUES (gen_random_uuid(), $1, ${values}, 'court-1', 'somebody', now()) RETURNING id`,
    [backend.sources[0]],
  );
  return rows[0]?.id ?? '';
}

const state = async (): Promise<object | undefined> =>
  (
    await stores.pool.query<object>(
      `SELECT record_id IS NULL AS unnamed, wrapped_key IS NULL AS unkeyed,
         (SELECT count(*)::int FROM version WHERE record = record.id AND version_id IS NULL) AS cleared FROM record WHERE id = $1`,
      [record.id],
    )
  ).rows[0];

const WHOLE = { unnamed: false, unkeyed: false, cleared: 0 };
const ERASED = { unnamed: true, unkeyed: true, cleared: 2 };

describe('erase', () => {
  test('writes the entry behind the versions, clears row and versions, and tells the journal before it commits', async () => {
    const seen: unknown[] = [];
    const [erasure] = await erasures.erase(
      order([record.id], {
        journal: async (done) => {
          // Others still see it whole.
          seen.push(done.length, await state());
        },
      }),
    );
    expect(seen).toEqual([1, WHOLE]);
    expect(erasure).toMatchObject({ record: record.id, index: 2n, seq: 3n, versions: 2n, basis: 'court-order' });
    expect(await state()).toEqual(ERASED);
    const [entry] = await backend.processes[1].entries.readEntries(2n, 3n);
    const parsed = parseEntry(entry ?? new Uint8Array());
    expect(parsed).toMatchObject({
      kind: 'record-erasure',
      seq: 3n,
      basis: 'court-order: ordered by a court or an authority',
    });
    expect(Buffer.from(formatEntry(parsed))).toEqual(Buffer.from(entry ?? []));
    expect(await backend.processes[1].entries.ends()).toEqual({ next: 3n, stored: 3n });
  });

  test('takes with it the key that was reserved under the record’s name, and what ran out; nothing else', async () => {
    const reserve = (id: number, name: string, lasts: string): Promise<unknown> =>
      stores.pool.query(
        `INSERT INTO prepared_record (source_id, record_id, id, wrapped_key, expires_at)
         SELECT source_id, coalesce($2, record_id), $3, '\\x00', $5::timestamptz + $4::interval FROM record WHERE id = $1`,
        [record.id, name === '' ? null : name, id, lasts, BATCH_TIME],
      );
    await reserve(1, '', '10 minutes');
    await reserve(2, 'another', '10 minutes');
    await reserve(3, 'forgotten', '-1 second');
    await erasures.erase(order([record.id]));
    const { rows } = await stores.pool.query('SELECT record_id FROM prepared_record');
    expect(rows).toEqual([{ record_id: 'another' }]);
    await stores.pool.query('DELETE FROM prepared_record');
  });

  test('repeated, is no second erasure', async () => {
    await erasures.erase(order([record.id]));
    const journal: unknown[] = [];
    expect(await erasures.erase(order([record.id], { journal: async (done) => void journal.push(...done) }))).toEqual(
      [],
    );
    expect(journal).toEqual([]);
    expect(await erasures.of([record.id])).toMatchObject([{ index: 2n }]);
    expect(await erasures.byRef(record.recordRef)).toMatchObject({ record: record.id });
    expect(await erasures.list(0n, 10)).toHaveLength(1);
    expect(await erasures.list(3n, 10)).toEqual([]);
    expect(await erasures.unerased([record.recordRef])).toEqual([]);
  });

  test.each([
    ['the journal', 'journal'],
    ['what belongs into the transaction', 'within'],
  ] as const)('leaves everything as it was when %s fails', async (_what, step) => {
    const failing = order([record.id], { [step]: () => Promise.reject(new Error('the disk is full')) });
    await expect(erasures.erase(failing)).rejects.toThrow('the disk is full');
    expect(await state()).toEqual(WHOLE);
    expect(await erasures.of([record.id])).toEqual([]);
    // The sequence goes on without a gap.
    expect(indexesOf(await backend.processes[0].entries.sequence([plainEntry()], plan))).toEqual([2n]);
  });

  test('of several records keeps each in its own chain', async () => {
    const other = await createRecord(backend.processes[0], backend.sources[1]);
    await backend.processes[0].entries.sequence([versionOf(other, '1', '{"b":1}')], plan);
    const done = await erasures.erase(order([other.id, record.id]));
    expect(done.map(({ record: id, index, seq, versions }) => [id, index, seq, versions])).toEqual(
      [
        [record.id, 3n, 3n, 2n],
        [other.id, 4n, 2n, 1n],
      ].sort(([x], [y]) => ((x as bigint) < (y as bigint) ? -1 : 1)),
    );
  });

  test('and appends of four processes at once: no gap, no overlap, one erasure', async () => {
    const appends = Array.from({ length: 20 }, (_, at) =>
      (backend.processes[at % 3] as (typeof backend.processes)[0]).entries.sequence([plainEntry()], plan),
    );
    const erased = Array.from({ length: 4 }, () => erasures.erase(order([record.id])));
    const indexes = [
      ...(await Promise.all(appends)).flatMap(indexesOf),
      ...(await Promise.all(erased)).flat().map(({ index }) => index),
    ].sort((x, y) => (x < y ? -1 : 1));
    expect(indexes).toEqual(Array.from({ length: 21 }, (_, at) => BigInt(at + 2)));
  });
});

describe('a legal hold', () => {
  test.each([
    ['on the record', 'scope, record', (): string => `'record', ${record.id}`],
    ['on the source', 'scope', (): string => `'source'`],
    ['on the patient', 'scope, subject_ref', (): string => `'subject', sha256('Patient/1')`],
  ])('%s refuses, and a released one does not', async (_where, columns, values) => {
    await stores.pool.query(`UPDATE record SET subject_ref = sha256('Patient/1') WHERE id = $1`, [record.id]);
    const id = await hold(columns, values());
    await expect(erasures.erase(order([record.id]))).rejects.toThrow(RecordHeldError);
    expect(await state()).toEqual(WHOLE);
    await stores.pool.query(
      `UPDATE legal_hold SET released_by = 'x', released_at = now(), subject_ref = NULL WHERE id = $1`,
      [id],
    );
    expect(await erasures.erase(order([record.id]))).toHaveLength(1);
  });

  test('does not count for what was erased before and came back', async () => {
    await hold('scope', `'source'`);
    expect(await erasures.erase(order([record.id], { respectHolds: false }))).toHaveLength(1);
  });
});

describe('a submission that meets an erasure', () => {
  test('of a version for the erased record is refused, and nothing is written', async () => {
    await erasures.erase(order([record.id]));
    const { create: _create, ...known } = versionOf(record, '3', '{"a":3}');
    for (const late of [known, versionOf(record, '3', '{"a":3}')])
      await expect(backend.processes[0].entries.sequence([late], plan)).rejects.toThrow(RecordErasedError);
    expect(await backend.processes[0].entries.ends()).toEqual({ next: 3n, stored: 3n });
  });

  test('under the same name begins another record', async () => {
    await erasures.erase(order([record.id]));
    expect(await backend.processes[2].records.find([record])).toEqual([]);
    const again = await createRecord(backend.processes[0], record.sourceId, record.recordId);
    const [result] = await backend.processes[0].entries.sequence([versionOf(again, '1', '{"a":1}')], plan);
    expect(result).toMatchObject({ result: 'sequenced', version: { seq: 1n, record: again.id } });
  });
});

describe('the tables', () => {
  const REFUSED = ['23000', expect.stringContaining('is refused: the ledger is append-only')];
  const CHECK = '23514';

  /** Even to their owner; what the service's role may do at all: test/db/the-service-may-only-add.test.ts. */
  async function refusal(statement: string): Promise<readonly [string, string]> {
    try {
      await stores.owner.query(statement);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return [code, message];
    }
    throw new Error(`accepted: ${statement}`);
  }

  const CLEARED = `version_id = NULL, media_type = '', component_names = '', component_commitments = ''`;

  test('clear a version under an erased record only', async () => {
    expect(await refusal(`UPDATE version SET ${CLEARED} WHERE record = ${record.id}`)).toEqual(REFUSED);
  });

  test.each([
    ['a hash', `${CLEARED}, leaf_hash = sha256('x')`],
    ['its number', `${CLEARED}, seq = seq + 10`],
    ['its time', `${CLEARED}, recorded_at = now()`],
    ['its activity', `${CLEARED}, activity = 'delete'`],
    ['another name', `version_id = 'other'`],
  ])('refuse to change anything else of a version of an erased record: %s', async (_what, assignment) => {
    await erasures.erase(order([record.id]));
    expect(await refusal(`UPDATE version SET ${assignment} WHERE record = ${record.id} AND seq = 1`)).toEqual(REFUSED);
  });

  test('refuse any change of an erased record', async () => {
    await erasures.erase(order([record.id]));
    for (const assignment of [`record_id = 'back'`, `wrapped_key = 'x'`, `head_seq = 3`, `erased_at = NULL`])
      expect(await refusal(`UPDATE record SET ${assignment} WHERE id = ${record.id}`)).toEqual(REFUSED);
  });

  test('refuse half an erasure', async () => {
    for (const assignment of [
      `erased_at = now()`,
      `erased_at = now(), wrapped_key = NULL`,
      `erased_at = now(), record_id = NULL`,
      `record_id = NULL`,
    ]) {
      const [code] = await refusal(`UPDATE record SET ${assignment} WHERE id = ${record.id}`);
      expect([assignment, code]).toEqual([assignment, CHECK]);
    }
  });

  test.each(['erasure', 'legal_hold'])('keep what stands in %s', async (table) => {
    await hold('scope', `'source'`);
    await erasures.erase(order([record.id], { respectHolds: false }));
    expect(await refusal(`DELETE FROM ${table}`)).toEqual(REFUSED);
    expect(await refusal(`TRUNCATE ${table} CASCADE`)).toEqual(REFUSED);
    if (table === 'erasure') expect(await refusal(`UPDATE erasure SET basis = 'court-order'`)).toEqual(REFUSED);
  });

  test('do not let the same person ask and decide', async () => {
    const [code] = await refusal(
      `INSERT INTO erasure_request (id, source_id, basis, state, by_subject, requested_by, requested_at, decided_by, decided_at)
       VALUES (gen_random_uuid(), '${backend.sources[0]}', 'court-order', 'approved', false, 'anna', now(), 'anna', now())`,
    );
    expect(code).toBe(CHECK);
  });
});
