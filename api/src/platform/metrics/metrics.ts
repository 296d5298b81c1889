// Prometheus metrics. Names carry the stage and the unit; labels never carry identifiers of records or sources.
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

@Injectable()
export class Metrics {
  readonly registry = new Registry();

  /** Entries by how they ended: sequenced, duplicate (same key and content), conflict (history-rewritten). */
  readonly appended = this.#counter('medanchor_append_entries_total', 'Entries by result of append', ['result']);
  readonly inFlight = this.#gauge('medanchor_append_in_flight', 'Submissions accepted in memory and not yet durable');
  readonly appendSeconds = this.#histogram('medanchor_append_batch_seconds', 'Time to make one batch durable');
  /** Size of the log as each stage sees it; the lag of a stage is a difference of two of these. */
  readonly stageSize = this.#gauge('medanchor_stage_size', 'Log size reached by each stage', ['stage']);
  readonly stageErrors = this.#counter('medanchor_stage_errors_total', 'Failed runs of a stage', ['stage']);
  readonly checkpointTime = this.#gauge(
    'medanchor_checkpoint_timestamp_seconds',
    'When the latest checkpoint was signed',
  );
  readonly anchorGas = this.#histogram(
    'medanchor_anchor_gas',
    'Gas used by an anchor',
    [21_000, 40_000, 52_000, 70_000, 100_000],
  );
  /** not-mined: a higher fee for the same nonce; nonce-gap: a nonce below ours was free. */
  readonly anchorReplacements = this.#counter(
    'medanchor_anchor_replacements_total',
    'Anchors sent in place of one that was not mined',
    ['reason'],
  );
  readonly chainState = this.#gauge('medanchor_chain_state', '1 for the state that holds', ['state']);
  readonly alarms = this.#counter('medanchor_integrity_alarms_total', 'Integrity alarms', ['kind']);
  /** Of the tamper sweep, in whatever process it ran: as fresh as the last look at health. */
  readonly fsckFindings = this.#gauge('medanchor_fsck_findings', 'Open findings of the tamper sweep', ['severity']);
  readonly fsckLastRun = this.#gauge(
    'medanchor_fsck_last_run_timestamp_seconds',
    'When the latest sweep of each mode finished',
    ['mode'],
  );
  readonly fsckEntries = this.#gauge('medanchor_fsck_entries', 'Entries that the latest sweep hashed again');
  readonly fsckSeconds = this.#gauge('medanchor_fsck_seconds', 'Working time of the latest sweep');
  readonly erased = this.#counter('medanchor_erase_records_total', 'Records erased, by legal basis', ['basis']);
  /** Of a key rotation in this process: rewrapped; failed (could not be opened). */
  readonly keysRewrapped = this.#counter(
    'medanchor_keys_rewrapped_total',
    'Keys and values that a rotation has visited',
    ['result'],
  );
  readonly keyRotationRemaining = this.#gauge(
    'medanchor_key_rotation_remaining',
    'Keys and values that are still wrapped by another key',
  );
  /** ok; refused (no right, or not as asked); failed (no answer, 5xx, 429). */
  readonly keyServiceRequests = this.#counter('medanchor_key_service_requests_total', 'Requests to the key service', [
    'result',
  ]);
  readonly verdicts = this.#counter('medanchor_verify_verdicts_total', 'Verdicts given', ['verdict']);
  readonly rateLimited = this.#counter('medanchor_http_rate_limited_total', 'Requests refused by a rate limit', [
    'scope',
  ]);
  /** Events of the access log: of acts that happened, were denied, or failed. */
  readonly accessEvents = this.#counter('medanchor_access_events_total', 'Events of the access log', ['outcome']);
  readonly accessInFlight = this.#gauge(
    'medanchor_access_in_flight',
    'Access events accepted in memory and not yet durable',
  );
  readonly accessSeconds = this.#histogram(
    'medanchor_access_batch_seconds',
    'Time to make one batch of access events durable',
  );
  readonly accessAnchored = this.#gauge(
    'medanchor_access_anchor_timestamp_seconds',
    'When the access log was last committed to by an entry of the log',
  );
  readonly httpSeconds = this.#httpHistogram();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(
    name: string,
    help: string,
    buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  ): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  #httpHistogram(): Histogram<'method' | 'route' | 'status'> {
    return new Histogram({
      name: 'medanchor_http_request_seconds',
      help: 'HTTP requests by route pattern',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers: [this.registry],
    });
  }
}
