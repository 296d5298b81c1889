import { AnchorRefusedError, ChainUnreachableError, } from '../chain/anchor-registry.port.js';
import { judgeChain } from '../chain/chain-state.rules.js';
export class AnchorService {
    #parts;
    #target;
    constructor(parts, target) {
        this.#parts = parts;
        this.#target = target;
    }
    /** Looks at the chain, and anchors the latest checkpoint if that chain is ours. One process at a time sends. */
    async run() {
        const { anchors, registry, monitor } = this.#parts;
        const epoch = await this.#epoch();
        let view;
        try {
            view = await registry.view();
        }
        catch (error) {
            if (!(error instanceof ChainUnreachableError))
                throw error;
            monitor.unreachable(error.message, epoch.epoch);
            return;
        }
        const state = await this.#judge(view, epoch);
        monitor.observed(state, epoch.epoch, view.blockNumber);
        if (state.code === 'ok')
            await anchors.exclusively(() => this.#anchor(epoch, view));
    }
    /** The first epoch begins with the first look; later ones only by the operator's command. */
    async #epoch() {
        const { anchors, clock } = this.#parts;
        const current = await anchors.currentEpoch();
        if (current !== null)
            return current;
        const first = { epoch: 1, ...this.#target, reason: 'first anchoring epoch', createdAt: clock.now() };
        await anchors.addEpoch(first, null).catch(async (error) => {
            // Another process was first.
            if ((await anchors.currentEpoch()) === null)
                throw error;
        });
        return (await anchors.currentEpoch()) ?? first;
    }
    async #judge(view, epoch) {
        const { anchors, trees, reader } = this.#parts;
        const tree = await trees.head();
        const held = await anchors.latestHeld(epoch.epoch);
        const chainSize = view.head?.size ?? 0n;
        return judgeChain(view, {
            chainId: epoch.chainId,
            contract: epoch.contract,
            configuredChainId: this.#target.chainId,
            configuredContract: this.#target.contract,
            treeSize: tree.size,
            rootAtChainSize: chainSize > tree.size ? null : await reader.root(chainSize),
            heldSize: held?.size ?? 0n,
        });
    }
    async #anchor(epoch, view) {
        const { anchors, trees, registry } = this.#parts;
        const open = await anchors.inState(epoch.epoch, ['sent']);
        if (open.length > 0) {
            for (const anchor of open) {
                await registry.send({ hash: anchor.transaction, raw: anchor.rawTransaction, nonce: anchor.nonce });
            }
            return;
        }
        const checkpoint = await trees.latestCheckpoint();
        const onChain = view.head?.size ?? 0n;
        if (checkpoint === null || checkpoint.size <= onChain)
            return;
        await this.#send(epoch, onChain, checkpoint);
    }
    async #send(epoch, onChain, checkpoint) {
        const { anchors, reader, registry, monitor, clock, logger, metrics } = this.#parts;
        const proof = await reader.consistencyProof(onChain, checkpoint.size);
        try {
            const transaction = await registry.sign({ size: checkpoint.size, root: checkpoint.root, proof });
            await anchors.add({
                epoch: epoch.epoch,
                size: checkpoint.size,
                root: checkpoint.root,
                transaction: transaction.hash,
                nonce: transaction.nonce,
                rawTransaction: transaction.raw,
                sentAt: clock.now(),
            });
            await registry.send(transaction);
            logger.info({ size: checkpoint.size.toString(), transaction: transaction.hash }, 'anchor sent');
        }
        catch (error) {
            if (!(error instanceof AnchorRefusedError))
                throw error;
            metrics.stageErrors.inc({ stage: 'anchor' });
            monitor.observed({ code: 'cannot-anchor', detail: error.message }, epoch.epoch, await registry.blockNumber());
        }
    }
}
//# sourceMappingURL=anchor.service.js.map