// Wraps everything again with the key that wraps now, beside the running service: page by page, each page in a short transaction
// of its own that also remembers how far it has come. Killed anywhere, it goes on from the last page; a page that was written
// twice would do no harm either, since a value is only replaced when it is still the one that was read.
import { type Clock } from '../../clock/clock.ts';
import { type Logger } from '../../logger/logger.ts';
import { DomainError } from '../../errors/domain-error.ts';
import { type Metrics } from '../../metrics/metrics.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { type KeyProvider } from '../key-provider.port.ts';
import { type KeyHolders } from './key-holders.port.ts';
import { type Rotation, type RotationStore, type RotationWithin } from './rotation-store.port.ts';
import { keyName } from './key-name.ts';
import { type RotationItem, type RotationSwap, type RotationTarget, type StaleKeys } from './rotation-target.port.ts';
import { type RotationTargets } from './rotation-targets.ts';

/** Another process or request is rotating. */
export class RotationBusyError extends Error {
  override readonly name = 'RotationBusyError';
}

/** The signal was given; the next one goes on from there. */
export class RotationStoppedError extends Error {
  override readonly name = 'RotationStoppedError';
}

export interface RotationOptions {
  readonly signal?: AbortSignal;
  /** When the signal is given, it stays `running`: whoever starts the service again goes on with it. */
  readonly staysRunning?: boolean;
  /** What belongs to its beginning and its end: the event of who asked for it. */
  readonly within: RotationWithin;
  /** Called when it has begun, and after every page. */
  readonly onProgress?: (rotation: Rotation) => void;
}

export interface RotationParts {
  readonly keys: KeyProvider;
  readonly store: RotationStore;
  readonly targets: RotationTargets;
  readonly holders: KeyHolders;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What came of it: with nothing left that could be opened by the old keys, these can be destroyed. */
export interface RotationResult {
  readonly rotation: Rotation;
  /** Values that are still wrapped by other keys, by header. Empty: the old keys are needed for older backups only. */
  readonly left: readonly StaleKeys[];
}

const PAGE = 500;
const PASSES = 4;
/** Other processes notice a new data key within ten seconds (envelope-key-provider.ts). */
const SETTLE_MS = 12_000;

export class RotationService {
  readonly #parts: RotationParts;
  readonly #settleMs: number;

  constructor(parts: RotationParts, settleMs = SETTLE_MS) {
    this.#parts = parts;
    this.#settleMs = settleMs;
  }

  /**
   * @throws {RotationBusyError} when another one goes on, here or in another process
   * @throws {RotationStoppedError} when the signal was given
   * @throws {DomainError} `key-not-everywhere`: nothing was changed
   */
  async rotate(options: RotationOptions): Promise<RotationResult> {
    const result = await this.#parts.store.exclusively(() => this.#rotate(options));
    if (result === null) throw new RotationBusyError('another key rotation is going on');
    return result;
  }

  /** Whether one that was killed can be gone on with: it led to the key that wraps now, too. */
  async wasInterrupted(): Promise<boolean> {
    const { keys, store } = this.#parts;
    const latest = await store.latest();
    return latest?.state === 'running' && latest.to === toHex(await keys.header());
  }

  /**
   * Goes on in the background, until the signal is given.
   *
   * @returns `begun` resolves when it has begun, or rejects like {@link rotate}; `ended` always resolves
   */
  begin(
    signal: AbortSignal,
    within: RotationWithin,
  ): { readonly begun: Promise<Rotation>; readonly ended: Promise<void> } {
    const { logger } = this.#parts;
    const { promise: begun, resolve, reject } = Promise.withResolvers<Rotation>();
    const ended = this.rotate({ signal, within, onProgress: resolve, staysRunning: true }).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof RotationBusyError || error instanceof RotationStoppedError))
          logger.error({ err: error }, 'the key rotation failed; the next one goes on from where it stands');
        reject(error);
      },
    );
    return { begun, ended };
  }

  async #rotate(options: RotationOptions): Promise<RotationResult> {
    const { keys, store, clock, logger } = this.#parts;
    let rotation = await this.#start(options.within);
    logger.info({ rotation: rotation.id.toString(), total: rotation.total.toString() }, 'key rotation begins');
    options.onProgress?.(rotation);
    for (let pass = 1; ; pass += 1) {
      rotation = await this.#pass(rotation, options);
      const left = await this.#left([Buffer.from(rotation.to, 'hex'), await keys.header()]);
      const remaining = left.reduce((sum, { count }) => sum + count, 0n);
      this.#parts.metrics.keyRotationRemaining.set(Number(remaining));
      const done = remaining <= rotation.failed;
      if (done || pass === PASSES) {
        const ended = await store.end(rotation.id, done ? 'finished' : 'stopped', clock.now(), options.within);
        logger.info(
          { rotation: ended.id.toString(), rewrapped: ended.rewrapped.toString(), left: remaining.toString() },
          'key rotation ends',
        );
        return { rotation: ended, left };
      }
      // Somebody has written with an older key since: an instance that has not noticed the new one yet.
      await delay(this.#settleMs, undefined, { signal: options.signal }).catch(() => undefined);
      if (options.signal?.aborted === true) await this.#giveUp(rotation, options);
      await store.rewind(rotation.id, clock.now());
      rotation = { ...rotation, target: null, cursor: null, failed: 0n };
    }
  }

  /** Goes on with the latest one when it led to the same key, else begins anew. */
  async #start(within: RotationWithin): Promise<Rotation> {
    const { keys, store, clock } = this.#parts;
    await this.#assertEverywhere(await keys.header());
    const latest = await store.latest();
    if (latest !== null && latest.state !== 'finished' && latest.to === toHex(await keys.header()))
      return store.resume(latest.id, clock.now(), within);
    await keys.renew();
    const header = await keys.header();
    const left = await this.#left([header]);
    const from = [...new Set(left.map((stale) => stale.header))].sort();
    const total = left.reduce((sum, { count }) => sum + count, 0n);
    return store.begin({ from, to: toHex(header), total }, clock.now(), within);
  }

  /** An instance without the new key would take every record that is wrapped by it for damaged. */
  async #assertEverywhere(header: Uint8Array): Promise<void> {
    const lacking = await this.#parts.holders.without(header);
    if (lacking === 0) return;
    throw new DomainError(
      'key-not-everywhere',
      `${lacking} running instances or commands of the service cannot open what is wrapped with ${keyName(toHex(header))}: ` +
        'restart them with the same keys first (KEK_FILE or KEK_PREVIOUS_FILES, or the settings of the key service)',
    );
  }

  async #pass(start: Rotation, options: RotationOptions): Promise<Rotation> {
    const { keys, store, targets, clock, metrics } = this.#parts;
    let rotation = start;
    const all = targets.all();
    const first = Math.max(
      0,
      all.findIndex(({ name }) => name === start.target),
    );
    for (const target of all.slice(first)) {
      let after = target.name === rotation.target ? rotation.cursor : null;
      for (;;) {
        if (options.signal?.aborted === true) await this.#giveUp(rotation, options);
        const fresh = [Buffer.from(rotation.to, 'hex'), await keys.header()];
        const items = await target.page(fresh, after, PAGE);
        const last = items.at(-1);
        if (last === undefined) break;
        const swaps = await this.#rewrap(items);
        const failed = rotation.failed + BigInt(items.length - swaps.length);
        rotation = await store.advance(rotation.id, { target, cursor: last.id, swaps, failed }, clock.now());
        after = last.id;
        metrics.keysRewrapped.inc({ result: 'rewrapped' }, swaps.length);
        metrics.keysRewrapped.inc({ result: 'failed' }, items.length - swaps.length);
        metrics.keyRotationRemaining.set(Number(rotation.total - rotation.rewrapped));
        options.onProgress?.(rotation);
      }
    }
    return rotation;
  }

  /** Those that could be opened. */
  async #rewrap(items: readonly RotationItem[]): Promise<readonly RotationSwap[]> {
    const { keys } = this.#parts;
    const opened = await keys.unwrap(items);
    const good = items.flatMap((item, position) => {
      const key = opened[position];
      return key instanceof Uint8Array ? [{ ...item, key }] : [];
    });
    const wrapped = await keys.wrap(good);
    for (const { key } of good) key.fill(0);
    return good.map(({ id, wrapped: old }, position) => ({ id, old, wrapped: wrapped[position] as Uint8Array }));
  }

  async #left(fresh: readonly Uint8Array[]): Promise<readonly StaleKeys[]> {
    const left = await Promise.all(this.#parts.targets.all().map((target: RotationTarget) => target.stale(fresh)));
    const byHeader = new Map<string, bigint>();
    for (const { header, count } of left.flat()) byHeader.set(header, (byHeader.get(header) ?? 0n) + count);
    return [...byHeader].map(([header, count]) => ({ header, count }));
  }

  async #giveUp(rotation: Rotation, { staysRunning, within }: RotationOptions): Promise<never> {
    const { store, clock, logger } = this.#parts;
    if (staysRunning !== true) await store.end(rotation.id, 'stopped', clock.now(), within);
    logger.info({ rotation: rotation.id.toString() }, 'key rotation stopped');
    throw new RotationStoppedError('the key rotation was stopped; the next one goes on from where it stands');
  }
}

function toHex(header: Uint8Array): string {
  return Buffer.from(header).toString('hex');
}
