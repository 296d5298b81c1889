// ErasureStore on PostgreSQL: one transaction for each batch of records, under the lock of the sequence.
//
// Crash before COMMIT: nothing is erased, and the journal (written just before) has it already: done again at the start.
// After COMMIT: everything is. What PostgreSQL keeps of the old rows for a while: docs/operations.md, "Erasure".
import { InvariantError } from '@medanchor/verifier';
import { byteaArray, int8Array, textArray } from '../../platform/database/binary-array.ts';
import { answers, commit, onConnection, type Client, type Pool } from '../../platform/database/pool.ts';
import { insertBatch } from './entry-rows.pg.ts';
import { RECORD_IS_HELD } from './held.ts';
import {
  ErasureStore,
  RecordHeldError,
  type ErasableRecord,
  type ErasureOrder,
  type ErasurePlan,
  type StoredErasure,
} from './erasure-store.port.ts';

const ERASURE = `SELECT record, source_id AS "sourceId", record_ref AS "recordRef", index, seq, leaf_hash AS "leafHash", basis, versions,
    erased_at AS "erasedAt", (SELECT key_holder FROM record WHERE record.id = erasure.record) AS "keyHolder" FROM erasure`;

export class PgErasureStore extends ErasureStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async erase({ records, plan, respectHolds, journal, within }: ErasureOrder): Promise<readonly StoredErasure[]> {
    return onConnection(this.#pool, async (client) => {
      // As few round trips as can be: everybody who submits waits for the lock. Statements run in the order in which they are sent.
      const [, nextIndex, erasable] = await answers<[unknown, bigint, readonly ErasableRecord[], void]>([
        client.query('BEGIN'),
        this.#lock(client),
        this.#erasable(client, records),
        respectHolds ? assertNotHeld(client, records) : Promise.resolve(),
      ]);
      const planned = plan(nextIndex, erasable);
      if (planned.entries.length > 0) await answers<unknown[]>(this.#write(client, nextIndex, planned));
      await within?.(client, planned.erasures);
      await journal(planned.erasures);
      await commit(client);
      return planned.erasures;
    });
  }

  /** The coordination row orders all processes; it also keeps a hold from being placed while its record is erased. */
  async #lock(client: Client): Promise<bigint> {
    const { rows } = await client.query<{ next_index: bigint }>(
      'SELECT next_index FROM log_sequence WHERE log = $1 FOR UPDATE',
      [this.#log],
    );
    if (rows[0] === undefined) throw new InvariantError(`log ${this.#log} has no sequence row`);
    return rows[0].next_index;
  }

  async #erasable(client: Client, records: readonly bigint[]): Promise<readonly ErasableRecord[]> {
    const { rows } = await client.query<ErasableRecord>(
      `SELECT id, source_id AS "sourceId", record_ref AS "recordRef", head_seq AS "headSeq", head_leaf AS "headLeaf", key_holder AS "keyHolder" FROM record
       WHERE log = $1 AND id = ANY($2::bigint[]) AND erased_at IS NULL ORDER BY id FOR UPDATE`,
      [this.#log, int8Array(records)],
    );
    return rows;
  }

  /** Sends all statements; none waits for another's answer. */
  #write(client: Client, nextIndex: bigint, plan: ErasurePlan): Promise<unknown>[] {
    const { erasures } = plan;
    const ids = int8Array(erasures.map(({ record }) => record));
    const erasedAt = erasures[0]?.erasedAt;
    const column = <T>(pick: (erasure: StoredErasure) => T): T[] => erasures.map(pick);
    return [
      ...insertBatch(client, this.#log, nextIndex, plan),
      // The names stand there too; of those that nobody came back for, nobody needs them.
      client.query(
        `DELETE FROM prepared_record WHERE expires_at <= $2
           OR (source_id, record_id) IN (SELECT source_id, record_id FROM record WHERE id = ANY($1::bigint[]))`,
        [ids, erasedAt],
      ),
      client.query(
        `UPDATE record SET record_id = NULL, wrapped_key = NULL, subject_ref = NULL, erased_at = $2 WHERE id = ANY($1::bigint[])`,
        [ids, erasedAt],
      ),
      client.query(
        `UPDATE version SET version_id = NULL, media_type = '', component_names = '', component_commitments = ''
         WHERE record = ANY($1::bigint[])`,
        [ids],
      ),
      client.query(
        `INSERT INTO erasure (log, erased_at, record, record_ref, source_id, index, seq, leaf_hash, basis, versions)
         SELECT $1, $2, new.*, (SELECT count(*) FROM version WHERE version.record = new.record)
         FROM unnest($3::bigint[], $4::bytea[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bytea[], $9::text[])
           AS new (record, record_ref, source_id, index, seq, leaf_hash, basis)`,
        [
          this.#log,
          erasedAt,
          ids,
          byteaArray(column((one) => one.recordRef)),
          column((one) => one.sourceId),
          int8Array(column((one) => one.index)),
          int8Array(column((one) => one.seq)),
          byteaArray(column((one) => one.leafHash)),
          textArray(column((one) => one.basis)),
        ],
      ),
    ];
  }

  async of(records: readonly bigint[]): Promise<readonly StoredErasure[]> {
    return this.#read('WHERE log = $1 AND record = ANY($2::bigint[]) ORDER BY index', [this.#log, int8Array(records)]);
  }

  async byRef(recordRef: Uint8Array): Promise<StoredErasure | null> {
    const [found] = await this.#read('WHERE log = $1 AND record_ref = $2', [this.#log, Buffer.from(recordRef)]);
    return found ?? null;
  }

  async list(from: bigint, limit: number): Promise<readonly StoredErasure[]> {
    return this.#read('WHERE log = $1 AND index >= $2 ORDER BY index LIMIT $3', [this.#log, from, limit]);
  }

  async #read(where: string, values: unknown[]): Promise<readonly StoredErasure[]> {
    return (await this.#pool.query<StoredErasure>(`${ERASURE} ${where}`, values)).rows;
  }

  async unerased(recordRefs: readonly Uint8Array[]): Promise<readonly { id: bigint; recordRef: Uint8Array }[]> {
    const { rows } = await this.#pool.query<{ id: bigint; recordRef: Buffer }>(
      `SELECT id, record_ref AS "recordRef" FROM record WHERE log = $1 AND erased_at IS NULL AND record_ref = ANY($2::bytea[])`,
      [this.#log, byteaArray(recordRefs)],
    );
    return rows;
  }

  async scrub(): Promise<void> {
    await onConnection(this.#pool, async (client) => {
      // At autovacuum's pace: it reads whole indexes, and whoever submits meanwhile has the same disk and cores.
      await client.query(`SET vacuum_cost_delay = '2ms'`);
      try {
        await client.query('VACUUM (PARALLEL 0) record, version, prepared_record');
      } finally {
        await client.query('RESET vacuum_cost_delay');
      }
    });
  }
}

/** @throws {RecordHeldError} */
async function assertNotHeld(client: Client, records: readonly bigint[]): Promise<void> {
  const { rows } = await client.query<{ held: bigint }>(
    `SELECT count(*) AS held FROM record WHERE id = ANY($1::bigint[]) AND ${RECORD_IS_HELD}`,
    [int8Array(records)],
  );
  const held = Number(rows[0]?.held ?? 0n);
  if (held > 0) throw new RecordHeldError(held);
}
