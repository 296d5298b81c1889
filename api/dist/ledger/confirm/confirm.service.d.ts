import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type RecordStore } from '../store/record-store.port.ts';
export interface ConfirmParts {
    readonly anchors: AnchorStore;
    readonly records: RecordStore;
    readonly registry: AnchorRegistry;
    readonly monitor: ChainMonitor;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Metrics;
}
export declare class ConfirmService {
    #private;
    constructor(parts: ConfirmParts, confirmations: number);
    /** Does nothing while the chain is unreachable or not ours: then nothing can be learned about our anchors. */
    run(): Promise<void>;
}
