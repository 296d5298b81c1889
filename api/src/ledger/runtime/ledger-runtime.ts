// Starts and stops the stages. Before anything is accepted, the stored tree is checked against what was signed over it.
import { setTimeout as delay } from 'node:timers/promises';
import { equalBytes, InvariantError } from '@medanchor/verifier';
import { type Config } from '../../platform/config/config.schema.ts';
import { type Health, type PartHealth } from '../../platform/health/health.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type AnchorService } from '../anchor/anchor.service.ts';
import { type Sequencer } from '../append/sequencer.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type CheckpointService } from '../checkpoint/checkpoint.service.ts';
import { type ConfirmService } from '../confirm/confirm.service.ts';
import { type EraseService } from '../erase/erase.service.ts';
import { type FsckSchedule } from '../fsck/fsck-schedule.ts';
import { type IntegrateService } from '../integrate/integrate.service.ts';
import { type LedgerService } from '../ledger.service.ts';
import { StageLoop } from '../stage-loop.ts';
import { type EntryStore } from '../store/entry-store.port.ts';
import { type TreeReader } from '../store/tree-reader.ts';
import { type TreeStore } from '../store/tree-store.port.ts';

export interface RuntimeParts {
  readonly config: Config;
  readonly entries: EntryStore;
  readonly trees: TreeStore;
  readonly reader: TreeReader;
  readonly sequencer: Sequencer<never, unknown>;
  readonly integrate: IntegrateService;
  readonly checkpoint: CheckpointService;
  readonly anchor: AnchorService;
  readonly confirm: ConfirmService;
  readonly fsck: FsckSchedule;
  readonly eraser: Pick<EraseService, 'reconcile'>;
  readonly ledger: LedgerService;
  readonly monitor: ChainMonitor;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A chain that cannot be reached must not keep the service from accepting versions. */
const FIRST_LOOK_MS = 3000;
/** Entries that integration may lag behind before health says so. */
const LAG_LIMIT = 100_000n;

export class LedgerRuntime {
  readonly #parts: RuntimeParts;
  readonly #integrate: StageLoop;
  readonly #checkpoint: StageLoop;
  readonly #anchor: StageLoop;
  readonly #confirm: StageLoop;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    const { config, logger, metrics } = parts;
    const loop = (stage: string, work: () => Promise<unknown>, intervalMs: number): StageLoop =>
      new StageLoop(stage, work, intervalMs, logger, metrics);
    this.#integrate = loop('integrate', () => parts.integrate.run(), config.INTEGRATE_INTERVAL_MS);
    this.#checkpoint = loop('checkpoint', () => this.#signUnlessForked(), config.CHECKPOINT_INTERVAL_MS);
    this.#anchor = loop('anchor', () => this.#anchorAndConfirm(), config.ANCHOR_INTERVAL_MS);
    this.#confirm = loop('confirm', () => parts.confirm.run(), config.CONFIRM_INTERVAL_MS);
  }

  async start(): Promise<void> {
    await this.#checkRightEdge();
    // Before anything is served: a restored backup may have brought back what was erased.
    await this.#parts.eraser.reconcile();
    this.#registerHealth();
    for (const loop of [this.#integrate, this.#anchor, this.#confirm]) loop.start();
    await this.#firstLook();
    this.#checkpoint.start();
    this.#parts.fsck.start();
  }

  /**
   * The service signs and listens only after the chain was looked at once, or a moment has passed: right after a restart
   * it would otherwise deny anchors that it could see, and on a restored backup sign what was signed differently before.
   */
  async #firstLook(): Promise<void> {
    const deadline = Date.now() + FIRST_LOOK_MS;
    while (this.#parts.monitor.current.code === 'not-observed' && Date.now() < deadline) await delay(10);
  }

  /** What is in flight becomes durable; every stage finishes its run. */
  async stop(): Promise<void> {
    await this.#parts.sequencer.close();
    await this.#parts.fsck.stop();
    await Promise.all([this.#integrate, this.#checkpoint, this.#anchor, this.#confirm].map((loop) => loop.stop()));
  }

  /**
   * While the contract holds a head of this log that is not in our tree, a checkpoint would be a second signature of the
   * true key over the same size. Versions are still accepted and integrated; they wait for the operator.
   */
  async #signUnlessForked(): Promise<void> {
    if (!this.#parts.monitor.current.forked) await this.#parts.checkpoint.run();
  }

  async #anchorAndConfirm(): Promise<void> {
    await this.#parts.anchor.run();
    this.#confirm.wake();
  }

  /**
   * Refuses to start on a tree that does not match its own root or the latest checkpoint: growing it would sign a fork.
   *
   * @throws {InvariantError} naming the size at which stored tiles and signed root differ, or the entries that are gone
   */
  async #checkRightEdge(): Promise<void> {
    const { entries, trees, reader } = this.#parts;
    // In this order: another process may be growing the log, and what is read later can only be ahead.
    const checkpoint = await trees.latestCheckpoint();
    const head = await trees.head();
    const { next, stored } = await entries.ends();
    if (stored !== next)
      throw new InvariantError(`${next} entries were sequenced, but the stored ones end at ${stored}`);
    if (head.size > next)
      throw new InvariantError(`the tree has ${head.size} entries, but only ${next} were sequenced`);
    if (checkpoint !== null && checkpoint.size > head.size) {
      throw new InvariantError(
        `a checkpoint of size ${checkpoint.size} is signed, but the tree has only ${head.size} entries: an old database?`,
      );
    }
    for (const [what, { size, root }] of [
      ['tree', head],
      ...(checkpoint === null ? [] : ([['checkpoint', checkpoint]] as const)),
    ] as const) {
      if (!equalBytes(await reader.root(size), root)) {
        throw new InvariantError(
          `the tiles do not hash to the ${what}'s root at size ${size}: a tile or the ${what} was changed`,
        );
      }
    }
  }

  #registerHealth(): void {
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
    health.register('fsck', () => this.#parts.fsck.health());
  }

  #stageHealth(): PartHealth {
    const failed = [this.#integrate, this.#checkpoint, this.#anchor, this.#confirm].filter(
      (loop) => loop.failure !== null,
    );
    if (failed.length === 0) return { status: 'up' };
    return {
      status: 'degraded',
      code: 'stage-failed',
      detail: failed.map((loop) => `${loop.stage}: ${loop.shownFailure}`).join('; '),
    };
  }

  async #anchorLag(): Promise<PartHealth> {
    const sizes = await this.#parts.ledger.sizes();
    const { metrics } = this.#parts;
    for (const [stage, size] of Object.entries(sizes)) metrics.stageSize.set({ stage }, Number(size));
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
}
