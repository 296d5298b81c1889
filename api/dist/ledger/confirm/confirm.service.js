import { ChainUnreachableError } from '../chain/anchor-registry.port.js';
import { judgeAnchor } from './confirm.rules.js';
/** Blocks below the head in which a confirmed anchor is looked at again. Two epochs of a proof-of-stake chain. */
const REORG_DEPTH = 64n;
export class ConfirmService {
    #parts;
    #confirmations;
    constructor(parts, confirmations) {
        this.#parts = parts;
        this.#confirmations = confirmations;
    }
    /** Does nothing while the chain is unreachable or not ours: then nothing can be learned about our anchors. */
    async run() {
        const { anchors, monitor } = this.#parts;
        const { code, epoch } = monitor.current;
        if (code !== 'ok' && code !== 'cannot-anchor')
            return;
        try {
            await anchors.exclusively(() => this.#confirm(epoch));
        }
        catch (error) {
            if (!(error instanceof ChainUnreachableError))
                throw error;
            monitor.unreachable(error.message, epoch);
        }
    }
    async #confirm(epoch) {
        const { anchors, registry } = this.#parts;
        const open = await anchors.inState(epoch, ['sent', 'anchored']);
        const latestBlock = await registry.blockNumber();
        const recent = await anchors.confirmedSince(epoch, latestBlock - REORG_DEPTH);
        if (open.length === 0 && recent.length === 0)
            return;
        const usedNonces = await registry.usedNonces();
        for (const anchor of [...(await this.#moved(recent)), ...open]) {
            const receipt = await registry.receipt(anchor.transaction);
            await this.#settle(anchor, receipt, judgeAnchor(anchor, { receipt, usedNonces, latestBlock }, this.#confirmations));
        }
    }
    /** Of the confirmed anchors, those whose block is no longer the canonical one. */
    async #moved(confirmed) {
        const moved = [];
        for (const anchor of confirmed) {
            const block = anchor.blockNumber === null ? null : await this.#parts.registry.block(anchor.blockNumber);
            if (block?.hash !== anchor.blockHash)
                moved.push(anchor);
        }
        return moved;
    }
    async #settle(anchor, receipt, { state, lost }) {
        const { anchors, records, registry, clock, logger, metrics } = this.#parts;
        if (state === anchor.state && receipt?.blockHash === (anchor.blockHash ?? undefined))
            return;
        const fields = { size: anchor.size.toString(), transaction: anchor.transaction };
        if (lost) {
            metrics.alarms.inc({ kind: 'anchor-lost' });
            await records.raiseAlarm({
                kind: 'anchor-lost',
                record: null,
                seq: null,
                detail: `the anchor of size ${anchor.size} in block ${anchor.blockNumber} is gone from the chain (${anchor.transaction})`,
                raisedAt: clock.now(),
            });
            logger.warn(fields, 'a re-org took an anchor away; it is sent again');
        }
        const mined = state === 'anchored' || state === 'confirmed' || state === 'failed' ? receipt : null;
        await anchors.update(anchor.id, {
            state,
            blockNumber: mined?.blockNumber ?? null,
            blockHash: mined?.blockHash ?? null,
            blockTime: mined === null ? null : ((await registry.block(mined.blockNumber))?.time ?? null),
            gasUsed: mined?.gasUsed ?? null,
            updatedAt: clock.now(),
        });
        if (state === 'failed' || state === 'dropped')
            logger.warn(fields, `anchor ${state}`);
        else if (state !== anchor.state)
            logger.info({ ...fields, block: mined?.blockNumber.toString() }, `anchor ${state}`);
        if (anchor.state === 'sent' && mined !== null)
            metrics.anchorGas.observe(Number(mined.gasUsed));
        if (state === 'anchored' || state === 'confirmed')
            metrics.stageSize.set({ stage: state }, Number(anchor.size));
    }
}
//# sourceMappingURL=confirm.service.js.map