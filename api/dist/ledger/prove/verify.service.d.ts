import { type Check, type ContentVerdict, type Status, type VerificationReport, type Verdict } from '@medanchor/verifier';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type State, type StoredVersion } from '../model.ts';
import { type RecordStore } from '../store/record-store.port.ts';
import { type BundleService, type LocatedVersion } from './bundle.service.ts';
export interface ComparedContent {
    readonly content: Uint8Array;
    readonly mediaType: string;
}
export interface LedgerVerdict {
    readonly verdict: Verdict | null;
    readonly flags: VerificationReport['flags'];
    readonly status: Status;
    readonly outcome: VerificationReport['outcome'];
    readonly reason: string;
    readonly checks: readonly Check[];
    readonly version: StoredVersion | null;
    readonly latest: StoredVersion | null;
    /** Another version of this record that the content equals. */
    readonly matches: {
        readonly version: StoredVersion;
        readonly verdict: ContentVerdict;
    } | null;
}
export declare class VerifyService {
    #private;
    constructor(bundles: BundleService, records: RecordStore, monitor: ChainMonitor, verifierKey: string);
    /**
     * @param located the version to compare with; without a version id asked for, the latest one
     * @param state its state in the ledger, for a version that no checkpoint covers yet
     */
    verify(located: LocatedVersion, latest: StoredVersion, given: ComparedContent, state: State): Promise<LedgerVerdict>;
}
