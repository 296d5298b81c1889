export class EpochRefusedError extends Error {
    constructor() {
        super(...arguments);
        this.name = 'EpochRefusedError';
    }
}
export class EpochService {
    #log;
    #anchors;
    #append;
    #registry;
    #clock;
    constructor(log, anchors, append, registry, clock) {
        this.#log = log;
        this.#anchors = anchors;
        this.#append = append;
        this.#registry = registry;
        this.#clock = clock;
    }
    /**
     * From now on the log is anchored where the configuration points to. What was anchored before stays provable on the
     * chain that was left, and only there. A crash between the entry and the row leaves an entry that says what was
     * intended; the command can be run again.
     *
     * @param reason shown to auditors, in the log for ever: 1 to 256 characters, no personal data
     * @throws {EpochRefusedError} when the new chain is not usable, or is the one already in use and holds our history
     */
    async start(reason) {
        if (reason.length < 1 || reason.length > 256)
            throw new EpochRefusedError('the reason must have 1 to 256 characters');
        const current = await this.#anchors.currentEpoch();
        if (current === null)
            throw new EpochRefusedError('the first epoch has not begun yet: start the service once');
        const view = await this.#registry.view();
        if (view.chainId !== this.#log.chainId)
            throw new EpochRefusedError(`the endpoint serves chain ${view.chainId}, CHAIN_ID says ${this.#log.chainId}`);
        if (view.head === null || !view.registered)
            throw new EpochRefusedError(`this log is not registered in a contract at ${this.#log.contract}`);
        if (!view.submitter)
            throw new EpochRefusedError('our account is not a submitter of this log there');
        const held = await this.#anchors.latestHeld(current.epoch);
        if (current.chainId === this.#log.chainId && current.contract === this.#log.contract && view.head.size > 0n) {
            throw new EpochRefusedError('this contract already holds anchors of this log: there is nothing to leave');
        }
        const epoch = {
            epoch: current.epoch + 1,
            chainId: this.#log.chainId,
            contract: this.#log.contract,
            reason,
            createdAt: this.#clock.now(),
        };
        const [result] = await this.#append.sequence([
            {
                kind: 'plain',
                entry: {
                    kind: 'anchor-epoch',
                    time: epoch.createdAt.toISOString(),
                    epoch: BigInt(epoch.epoch),
                    chainId: epoch.chainId,
                    contract: epoch.contract,
                    logId: this.#log.logId,
                    reason,
                    previous: held === null
                        ? null
                        : { chainId: current.chainId, contract: current.contract, size: held.size, root: held.root },
                },
            },
        ]);
        if (result?.result !== 'sequenced-plain')
            throw new TypeError('the epoch entry was not sequenced');
        await this.#anchors.addEpoch(epoch, result.index);
        return { epoch, index: result.index };
    }
}
//# sourceMappingURL=epoch.service.js.map