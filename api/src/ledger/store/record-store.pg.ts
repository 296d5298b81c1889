import { byteaArray, textArray, uuidArray } from '../../platform/database/binary-array.ts';
import { type Pool } from '../../platform/database/pool.ts';
import { type KeyHolder, type StoredRecord, type StoredVersion } from '../model.ts';
import { SELECT_VERSION, toStoredVersion, type VersionRow } from './entry-store.pg.ts';
import { RecordErasedError } from './entry-store.port.ts';
import {
  RecordStore,
  type Earlier,
  type FoundVersion,
  type IntegrityAlarm,
  type RecordName,
  type RecordPseudonym,
  type StoredAlarm,
  type VersionName,
} from './record-store.port.ts';

const VERSION_COLUMNS = `record, seq, version_id, log, index, leaf_hash, batch_first, entry_offset, entry_length, activity, scheme,
  media_type, component_names, component_commitments, recorded_at, submitted_by`;

interface RecordRow {
  readonly id: bigint;
  readonly source_id: string;
  readonly record_id: string;
  readonly record_ref: Buffer;
  readonly wrapped_key: Buffer | null;
  readonly key_holder: KeyHolder;
  readonly subject_ref: Buffer | null;
  readonly head_seq: bigint;
}

/** Without a version when the record's versions are gone. */
type LocatedRow = RecordRow & { readonly position: bigint } & (
    VersionRow | { readonly [Column in keyof VersionRow]: null }
  );

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
      text: `SELECT id, source_id, record_id, record_ref, wrapped_key, key_holder, subject_ref, head_seq FROM record
             JOIN unnest($1::uuid[], $2::text[]) AS asked (source_id, record_id) USING (source_id, record_id)`,
      values: [uuidArray(names.map((name) => name.sourceId)), textArray(names.map((name) => name.recordId))],
    });
    return rows.map(toStoredRecord);
  }

  async refsTaken(
    refs: readonly RecordPseudonym[],
  ): Promise<readonly (RecordPseudonym & { readonly recordId: string | null })[]> {
    const { rows } = await this.#pool.query<{ source_id: string; record_id: string | null; record_ref: Buffer }>({
      name: 'record-refs-taken',
      text: `SELECT source_id, record_id, record_ref FROM record JOIN unnest($1::uuid[], $2::bytea[]) AS asked (source_id, record_ref)
               USING (source_id, record_ref) WHERE key_holder = 'source'`,
      values: [uuidArray(refs.map((ref) => ref.sourceId)), byteaArray(refs.map((ref) => ref.recordRef))],
    });
    return rows.map((row) => ({ sourceId: row.source_id, recordId: row.record_id, recordRef: row.record_ref }));
  }

  async reserve(count: number): Promise<readonly bigint[]> {
    const { rows } = await this.#pool.query<{ id: bigint }>({
      name: 'record-reserve',
      text: `SELECT nextval('record_id_seq') AS id FROM generate_series(1, $1::int)`,
      values: [count],
    });
    return rows.map(({ id }) => id);
  }

  async locate(names: readonly VersionName[]): Promise<readonly (FoundVersion | null)[]> {
    // For each name one row or two: the latest version, and the one asked for when it is another.
    const { rows } = await this.#pool.query<LocatedRow>({
      name: 'record-locate',
      text: `SELECT position, record.id, record.source_id, record.record_id, record.record_ref, record.wrapped_key, record.key_holder,
                    record.subject_ref, record.head_seq,
                    found.*, coalesce(substring(entries FROM entry_offset + 1 FOR entry_length), '') AS entry
             FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (source_id, record_id, version_id, position)
             JOIN record USING (source_id, record_id)
             LEFT JOIN LATERAL (
               (SELECT ${VERSION_COLUMNS} FROM version WHERE version.record = record.id ORDER BY seq DESC LIMIT 1)
               UNION
               (SELECT ${VERSION_COLUMNS} FROM version WHERE version.record = record.id AND version.version_id = asked.version_id)
             ) AS found ON true
             LEFT JOIN entry_batch ON entry_batch.log = found.log AND entry_batch.first_index = found.batch_first
             ORDER BY position, seq DESC`,
      values: [
        names.map((name) => name.sourceId),
        names.map((name) => name.recordId),
        names.map((name) => name.versionId),
      ],
    });
    const found: (FoundVersion | null)[] = names.map(() => null);
    for (const row of rows) {
      const position = Number(row.position) - 1;
      const version = row.seq === null ? null : toStoredVersion(row);
      const asked = names[position]?.versionId ?? null;
      const matches = version !== null && (asked === null || version.versionId === asked);
      const before = found[position];
      found[position] =
        before === null || before === undefined
          ? { record: toStoredRecord(row), version: matches ? version : null, latest: version }
          : { ...before, version: matches ? version : before.version };
    }
    return found;
  }

  async earlier(asked: readonly Earlier[]): Promise<readonly (readonly StoredVersion[])[]> {
    const { rows } = await this.#pool.query<VersionRow & { position: bigint }>({
      name: 'version-earlier',
      text: `SELECT position, found.*, coalesce(substring(entries FROM entry_offset + 1 FOR entry_length), '') AS entry
             FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (id, below, position)
             JOIN LATERAL (SELECT ${VERSION_COLUMNS} FROM version WHERE record = asked.id AND seq < asked.below) AS found ON true
             LEFT JOIN entry_batch ON entry_batch.log = found.log AND entry_batch.first_index = found.batch_first
             ORDER BY position, seq`,
      values: [asked.map(({ record }) => record), asked.map(({ below }) => below)],
    });
    const found: StoredVersion[][] = asked.map(() => []);
    for (const row of rows) found[Number(row.position) - 1]?.push(toStoredVersion(row));
    return found;
  }

  async history(record: bigint, after: bigint, limit: number): Promise<readonly StoredVersion[]> {
    const { rows } = await this.#pool.query<VersionRow>({
      name: 'version-history',
      text: `${SELECT_VERSION} WHERE record = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      values: [record, after, limit],
    });
    if (rows.some((row) => row.version_id === null)) throw new RecordErasedError();
    return rows.map(toStoredVersion);
  }

  async ofSubject(sourceId: string, subjectRef: Uint8Array): Promise<readonly bigint[]> {
    const { rows } = await this.#pool.query<{ id: bigint }>(
      'SELECT id FROM record WHERE log = $1 AND source_id = $2 AND subject_ref = $3 ORDER BY id',
      [this.#log, sourceId, Buffer.from(subjectRef)],
    );
    return rows.map(({ id }) => id);
  }

  async count(record: bigint): Promise<bigint> {
    const { rows } = await this.#pool.query<{ count: bigint }>({
      name: 'version-count',
      text: 'SELECT count(*) AS count FROM version WHERE record = $1',
      values: [record],
    });
    return rows[0]?.count ?? 0n;
  }

  async raiseAlarm(alarm: IntegrityAlarm): Promise<void> {
    await this.#pool.query(
      'INSERT INTO integrity_alarm (log, kind, record, seq, detail, raised_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [this.#log, alarm.kind, alarm.record, alarm.seq, alarm.detail, alarm.raisedAt],
    );
  }

  async alarms(limit: number, of: { tenantId: string; logWide: boolean }): Promise<readonly StoredAlarm[]> {
    const { rows } = await this.#pool.query<{
      id: bigint;
      kind: IntegrityAlarm['kind'];
      record: bigint | null;
      seq: bigint | null;
      detail: string;
      raised_at: Date;
    }>(
      `SELECT alarm.id, alarm.kind, alarm.record, alarm.seq, alarm.detail, alarm.raised_at
         FROM integrity_alarm alarm LEFT JOIN record ON record.id = alarm.record LEFT JOIN source ON source.id = record.source_id
        WHERE alarm.log = $1 AND (source.tenant_id = $3 OR ($4 AND source.id IS NULL))
        ORDER BY alarm.id DESC LIMIT $2`,
      [this.#log, limit, of.tenantId, of.logWide],
    );
    return rows.map(({ raised_at: raisedAt, ...row }) => ({ ...row, raisedAt }));
  }
}

function toStoredRecord(row: RecordRow): StoredRecord {
  return {
    id: row.id,
    sourceId: row.source_id,
    recordId: row.record_id,
    recordRef: row.record_ref,
    wrappedKey: row.wrapped_key,
    keyHolder: row.key_holder,
    subjectRef: row.subject_ref,
    headSeq: row.head_seq,
  };
}
