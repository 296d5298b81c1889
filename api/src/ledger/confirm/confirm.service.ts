// The confirm stage: follows every anchor until it is deep enough, and looks again at recent ones, for a re-org can
// take a mined transaction away. Several attempts of one nonce are followed side by side; whichever is mined counts.
//
// Nothing is concluded from answers that contradict each other: an endpoint may be behind, or behind a balancer.
import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { ChainUnreachableError, type AnchorRegistry, type Receipt } from '../chain/anchor-registry.port.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { REORG_DEPTH } from '../chain/chain-state.rules.ts';
import { type Anchor } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type RecordStore } from '../store/record-store.port.ts';
import { judgeAnchor, type Judgement } from './confirm.rules.ts';

export interface ConfirmParts {
  readonly anchors: AnchorStore;
  readonly records: RecordStore;
  readonly registry: AnchorRegistry;
  readonly monitor: ChainMonitor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class ConfirmService {
  readonly #parts: ConfirmParts;
  readonly #chainId: bigint;
  readonly #confirmations: number;

  constructor(parts: ConfirmParts, chainId: bigint, confirmations: number) {
    this.#parts = parts;
    this.#chainId = chainId;
    this.#confirmations = confirmations;
  }

  /** Does nothing while the chain is unreachable or not ours: then nothing can be learned about our anchors. */
  async run(): Promise<void> {
    const { anchors, monitor } = this.#parts;
    const { code, epoch } = monitor.current;
    if (code !== 'ok' && code !== 'cannot-anchor') return;
    try {
      await anchors.exclusively(() => this.#confirm(epoch));
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      monitor.unreachable(error.message, epoch);
    }
  }

  async #confirm(epoch: number): Promise<void> {
    const { anchors, registry } = this.#parts;
    const open = await anchors.inState(epoch, ['sent', 'anchored']);
    const { chainId, blockNumber: latestBlock } = await registry.tip();
    // Exchanged since the anchor stage looked: what this one says of our anchors means nothing.
    if (chainId !== this.#chainId) return;
    const recent = await anchors.confirmedSince(epoch, latestBlock - REORG_DEPTH);
    const heldSize = (await anchors.latestHeld(epoch))?.size ?? 0n;
    const settled = await anchors.settledAbove(epoch, heldSize);
    if (open.length === 0 && recent.length === 0 && settled.length === 0) return;
    const doubtful = [...(await this.#moved(recent, latestBlock)), ...open];
    // Before the receipts: a nonce that is used by then belongs to a transaction that has one.
    const used = await this.#usedNonces(doubtful);
    for (const anchor of doubtful) {
      const receipt = await this.#receipt(anchor);
      // Lost is what its block is lost with; a receipt alone may be missing for a moment, behind a balancer.
      if (receipt === null && (await this.#isCanonical(anchor, latestBlock))) continue;
      const usedNonces = used.get(this.#sender(anchor)) ?? 0n;
      const judgement = judgeAnchor(anchor, { receipt, usedNonces, latestBlock, heldSize }, this.#confirmations);
      await this.#settle(anchor, receipt, judgement);
    }
    await this.#revive(settled, latestBlock);
  }

  /**
   * An anchor that was given up may be mined after all: a re-org preferred it to its rival, or an endpoint that was behind
   * did not know it. As long as nothing larger is held, it is looked at again.
   */
  async #revive(settled: readonly Anchor[], latestBlock: bigint): Promise<void> {
    for (const anchor of settled) {
      const receipt = await this.#receipt(anchor);
      if (receipt === null) continue;
      const sighting = { receipt, usedNonces: anchor.nonce + 1n, latestBlock, heldSize: 0n };
      const judgement = judgeAnchor(anchor, sighting, this.#confirmations);
      if (judgement.state !== anchor.state) await this.#settle(anchor, receipt, judgement);
    }
  }

  /** @throws {ChainUnreachableError} when the block that it names is not the canonical one at that height */
  async #receipt({ transaction }: Anchor): Promise<Receipt | null> {
    const { registry } = this.#parts;
    const receipt = await registry.receipt(transaction);
    if (receipt === null) return null;
    const block = await registry.block(receipt.blockNumber);
    if (block?.hash !== receipt.blockHash)
      throw new ChainUnreachableError(`the chain's endpoint contradicts itself about block ${receipt.blockNumber}`);
    return receipt;
  }

  #sender({ rawTransaction }: Anchor): string {
    return this.#parts.registry.factsOf(rawTransaction).sender;
  }

  /** By account: the key may have been exchanged since an anchor was sent. */
  async #usedNonces(of: readonly Anchor[]): Promise<ReadonlyMap<string, bigint>> {
    const used = new Map<string, bigint>();
    for (const sender of new Set(of.map((anchor) => this.#sender(anchor))))
      used.set(sender, await this.#parts.registry.usedNonces(sender));
    return used;
  }

  /**
   * Of the confirmed anchors (oldest first), those whose block is no longer the canonical one. A block's hash commits to all
   * blocks before it, so the first one that stands, from the newest on, vouches for all the older ones: one question a run
   * in place of dozens.
   */
  async #moved(confirmed: readonly Anchor[], latestBlock: bigint): Promise<readonly Anchor[]> {
    const moved: Anchor[] = [];
    for (const anchor of confirmed.toReversed()) {
      if (await this.#isCanonical(anchor, latestBlock)) break;
      moved.unshift(anchor);
    }
    return moved;
  }

  /** @throws {ChainUnreachableError} when a block below the latest one is said not to exist */
  async #isCanonical({ blockNumber, blockHash }: Anchor, latestBlock: bigint): Promise<boolean> {
    if (blockNumber === null) return false;
    const block = await this.#parts.registry.block(blockNumber);
    if (block === null && blockNumber <= latestBlock)
      throw new ChainUnreachableError(`the chain's endpoint contradicts itself about block ${blockNumber}`);
    return block?.hash === blockHash;
  }

  async #settle(anchor: Anchor, receipt: Receipt | null, { state, lost }: Judgement): Promise<void> {
    const { anchors, records, registry, clock, logger, metrics } = this.#parts;
    if (state === anchor.state && receipt?.blockHash === (anchor.blockHash ?? undefined)) return;
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
    if (state === 'failed' || state === 'dropped') logger.warn(fields, `anchor ${state}`);
    else if (state !== anchor.state)
      logger.info({ ...fields, block: mined?.blockNumber.toString() }, `anchor ${state}`);
    if (anchor.state === 'sent' && mined !== null) metrics.anchorGas.observe(Number(mined.gasUsed));
    if (state === 'anchored' || state === 'confirmed') metrics.stageSize.set({ stage: state }, Number(anchor.size));
  }
}
