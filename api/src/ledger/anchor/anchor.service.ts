// The anchor stage: brings the latest checkpoint to the contract.
//
// The signed transaction is stored before it leaves the process. Whatever happens in between (crash, lost answer, a node
// that forgets), the next run hands the *same* transaction to the chain again, which is harmless. One that waits too long is
// replaced (replacement.rules.ts): the new one is stored first too, and whichever of them is mined counts.
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock } from '../../platform/clock/clock.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import {
  AnchorRefusedError,
  ChainUnreachableError,
  TransactionRefusedError,
  type AnchorRegistry,
  type ChainView,
  type Fees,
  type RefusalReason,
  type SignedTransaction,
} from '../chain/anchor-registry.port.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { judgeChain, REORG_DEPTH, type ChainState, type ChainStateCode } from '../chain/chain-state.rules.ts';
import { type Epoch, type TreeHead } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';
import { nextStep, raisedFees, toSendAgain, withinCap, type Attempt, type FeePolicy } from './replacement.rules.ts';

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

const OK: ChainState = { code: 'ok', detail: '', forked: false };
const IN_THE_WAY: ReadonlySet<ChainStateCode> = new Set(['cannot-anchor', 'chain-unreachable']);
/** A used nonce is for the confirm stage to judge; a gap is filled, and who pays too little is replaced, in time. */
const PASSING: ReadonlySet<RefusalReason> = new Set(['nonce-used', 'nonce-gap', 'underpriced']);
/** The confirm stage holds the same lock for moments; a whole interval, which may be hours, is too long to wait for it. */
const LOCK_ATTEMPTS = 20;
const LOCK_PAUSE_MS = 25;

export class AnchorService {
  readonly #parts: AnchorParts;
  readonly #target: AnchorTarget;
  readonly #policy: FeePolicy;

  constructor(parts: AnchorParts, target: AnchorTarget, policy: FeePolicy) {
    this.#parts = parts;
    this.#target = target;
    this.#policy = policy;
  }

  /** Looks at the chain, and anchors the latest checkpoint if that chain is ours. One process at a time sends. */
  async run(): Promise<void> {
    const { registry, monitor } = this.#parts;
    const epoch = await this.#epoch();
    try {
      const view = await registry.view();
      const state = await this.#judge(view, epoch);
      const observe = (found: ChainState): void => monitor.observed(found, epoch.epoch, view.blockNumber);
      const before = monitor.current.code;
      // What stood in the way of the last anchor stands there until this run has found otherwise.
      if (state.code !== 'ok' || !IN_THE_WAY.has(before)) observe(state);
      if (state.code !== 'ok') return;
      const found = await this.#exclusively(() => this.#anchor(epoch, view));
      if (found !== null) observe(found);
      else if (before === 'chain-unreachable') observe(state);
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      monitor.unreachable(error.message, epoch.epoch);
    }
  }

  /** Null when another process is at it all the time. */
  async #exclusively(work: () => Promise<ChainState>): Promise<ChainState | null> {
    let found: ChainState | null = null;
    for (let attempt = 1; attempt <= LOCK_ATTEMPTS; attempt += 1) {
      const worked = await this.#parts.anchors.exclusively(async () => {
        found = await work();
      });
      if (worked) return found;
      await delay(LOCK_PAUSE_MS);
    }
    return null;
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

  /** What stands in the way of anchoring, or that nothing does. */
  async #anchor(epoch: Epoch, view: ChainView): Promise<ChainState> {
    const { anchors, trees, registry, metrics } = this.#parts;
    const onChain = view.head?.size ?? 0n;
    try {
      const sent = await anchors.inState(epoch.epoch, ['sent']);
      const attempts = sent.map((anchor) => ({ ...registry.factsOf(anchor.rawTransaction), anchor }));
      const refused = await this.#sendAgain(attempts);
      // One of another account, from before the key was exchanged, may still be mined; nothing waits for it.
      const ours = attempts.filter(({ sender }) => sender === registry.account);
      if (ours.length > 0) return (await this.#replace(epoch, onChain, ours)) ?? refused ?? OK;
      const checkpoint = await trees.latestCheckpoint();
      if (checkpoint === null || checkpoint.size <= onChain) return OK;
      if (await this.#isStale(epoch, onChain, view.blockNumber)) return OK;
      const fees = withinCap(await registry.suggestedFees(), this.#policy.maxFeePerGas);
      await this.#send(epoch, await this.#sign(onChain, checkpoint, fees, null), checkpoint, 'anchor sent');
      return OK;
    } catch (error) {
      if (!(error instanceof AnchorRefusedError || error instanceof TransactionRefusedError)) throw error;
      metrics.stageErrors.inc({ stage: 'anchor' });
      return cannotAnchor(error.message);
    }
  }

  /**
   * More is held than the look at the chain has shown. Either another instance has anchored since, and the same head would be paid
   * for once more; or a re-org took an anchor away, and the confirm stage must find it lost, and say so, before the same
   * transaction is signed again and its row becomes `sent` as if nothing had been. Confirmed anchors are looked at again
   * only so far back: for one that is older, the chain has the last word.
   */
  async #isStale(epoch: Epoch, onChain: bigint, latestBlock: bigint): Promise<boolean> {
    const { anchors, registry } = this.#parts;
    const held = await anchors.latestHeld(epoch.epoch);
    if (held === null || held.size <= onChain) return false;
    if (held.state === 'anchored' || (held.blockNumber ?? 0n) >= latestBlock - REORG_DEPTH) return true;
    return ((await registry.view()).head?.size ?? 0n) !== onChain;
  }

  /** The same transactions once more: a node forgets. @returns what stands in the way of one of them, null when nothing does */
  async #sendAgain(attempts: readonly Attempt[]): Promise<ChainState | null> {
    const { registry } = this.#parts;
    let refused: ChainState | null = null;
    for (const { anchor, sender } of toSendAgain(attempts)) {
      try {
        await registry.send({ hash: anchor.transaction, raw: anchor.rawTransaction, nonce: anchor.nonce });
      } catch (error) {
        if (!(error instanceof TransactionRefusedError)) throw error;
        if (!PASSING.has(error.reason) && sender === registry.account) refused = cannotAnchor(error.message);
      }
    }
    return refused;
  }

  /** Sends one that takes the place of an attempt that waits too long. @returns what stands in the way, null when nothing does */
  async #replace(epoch: Epoch, onChain: bigint, ours: readonly Attempt[]): Promise<ChainState | null> {
    const { registry, trees, clock, metrics } = this.#parts;
    const next = nextStep(ours, await registry.usedNonces(registry.account), clock.now(), this.#policy);
    if (next.step === 'wait') return null;
    const { maxFeePerGas: cap } = this.#policy;
    const { anchor } = next.attempt;
    const suggested = await registry.suggestedFees();
    const nonce = next.step === 'replace' ? next.attempt.nonce : next.nonce;
    const fees = next.step === 'replace' ? raisedFees(next.highest, suggested, cap) : withinCap(suggested, cap);
    if (fees === null)
      return cannotAnchor(
        `the anchor of size ${anchor.size} is not mined, and a replacement would cost more than ANCHOR_MAX_FEE_GWEI allows`,
      );
    // Somebody else may have brought this head to the contract meanwhile; then the nonce serves the next one.
    const head = anchor.size > onChain ? anchor : await trees.latestCheckpoint();
    if (head === null || head.size <= onChain) return null;
    const transaction = await this.#sign(onChain, head, fees, nonce);
    metrics.anchorReplacements.inc({ reason: next.step === 'replace' ? 'not-mined' : 'nonce-gap' });
    await this.#send(epoch, transaction, head, 'anchor sent again in place of one that is not mined');
    return null;
  }

  async #sign(onChain: bigint, head: TreeHead, fees: Fees, nonce: bigint | null): Promise<SignedTransaction> {
    const { reader, registry } = this.#parts;
    const proof = await reader.consistencyProof(onChain, head.size);
    return registry.sign({ size: head.size, root: head.root, proof }, fees, nonce);
  }

  /** Stored first, then sent. */
  async #send(epoch: Epoch, transaction: SignedTransaction, { size, root }: TreeHead, what: string): Promise<void> {
    const { anchors, registry, clock, logger } = this.#parts;
    await anchors.add({
      epoch: epoch.epoch,
      size,
      root,
      transaction: transaction.hash,
      nonce: transaction.nonce,
      rawTransaction: transaction.raw,
      sentAt: clock.now(),
    });
    await registry.send(transaction);
    const { maxFeePerGas } = registry.factsOf(transaction.raw).fees;
    const fields = {
      size: size.toString(),
      nonce: transaction.nonce.toString(),
      maxFeePerGas: maxFeePerGas.toString(),
    };
    logger.info({ ...fields, transaction: transaction.hash }, what);
  }
}

function cannotAnchor(detail: string): ChainState {
  return { code: 'cannot-anchor', detail, forked: false };
}
