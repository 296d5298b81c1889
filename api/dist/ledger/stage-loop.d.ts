import { type Logger } from '../platform/logger/logger.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';
export declare class StageLoop {
    #private;
    readonly stage: string;
    /** Message of the last run when it failed; for health. */
    failure: string | null;
    constructor(stage: string, work: () => Promise<unknown>, intervalMs: number, logger: Logger, metrics: Metrics);
    start(): void;
    /** Runs now, or once more after the run that is going on. */
    wake(): void;
    /** Waits for the run that is going on. */
    stop(): Promise<void>;
}
