import { type Pool } from '../../platform/database/pool.ts';
import { type StoredRecord, type StoredVersion } from '../model.ts';
import { RecordStore, type IntegrityAlarm, type NewRecord, type RecordName, type StoredAlarm } from './record-store.port.ts';
export declare class PgRecordStore extends RecordStore {
    #private;
    constructor(pool: Pool, log: number);
    find(names: readonly RecordName[]): Promise<readonly StoredRecord[]>;
    create(records: readonly NewRecord[]): Promise<void>;
    version(record: bigint, versionId: string): Promise<StoredVersion | null>;
    latest(record: bigint): Promise<StoredVersion | null>;
    history(record: bigint, after: bigint, limit: number): Promise<readonly StoredVersion[]>;
    raiseAlarm(alarm: IntegrityAlarm): Promise<void>;
    alarms(limit: number): Promise<readonly StoredAlarm[]>;
}
