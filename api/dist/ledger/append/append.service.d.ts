import { type Activity, type RecordDigest } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type SourceRef } from '../model.ts';
import { type EntryStore, type SequenceResult, type Submission } from '../store/entry-store.port.ts';
import { type RecordStore } from '../store/record-store.port.ts';
/** A version that was parsed and digested; its content is gone already. */
export interface DigestedVersion {
    readonly source: SourceRef;
    readonly recordId: string;
    readonly versionId: string;
    readonly activity: Activity | null;
    readonly digest: RecordDigest;
}
export declare class AppendService {
    #private;
    constructor(records: RecordStore, entries: EntryStore, keys: KeyProvider, clock: Clock);
    /**
     * Makes one batch durable: keys for new records, commitments, then the sequencing transaction.
     * A crash after the keys were stored and before the batch leaves records without versions, which is harmless.
     */
    append(versions: readonly DigestedVersion[]): Promise<readonly SequenceResult[]>;
    sequence(submissions: readonly Submission[]): Promise<readonly SequenceResult[]>;
}
