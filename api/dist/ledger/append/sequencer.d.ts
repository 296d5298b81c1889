import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
export interface SequencerLimits {
    readonly batchSize: number;
    readonly maxWaitMs: number;
    readonly maxInFlight: number;
}
export declare class Sequencer<I, O> {
    #private;
    constructor(limits: SequencerLimits, write: (batch: readonly I[]) => Promise<readonly O[]>, logger: Logger, metrics: Metrics);
    /** How many more items are taken now. */
    get capacity(): number;
    get inFlight(): number;
    /**
     * Resolves when the item is durable.
     *
     * @throws {DomainError} `overloaded` when too much is in flight, `unavailable` when the store failed. A rejected
     *   submission may still have happened; repeating it is safe.
     */
    submit(item: I): Promise<O>;
    /** Takes nothing more and waits for what is in flight. */
    close(): Promise<void>;
}
