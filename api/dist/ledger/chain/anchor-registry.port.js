/**
 * The contract `AnchorRegistry` on some chain, for one log and one account.
 *
 * Every method may reject with {@link ChainUnreachableError}: then nothing is known. Answers are checked for their form;
 * whether they are *ours* is decided by chain-state.rules.ts, never here.
 */
export class AnchorRegistry {
}
/** The RPC endpoint did not answer in time, or not like a JSON-RPC endpoint. */
export class ChainUnreachableError extends Error {
    constructor() {
        super(...arguments);
        this.name = 'ChainUnreachableError';
    }
}
/** The contract refuses the anchor. `reason` is its custom error (`AnchorHistoryRewritten`, …). */
export class AnchorRefusedError extends Error {
    constructor(reason, message, options) {
        super(message, options);
        this.name = 'AnchorRefusedError';
        this.reason = reason;
    }
}
//# sourceMappingURL=anchor-registry.port.js.map