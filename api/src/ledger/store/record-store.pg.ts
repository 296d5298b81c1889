import { type Pool } from '../../platform/database/pool.ts';
import { type StoredRecord, type StoredVersion } from '../model.ts';
import { SELECT_VERSION, toStoredVersion, type VersionRow } from './entry-store.pg.ts';
import { RecordStore, type IntegrityAlarm, type RecordName, type StoredAlarm } from './record-store.port.ts';

interface RecordRow {
  readonly id: bigint;
  readonly source_id: string;
  readonly record_id: string;
  readonly record_ref: Buffer;
  readonly wrapped_key: Buffer;
  readonly head_seq: bigint;
}

export class PgRecordStore extends RecordStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async find(names: readonly RecordName[]): Promise<readonly StoredRecord[]> {
    const { rows } = await this.#pool.query<RecordRow>({
      name: 'record-find',
      text: `SELECT id, source_id, record_id, record_ref, wrapped_key, head_seq FROM record
             JOIN unnest($1::uuid[], $2::text[]) AS asked (source_id, record_id) USING (source_id, record_id)`,
      values: [names.map((name) => name.sourceId), names.map((name) => name.recordId)],
    });
    return rows.map((row) => ({
      id: row.id,
      sourceId: row.source_id,
      recordId: row.record_id,
      recordRef: row.record_ref,
      wrappedKey: row.wrapped_key,
      headSeq: row.head_seq,
    }));
  }

  async reserve(count: number): Promise<readonly bigint[]> {
    const { rows } = await this.#pool.query<{ id: bigint }>({
      name: 'record-reserve',
      text: `SELECT nextval('record_id_seq') AS id FROM generate_series(1, $1::int)`,
      values: [count],
    });
    return rows.map(({ id }) => id);
  }

  async version(record: bigint, versionId: string): Promise<StoredVersion | null> {
    return this.#one('version-by-id', 'WHERE record = $1 AND version_id = $2', [record, versionId]);
  }

  async latest(record: bigint): Promise<StoredVersion | null> {
    return this.#one('version-latest', 'WHERE record = $1 ORDER BY seq DESC LIMIT 1', [record]);
  }

  async history(record: bigint, after: bigint, limit: number): Promise<readonly StoredVersion[]> {
    const { rows } = await this.#pool.query<VersionRow>({
      name: 'version-history',
      text: `${SELECT_VERSION} WHERE record = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      values: [record, after, limit],
    });
    return rows.map(toStoredVersion);
  }

  async count(record: bigint): Promise<bigint> {
    const { rows } = await this.#pool.query<{ count: bigint }>({
      name: 'version-count',
      text: 'SELECT count(*) AS count FROM version WHERE record = $1',
      values: [record],
    });
    return rows[0]?.count ?? 0n;
  }

  async #one(name: string, where: string, values: unknown[]): Promise<StoredVersion | null> {
    const { rows } = await this.#pool.query<VersionRow>({ name, text: `${SELECT_VERSION} ${where}`, values });
    return rows[0] === undefined ? null : toStoredVersion(rows[0]);
  }

  async raiseAlarm(alarm: IntegrityAlarm): Promise<void> {
    await this.#pool.query(
      'INSERT INTO integrity_alarm (log, kind, record, seq, detail, raised_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [this.#log, alarm.kind, alarm.record, alarm.seq, alarm.detail, alarm.raisedAt],
    );
  }

  async alarms(limit: number): Promise<readonly StoredAlarm[]> {
    const { rows } = await this.#pool.query<{
      id: bigint;
      kind: IntegrityAlarm['kind'];
      record: bigint | null;
      seq: bigint | null;
      detail: string;
      raised_at: Date;
    }>(
      'SELECT id, kind, record, seq, detail, raised_at FROM integrity_alarm WHERE log = $1 ORDER BY id DESC LIMIT $2',
      [this.#log, limit],
    );
    return rows.map(({ raised_at: raisedAt, ...row }) => ({ ...row, raisedAt }));
  }
}
