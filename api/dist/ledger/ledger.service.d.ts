import { type Clock } from '../platform/clock/clock.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';
import { type DigestedVersion } from './append/append.service.ts';
import { type Sequencer } from './append/sequencer.ts';
import { type ChainMonitor } from './chain/chain-monitor.ts';
import { type SourceRef, type StageSizes, type State, type StoredVersion } from './model.ts';
import { type BundleService, type DisclosureRequest, type LocatedVersion } from './prove/bundle.service.ts';
import { type ComparedContent, type LedgerVerdict, type VerifyService } from './prove/verify.service.ts';
import { type SequenceResult } from './store/entry-store.port.ts';
import { type RecordStore } from './store/record-store.port.ts';
import { type TreeStore } from './store/tree-store.port.ts';
export interface LedgerParts {
    readonly sequencer: Sequencer<DigestedVersion, SequenceResult>;
    readonly records: RecordStore;
    readonly trees: TreeStore;
    readonly bundles: BundleService;
    readonly verifier: VerifyService;
    readonly monitor: ChainMonitor;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Metrics;
}
export interface Receipt {
    readonly created: boolean;
    readonly version: StoredVersion;
    readonly state: State;
}
export declare class LedgerService {
    #private;
    constructor(parts: LedgerParts);
    /** How many submissions are taken now without being refused. */
    get capacity(): number;
    /**
     * Resolves when the version is durable. Safe to repeat: the same version again gives its first receipt.
     *
     * @throws {DomainError} `history-rewritten` (and raises an alarm), `overloaded`, `unavailable`
     */
    append(version: DigestedVersion): Promise<Receipt>;
    /** Stage sizes as they may be shown: anchors count only while the chain is seen to be ours. */
    sizes(): Promise<StageSizes>;
    /** Waits until the entry has reached `state` or the time is over; returns the state that it has then. */
    waitFor(index: bigint, state: State, timeoutMs: number): Promise<State>;
    history(source: SourceRef, recordId: string, after: bigint, limit: number): Promise<readonly StoredVersion[]>;
    /** @throws {DomainError} `unknown-record`, `unknown-version` */
    locate(source: SourceRef, recordId: string, versionId: string): Promise<LocatedVersion>;
    bundle(located: LocatedVersion): ReturnType<BundleService['bundle']>;
    disclose(located: LocatedVersion, request: DisclosureRequest): ReturnType<BundleService['disclose']>;
    /** Null when nothing is recorded under this name: the verdict is then `unknown-version`. */
    verify(source: SourceRef, recordId: string, versionId: string | null, given: ComparedContent): Promise<LedgerVerdict | null>;
}
