import { type Pool } from '../../platform/database/pool.ts';
import { PreparedRecordStore, type PreparedRecord } from './prepared-record-store.port.ts';
import { type RecordName } from './record-store.port.ts';

interface Row {
  readonly source_id: string;
  readonly record_id: string;
  readonly id: bigint;
  readonly wrapped_key: Buffer;
}

export class PgPreparedRecordStore extends PreparedRecordStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  async reserve(record: PreparedRecord, now: Date, lifetimeMs: number): Promise<PreparedRecord> {
    await this.#pool.query('DELETE FROM prepared_record WHERE expires_at <= $1', [now]);
    const { rows } = await this.#pool.query<Row>(
      `INSERT INTO prepared_record (source_id, record_id, id, wrapped_key, expires_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (source_id, record_id) DO UPDATE SET expires_at = EXCLUDED.expires_at
       RETURNING source_id, record_id, id, wrapped_key`,
      [record.sourceId, record.recordId, record.id, record.wrappedKey, new Date(now.getTime() + lifetimeMs)],
    );
    return rows.map(toPrepared)[0] ?? record;
  }

  async find(names: readonly RecordName[], now: Date): Promise<readonly PreparedRecord[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT source_id, record_id, id, wrapped_key FROM prepared_record
       JOIN unnest($1::uuid[], $2::text[]) AS asked (source_id, record_id) USING (source_id, record_id) WHERE expires_at > $3`,
      [names.map(({ sourceId }) => sourceId), names.map(({ recordId }) => recordId), now],
    );
    return rows.map(toPrepared);
  }
}

function toPrepared(row: Row): PreparedRecord {
  return { sourceId: row.source_id, recordId: row.record_id, id: row.id, wrappedKey: row.wrapped_key };
}
