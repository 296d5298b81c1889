import { NOT_OBSERVED } from './chain-state.rules.js';
const CODES = ['ok', 'chain-unreachable', 'chain-mismatch', 'cannot-anchor', 'not-observed'];
export class ChainMonitor {
    #clock;
    #logger;
    #metrics;
    #current = { ...NOT_OBSERVED, epoch: 0, blockNumber: null, seenAt: null };
    constructor(clock, logger, metrics) {
        this.#clock = clock;
        this.#logger = logger;
        this.#metrics = metrics;
    }
    get current() {
        return this.#current;
    }
    /** Anchors may be shown: the chain was seen to be ours, and nothing since has said otherwise. */
    get anchorsVisible() {
        const { code, seenAt } = this.#current;
        return code === 'ok' || code === 'cannot-anchor' || (code === 'chain-unreachable' && seenAt !== null);
    }
    observed(state, epoch, blockNumber) {
        this.#set({ ...state, epoch, blockNumber, seenAt: this.#clock.now() });
    }
    /** Nothing is known now; what was known before stays the last word, unless it was a mismatch. */
    unreachable(detail, epoch) {
        const { code, blockNumber, seenAt } = this.#current;
        if (code === 'chain-mismatch')
            return;
        this.#set({ code: 'chain-unreachable', detail, epoch, blockNumber, seenAt });
    }
    #set(next) {
        const { code, detail } = this.#current;
        this.#current = next;
        for (const known of CODES)
            this.#metrics.chainState.set({ state: known }, known === next.code ? 1 : 0);
        // Once per change, not once per look: an operator reads this log.
        if (next.code === code && next.detail === detail)
            return;
        const fields = { chainState: next.code, epoch: next.epoch, block: next.blockNumber?.toString() };
        if (next.code === 'ok')
            this.#logger.info(fields, 'chain ok');
        else
            this.#logger.warn(fields, `${next.code}: ${next.detail}`);
    }
}
//# sourceMappingURL=chain-monitor.js.map