// Starts and stops the stages. Before anything is accepted, the stored tree is checked against what was signed over it.
import { equalBytes, InvariantError } from '@medanchor/verifier';
import { StageLoop } from '../stage-loop.js';
/** Entries that integration may lag behind before health says so. */
const LAG_LIMIT = 100000n;
export class LedgerRuntime {
    #parts;
    #integrate;
    #checkpoint;
    #anchor;
    #confirm;
    constructor(parts) {
        this.#parts = parts;
        const { config, logger, metrics } = parts;
        const loop = (stage, work, intervalMs) => new StageLoop(stage, work, intervalMs, logger, metrics);
        this.#integrate = loop('integrate', () => parts.integrate.run(), config.INTEGRATE_INTERVAL_MS);
        this.#checkpoint = loop('checkpoint', () => parts.checkpoint.run(), config.CHECKPOINT_INTERVAL_MS);
        this.#anchor = loop('anchor', () => this.#anchorAndConfirm(), config.ANCHOR_INTERVAL_MS);
        this.#confirm = loop('confirm', () => parts.confirm.run(), config.CONFIRM_INTERVAL_MS);
    }
    async start() {
        await this.#checkRightEdge();
        this.#registerHealth();
        for (const loop of [this.#integrate, this.#checkpoint, this.#anchor, this.#confirm])
            loop.start();
    }
    /** What is in flight becomes durable; every stage finishes its run. */
    async stop() {
        await this.#parts.sequencer.close();
        await Promise.all([this.#integrate, this.#checkpoint, this.#anchor, this.#confirm].map((loop) => loop.stop()));
    }
    async #anchorAndConfirm() {
        await this.#parts.anchor.run();
        this.#confirm.wake();
    }
    /**
     * Refuses to start on a tree that does not match its own root or the latest checkpoint: growing it would sign a fork.
     *
     * @throws {InvariantError} naming the size at which stored tiles and signed root differ
     */
    async #checkRightEdge() {
        const { trees, reader } = this.#parts;
        const head = await trees.head();
        const checkpoint = await trees.latestCheckpoint();
        if (checkpoint !== null && checkpoint.size > head.size) {
            throw new InvariantError(`a checkpoint of size ${checkpoint.size} is signed, but the tree has only ${head.size} entries: an old database?`);
        }
        for (const [what, { size, root }] of [
            ['tree', head],
            ...(checkpoint === null ? [] : [['checkpoint', checkpoint]]),
        ]) {
            if (!equalBytes(await reader.root(size), root)) {
                throw new InvariantError(`the tiles do not hash to the ${what}'s root at size ${size}: a tile or the ${what} was changed`);
            }
        }
    }
    #registerHealth() {
        const { health, monitor, sequencer, config } = this.#parts;
        health.register('sequencer', () => ({
            status: sequencer.capacity > 0 ? 'up' : 'degraded',
            ...(sequencer.capacity > 0
                ? {}
                : { code: 'overloaded', detail: 'submissions are refused until others are durable' }),
            inFlight: sequencer.inFlight,
            maxInFlight: config.SEQUENCER_MAX_IN_FLIGHT,
        }));
        health.register('chain', () => {
            const { code, detail, seenAt, blockNumber } = monitor.current;
            const seen = { block: blockNumber?.toString() ?? null, seenAt: seenAt?.toISOString() ?? null };
            return code === 'ok' ? { status: 'up', ...seen } : { status: 'degraded', code, detail, ...seen };
        });
        health.register('stages', () => this.#stageHealth());
        health.register('anchor-lag', () => this.#anchorLag());
    }
    #stageHealth() {
        const failed = [this.#integrate, this.#checkpoint, this.#anchor, this.#confirm].filter((loop) => loop.failure !== null);
        if (failed.length === 0)
            return { status: 'up' };
        return {
            status: 'degraded',
            code: 'stage-failed',
            detail: failed.map((loop) => `${loop.stage}: ${loop.failure}`).join('; '),
        };
    }
    async #anchorLag() {
        const sizes = await this.#parts.ledger.sizes();
        const { metrics } = this.#parts;
        for (const [stage, size] of Object.entries(sizes))
            metrics.stageSize.set({ stage }, Number(size));
        const lag = {
            sequenced: sizes.sequenced.toString(),
            notIntegrated: (sizes.sequenced - sizes.integrated).toString(),
            notCheckpointed: (sizes.sequenced - sizes.checkpointed).toString(),
            notAnchored: (sizes.sequenced - sizes.anchored).toString(),
            notConfirmed: (sizes.sequenced - sizes.confirmed).toString(),
        };
        const behind = sizes.sequenced - sizes.integrated > LAG_LIMIT;
        return behind
            ? { status: 'degraded', code: 'integration-behind', detail: 'integration does not keep up with appends', ...lag }
            : { status: 'up', ...lag };
    }
    /** New entries are durable: do not wait for the timer. */
    wakeIntegrate() {
        this.#integrate.wake();
    }
}
//# sourceMappingURL=ledger-runtime.js.map