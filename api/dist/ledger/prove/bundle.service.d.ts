import { type Bundle, type ComponentName, type RecordIdentity } from '@medanchor/verifier';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type SourceRef, type StoredRecord, type StoredVersion } from '../model.ts';
import { type EntryProof, type ProveService } from './prove.service.ts';
/** A version with the record and source that it belongs to. */
export interface LocatedVersion {
    readonly source: SourceRef;
    readonly record: StoredRecord;
    readonly version: StoredVersion;
}
export interface DisclosureRequest {
    readonly content: Uint8Array;
    /** JSON Pointers; everything below each is disclosed. */
    readonly pointers: readonly string[];
}
export declare class BundleService {
    #private;
    constructor(prove: ProveService, keys: KeyProvider);
    /** The salt of one version, from which the salts of its components follow. Never leaves the service. */
    versionSalt({ source, record, version }: LocatedVersion): Promise<Uint8Array>;
    /** Opens every component but `fields`, whose leaves are opened one by one (see {@link disclose}). */
    bundle(located: LocatedVersion): Promise<{
        bundle: Bundle;
        proof: EntryProof;
    }>;
    /**
     * A bundle that shows the chosen fields and hides the rest: only `identity` and `fields` are opened.
     *
     * @throws {DomainError} `fields-not-committed`, `content-differs` (the content posted is not that of this version),
     *   `disclosure-malformed` (a pointer that selects nothing)
     */
    disclose(located: LocatedVersion, request: DisclosureRequest): Promise<Bundle>;
}
export declare function identityOf({ source, record, version }: LocatedVersion): RecordIdentity;
export declare function saltsOf(version: StoredVersion, salt: Uint8Array): ReadonlyMap<ComponentName, Uint8Array>;
