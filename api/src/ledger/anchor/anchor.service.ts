// The anchor stage: brings the latest checkpoint to the contract.
//
// The signed transaction is stored before it leaves the process. Whatever happens in between (crash, lost answer, a node
// that forgets), the next run hands the *same* transaction to the chain again, which is harmless.
import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import {
  AnchorRefusedError,
  ChainUnreachableError,
  type AnchorRegistry,
  type ChainView,
} from '../chain/anchor-registry.port.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { judgeChain, type ChainState } from '../chain/chain-state.rules.ts';
import { type Epoch, type SignedCheckpoint } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';

export interface AnchorTarget {
  readonly chainId: bigint;
  readonly contract: string;
}

export interface AnchorParts {
  readonly anchors: AnchorStore;
  readonly trees: TreeStore;
  readonly reader: TreeReader;
  readonly registry: AnchorRegistry;
  readonly monitor: ChainMonitor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class AnchorService {
  readonly #parts: AnchorParts;
  readonly #target: AnchorTarget;

  constructor(parts: AnchorParts, target: AnchorTarget) {
    this.#parts = parts;
    this.#target = target;
  }

  /** Looks at the chain, and anchors the latest checkpoint if that chain is ours. One process at a time sends. */
  async run(): Promise<void> {
    const { anchors, registry, monitor } = this.#parts;
    const epoch = await this.#epoch();
    let view: ChainView;
    try {
      view = await registry.view();
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      monitor.unreachable(error.message, epoch.epoch);
      return;
    }
    const state = await this.#judge(view, epoch);
    monitor.observed(state, epoch.epoch, view.blockNumber);
    if (state.code === 'ok') await anchors.exclusively(() => this.#anchor(epoch, view));
  }

  /** The first epoch begins with the first look; later ones only by the operator's command. */
  async #epoch(): Promise<Epoch> {
    const { anchors, clock } = this.#parts;
    const current = await anchors.currentEpoch();
    if (current !== null) return current;
    const first = { epoch: 1, ...this.#target, reason: 'first anchoring epoch', createdAt: clock.now() };
    await anchors.addEpoch(first, null).catch(async (error: unknown) => {
      // Another process was first.
      if ((await anchors.currentEpoch()) === null) throw error;
    });
    return (await anchors.currentEpoch()) ?? first;
  }

  async #judge(view: ChainView, epoch: Epoch): Promise<ChainState> {
    const { trees, reader } = this.#parts;
    const tree = await trees.head();
    const { confirmed } = await trees.sizes(epoch.epoch);
    const chainSize = view.head?.size ?? 0n;
    return judgeChain(view, {
      chainId: epoch.chainId,
      contract: epoch.contract,
      configuredChainId: this.#target.chainId,
      configuredContract: this.#target.contract,
      treeSize: tree.size,
      rootAtChainSize: chainSize > tree.size ? null : await reader.root(chainSize),
      confirmedSize: confirmed,
    });
  }

  async #anchor(epoch: Epoch, view: ChainView): Promise<void> {
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
    if (checkpoint === null || checkpoint.size <= onChain) return;
    await this.#send(epoch, onChain, checkpoint);
  }

  async #send(epoch: Epoch, onChain: bigint, checkpoint: SignedCheckpoint): Promise<void> {
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
    } catch (error) {
      if (!(error instanceof AnchorRefusedError)) throw error;
      metrics.stageErrors.inc({ stage: 'anchor' });
      monitor.observed(
        { code: 'cannot-anchor', detail: error.message, forked: false },
        epoch.epoch,
        await registry.blockNumber(),
      );
    }
  }
}
