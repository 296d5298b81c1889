import { type Pool } from '../../platform/database/pool.ts';
import { type StoredVersion } from '../model.ts';
import { EntryStore, type Planner, type SequenceResult, type Submission } from './entry-store.port.ts';
export declare class PgEntryStore extends EntryStore {
    #private;
    constructor(pool: Pool, log: number);
    sequence(submissions: readonly Submission[], planner: Planner): Promise<readonly SequenceResult[]>;
    readEntries(from: bigint, to: bigint): Promise<readonly Uint8Array[]>;
}
export interface VersionRow {
    readonly record: bigint;
    readonly seq: bigint;
    readonly version_id: string;
    readonly index: bigint;
    readonly leaf_hash: Buffer;
    readonly entry: Buffer;
    readonly activity: string;
    readonly scheme: string;
    readonly media_type: string;
    readonly component_names: string;
    readonly component_commitments: Buffer;
    readonly recorded_at: Date;
}
/** A version with its entry's octets, cut out of the batch's row. */
export declare const SELECT_VERSION = "\n  SELECT record, seq, version_id, index, leaf_hash, activity, scheme, media_type, component_names, component_commitments, recorded_at,\n         substring(entries FROM entry_offset + 1 FOR entry_length) AS entry\n  FROM version JOIN entry_batch ON entry_batch.log = version.log AND entry_batch.first_index = version.batch_first";
export declare function toStoredVersion(row: VersionRow): StoredVersion;
