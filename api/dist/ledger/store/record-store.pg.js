import { SELECT_VERSION, toStoredVersion } from './entry-store.pg.js';
import { RecordStore, } from './record-store.port.js';
export class PgRecordStore extends RecordStore {
    #pool;
    #log;
    constructor(pool, log) {
        super();
        this.#pool = pool;
        this.#log = log;
    }
    async find(names) {
        const { rows } = await this.#pool.query({
            name: 'record-find',
            text: `SELECT id, source_id, record_id, record_ref, wrapped_key FROM record
             JOIN unnest($1::uuid[], $2::text[]) AS asked (source_id, record_id) USING (source_id, record_id)`,
            values: [names.map((name) => name.sourceId), names.map((name) => name.recordId)],
        });
        return rows.map((row) => ({
            id: row.id,
            sourceId: row.source_id,
            recordId: row.record_id,
            recordRef: row.record_ref,
            wrappedKey: row.wrapped_key,
        }));
    }
    async create(records) {
        // Sorted, so that two processes that create the same records never wait for each other in a circle.
        const sorted = [...records].sort((a, b) => compare(a.sourceId, b.sourceId) || compare(a.recordId, b.recordId));
        await this.#pool.query({
            name: 'record-create',
            text: `INSERT INTO record (log, source_id, record_id, record_ref, wrapped_key)
             SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::bytea[])
             ON CONFLICT (source_id, record_id) DO NOTHING`,
            values: [
                this.#log,
                sorted.map((record) => record.sourceId),
                sorted.map((record) => record.recordId),
                sorted.map((record) => record.recordRef),
                sorted.map((record) => record.wrappedKey),
            ],
        });
    }
    async version(record, versionId) {
        return this.#one('version-by-id', 'WHERE record = $1 AND version_id = $2', [record, versionId]);
    }
    async latest(record) {
        return this.#one('version-latest', 'WHERE record = $1 ORDER BY seq DESC LIMIT 1', [record]);
    }
    async history(record, after, limit) {
        const { rows } = await this.#pool.query({
            name: 'version-history',
            text: `${SELECT_VERSION} WHERE record = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
            values: [record, after, limit],
        });
        return rows.map(toStoredVersion);
    }
    async #one(name, where, values) {
        const { rows } = await this.#pool.query({ name, text: `${SELECT_VERSION} ${where}`, values });
        return rows[0] === undefined ? null : toStoredVersion(rows[0]);
    }
    async raiseAlarm(alarm) {
        await this.#pool.query('INSERT INTO integrity_alarm (log, kind, record, seq, detail, raised_at) VALUES ($1, $2, $3, $4, $5, $6)', [this.#log, alarm.kind, alarm.record, alarm.seq, alarm.detail, alarm.raisedAt]);
    }
    async alarms(limit) {
        const { rows } = await this.#pool.query('SELECT id, kind, record, seq, detail, raised_at FROM integrity_alarm WHERE log = $1 ORDER BY id DESC LIMIT $2', [this.#log, limit]);
        return rows.map(({ raised_at: raisedAt, ...row }) => ({ ...row, raisedAt }));
    }
}
function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
//# sourceMappingURL=record-store.pg.js.map