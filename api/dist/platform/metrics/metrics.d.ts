import { Counter, Gauge, Histogram, Registry } from 'prom-client';
export declare class Metrics {
    #private;
    readonly registry: Registry<"text/plain; version=0.0.4; charset=utf-8">;
    /** Entries by how they ended: sequenced, duplicate (same key and content), conflict (history-rewritten). */
    readonly appended: Counter<"result">;
    readonly inFlight: Gauge<string>;
    readonly appendSeconds: Histogram<string>;
    /** Size of the log as each stage sees it; the lag of a stage is a difference of two of these. */
    readonly stageSize: Gauge<"stage">;
    readonly stageErrors: Counter<"stage">;
    readonly checkpointTime: Gauge<string>;
    readonly anchorGas: Histogram<string>;
    readonly chainState: Gauge<"state">;
    readonly alarms: Counter<"kind">;
    readonly verdicts: Counter<"verdict">;
    readonly httpSeconds: Histogram<"method" | "route" | "status">;
    constructor();
}
