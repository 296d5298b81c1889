import { type Activity } from '@medanchor/verifier';
import { type SourcesService } from '../identity/index.ts';
import { type LedgerService, type LedgerVerdict, type LocatedVersion, type Receipt, type StoredVersion } from '../ledger/index.ts';
export interface VersionToSubmit {
    readonly source: string;
    readonly recordId: string;
    readonly versionId: string;
    readonly activity: Activity | null;
    readonly mediaType: string;
    /** null for a deletion. */
    readonly content: Uint8Array | null;
    /** null: as configured. */
    readonly fields: boolean | null;
}
export interface ContentToVerify {
    readonly source: string;
    readonly recordId: string;
    readonly versionId: string | null;
    readonly mediaType: string;
    readonly content: Uint8Array;
}
export declare class RecordsService {
    #private;
    constructor(sources: SourcesService, ledger: LedgerService, fieldsByDefault: boolean);
    /** @throws {DomainError} naming the fault; then nothing is written. */
    submit(version: VersionToSubmit): Promise<Receipt>;
    verify({ source, recordId, versionId, content, mediaType }: ContentToVerify): Promise<LedgerVerdict | null>;
    history(source: string, recordId: string, after: bigint, limit: number): Promise<readonly StoredVersion[]>;
    locate(source: string, recordId: string, versionId: string): Promise<LocatedVersion>;
}
