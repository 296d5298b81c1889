import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type ChainState } from './chain-state.rules.ts';
export interface ChainObservation extends ChainState {
    readonly epoch: number;
    readonly blockNumber: bigint | null;
    /** When the chain last answered. */
    readonly seenAt: Date | null;
}
export declare class ChainMonitor {
    #private;
    constructor(clock: Clock, logger: Logger, metrics: Metrics);
    get current(): ChainObservation;
    /** Anchors may be shown: the chain was seen to be ours, and nothing since has said otherwise. */
    get anchorsVisible(): boolean;
    observed(state: ChainState, epoch: number, blockNumber: bigint): void;
    /** Nothing is known now; what was known before stays the last word, unless it was a mismatch. */
    unreachable(detail: string, epoch: number): void;
}
