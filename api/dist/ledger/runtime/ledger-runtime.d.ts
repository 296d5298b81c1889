import { type Config } from '../../platform/config/config.schema.ts';
import { type Health } from '../../platform/health/health.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type AnchorService } from '../anchor/anchor.service.ts';
import { type Sequencer } from '../append/sequencer.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type CheckpointService } from '../checkpoint/checkpoint.service.ts';
import { type ConfirmService } from '../confirm/confirm.service.ts';
import { type IntegrateService } from '../integrate/integrate.service.ts';
import { type LedgerService } from '../ledger.service.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
export interface RuntimeParts {
    readonly config: Config;
    readonly trees: TreeStore;
    readonly reader: TreeReader;
    readonly sequencer: Sequencer<never, unknown>;
    readonly integrate: IntegrateService;
    readonly checkpoint: CheckpointService;
    readonly anchor: AnchorService;
    readonly confirm: ConfirmService;
    readonly ledger: LedgerService;
    readonly monitor: ChainMonitor;
    readonly health: Health;
    readonly logger: Logger;
    readonly metrics: Metrics;
}
export declare class LedgerRuntime {
    #private;
    constructor(parts: RuntimeParts);
    start(): Promise<void>;
    /** What is in flight becomes durable; every stage finishes its run. */
    stop(): Promise<void>;
    /** New entries are durable: do not wait for the timer. */
    wakeIntegrate(): void;
}
