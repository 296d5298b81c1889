// Holds what was last known of the chain, for everybody who must not claim an anchor that cannot be seen.
import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type ChainState, type ChainStateCode, NOT_OBSERVED } from './chain-state.rules.ts';

const CODES: readonly ChainStateCode[] = ['ok', 'chain-unreachable', 'chain-mismatch', 'cannot-anchor', 'not-observed'];

export interface ChainObservation extends ChainState {
  readonly epoch: number;
  readonly blockNumber: bigint | null;
  /** When the chain last answered. */
  readonly seenAt: Date | null;
}

export class ChainMonitor {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  #current: ChainObservation = { ...NOT_OBSERVED, epoch: 0, blockNumber: null, seenAt: null };

  constructor(clock: Clock, logger: Logger, metrics: Metrics) {
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  get current(): ChainObservation {
    return this.#current;
  }

  /** Anchors may be shown: the chain was seen to be ours, and nothing since has said otherwise. */
  get anchorsVisible(): boolean {
    const { code, seenAt } = this.#current;
    return code === 'ok' || code === 'cannot-anchor' || (code === 'chain-unreachable' && seenAt !== null);
  }

  observed(state: ChainState, epoch: number, blockNumber: bigint): void {
    this.#set({ ...state, epoch, blockNumber, seenAt: this.#clock.now() });
  }

  /** Nothing is known now; what was known before stays the last word, unless it was a mismatch. */
  unreachable(detail: string, epoch: number): void {
    const { code, blockNumber, seenAt } = this.#current;
    if (code === 'chain-mismatch') return;
    this.#set({ code: 'chain-unreachable', detail, forked: false, epoch, blockNumber, seenAt });
  }

  #set(next: ChainObservation): void {
    const { code, detail } = this.#current;
    this.#current = next;
    for (const known of CODES) this.#metrics.chainState.set({ state: known }, known === next.code ? 1 : 0);
    // Once per change, not once per look: an operator reads this log.
    if (next.code === code && next.detail === detail) return;
    const fields = { chainState: next.code, epoch: next.epoch, block: next.blockNumber?.toString() };
    if (next.code === 'ok') this.#logger.info(fields, 'chain ok');
    else this.#logger.warn(fields, `${next.code}: ${next.detail}`);
  }
}
