import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
export interface AnchorTarget {
    readonly chainId: bigint;
    readonly contract: string;
}
export interface AnchorParts {
    readonly anchors: AnchorStore;
    readonly trees: TreeStore;
    readonly reader: TreeReader;
    readonly registry: AnchorRegistry;
    readonly monitor: ChainMonitor;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Metrics;
}
export declare class AnchorService {
    #private;
    constructor(parts: AnchorParts, target: AnchorTarget);
    /** Looks at the chain, and anchors the latest checkpoint if that chain is ours. One process at a time sends. */
    run(): Promise<void>;
}
