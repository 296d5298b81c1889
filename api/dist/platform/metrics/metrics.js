var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
// Prometheus metrics. Names carry the stage and the unit; labels never carry identifiers of records or sources.
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
let Metrics = class Metrics {
    constructor() {
        this.registry = new Registry();
        /** Entries by how they ended: sequenced, duplicate (same key and content), conflict (history-rewritten). */
        this.appended = this.#counter('medanchor_append_entries_total', 'Entries by result of append', ['result']);
        this.inFlight = this.#gauge('medanchor_append_in_flight', 'Submissions accepted in memory and not yet durable');
        this.appendSeconds = this.#histogram('medanchor_append_batch_seconds', 'Time to make one batch durable');
        /** Size of the log as each stage sees it; the lag of a stage is a difference of two of these. */
        this.stageSize = this.#gauge('medanchor_stage_size', 'Log size reached by each stage', ['stage']);
        this.stageErrors = this.#counter('medanchor_stage_errors_total', 'Failed runs of a stage', ['stage']);
        this.checkpointTime = this.#gauge('medanchor_checkpoint_timestamp_seconds', 'When the latest checkpoint was signed');
        this.anchorGas = this.#histogram('medanchor_anchor_gas', 'Gas used by an anchor', [21_000, 40_000, 52_000, 70_000, 100_000]);
        this.chainState = this.#gauge('medanchor_chain_state', '1 for the state that holds', ['state']);
        this.alarms = this.#counter('medanchor_integrity_alarms_total', 'Integrity alarms', ['kind']);
        this.verdicts = this.#counter('medanchor_verify_verdicts_total', 'Verdicts given', ['verdict']);
        this.httpSeconds = this.#httpHistogram();
        collectDefaultMetrics({ register: this.registry });
    }
    #counter(name, help, labelNames = []) {
        return new Counter({ name, help, labelNames, registers: [this.registry] });
    }
    #gauge(name, help, labelNames = []) {
        return new Gauge({ name, help, labelNames, registers: [this.registry] });
    }
    #histogram(name, help, buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]) {
        return new Histogram({ name, help, buckets, registers: [this.registry] });
    }
    #httpHistogram() {
        return new Histogram({
            name: 'medanchor_http_request_seconds',
            help: 'HTTP requests by route pattern',
            labelNames: ['method', 'route', 'status'],
            buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            registers: [this.registry],
        });
    }
};
Metrics = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [])
], Metrics);
export { Metrics };
//# sourceMappingURL=metrics.js.map