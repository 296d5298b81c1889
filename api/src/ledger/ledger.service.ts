// The front door of the ledger: what records, ISMS and identity may ask of it. Everything else in this folder is private.
import { setTimeout as delay } from 'node:timers/promises';
import { equalBytes, InvariantError, leafHash, type Bundle } from '@medanchor/verifier';
import { type Clock } from '../platform/clock/clock.ts';
import { coalesce } from '../platform/database/coalesce.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';
import {
  type AppendResult,
  type AppendService,
  type DigestedVersion,
  type VersionToAppend,
} from './append/append.service.ts';
import { type PreparedVersion, type PrepareService } from './append/prepare.service.ts';
import { type Sequencer } from './append/sequencer.ts';
import { type ChainMonitor } from './chain/chain-monitor.ts';
import { type ErasureBasis } from './erase/erase.rules.ts';
import { type EraseOptions, type EraseService } from './erase/erase.service.ts';
import { IntegrityFaultError } from './integrity-fault.ts';
import {
  STATES,
  stateOf,
  type SourceKey,
  type SourceRef,
  type StageSizes,
  type State,
  type StoredRecord,
  type StoredVersion,
} from './model.ts';
import { type BundleService, type DisclosureRequest, type LocatedVersion } from './prove/bundle.service.ts';
import { assertProves } from './prove/prove.rules.ts';
import { type GivenContent } from './prove/compare.rules.ts';
import { type LedgerVerdict, type VerifyService } from './prove/verify.service.ts';
import { RecordErasedError, type PlainSubmission, type Within } from './store/entry-store.port.ts';
import { type StoredErasure } from './store/erasure-store.port.ts';
import { type FoundVersion, type RecordStore, type VersionName } from './store/record-store.port.ts';
import { type SourceKeyStore } from './store/source-key-store.port.ts';
import { type TreeStore } from './store/tree-store.port.ts';

export interface LedgerParts {
  readonly sequencer: Sequencer<VersionToAppend, AppendResult>;
  /** For entries that are no record versions. */
  readonly append: Pick<AppendService, 'sequence'>;
  readonly prepare: PrepareService;
  readonly keys: SourceKeyStore;
  readonly records: RecordStore;
  readonly trees: TreeStore;
  readonly bundles: BundleService;
  readonly verifier: VerifyService;
  readonly eraser: EraseService;
  readonly monitor: ChainMonitor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** An entry that concerns no record; its time is set when it is sequenced. */
export type PlainEntry = PlainSubmission['entry'];

export interface PlainReceipt {
  readonly index: bigint;
  readonly leafHash: Uint8Array;
  readonly entry: Uint8Array;
}

export interface Receipt {
  readonly created: boolean;
  readonly version: StoredVersion;
  readonly state: State;
}

/** What stands in the log about an erased record, and how far that entry has come. */
export interface ErasureReceipt extends StoredErasure {
  readonly state: State;
}

const WAIT_POLL_MS = 25;

export class LedgerService {
  readonly #parts: LedgerParts;
  readonly #find: (name: VersionName) => Promise<FoundVersion | null>;
  readonly #sizes: (epoch: number) => Promise<StageSizes>;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.#find = coalesce((names) => parts.records.locate(names));
    this.#sizes = coalesce(async (epochs) => {
      const sizes = new Map<number, StageSizes>();
      for (const epoch of new Set(epochs)) sizes.set(epoch, await parts.trees.sizes(epoch));
      return epochs.map((epoch) => sizes.get(epoch) as StageSizes);
    });
  }

  /** How many submissions are taken now without being refused. */
  get capacity(): number {
    return this.#parts.sequencer.capacity;
  }

  /** How many versions can be appended together. */
  get largestGroup(): number {
    return this.#parts.sequencer.largestGroup;
  }

  /**
   * Appends together, in this order, and resolves when all are durable: for each a receipt, or the reason why there is none
   * (`history-rewritten`, `integrity-fault`, each with an alarm). Safe to repeat: the same version again gives its first
   * receipt.
   *
   * @param versions 1 to `largestGroup`
   * @throws {DomainError} `overloaded`, `unavailable`: then it concerns all of them
   */
  async append(versions: readonly VersionToAppend[]): Promise<readonly (Receipt | Error)[]> {
    const results = await this.#parts.sequencer.submit(versions);
    const repeated = results.some(({ result }) => result === 'duplicate');
    const sizes = repeated ? await this.sizes() : null;
    const outcomes: (Receipt | Error)[] = [];
    for (const result of results) {
      this.#parts.metrics.appended.inc({ result: result.result });
      if (result.result === 'sequenced') outcomes.push({ created: true, version: result.version, state: 'sequenced' });
      else outcomes.push(await this.#unusual(result, sizes).catch((error: unknown) => error as Error));
    }
    return outcomes;
  }

  /**
   * Appends an entry that is no record version, and resolves when it is durable. Not safe to repeat by itself: each call is
   * an entry of its own, and a rejected one may still have happened.
   *
   * @param within runs in the transaction of the entry: neither can be without the other
   * @throws {DomainError} when a `key` entry cannot come next (`key-exists`, `key-revoked`, `unknown-key`); nothing is written
   */
  async appendEntry(entry: PlainEntry, within?: Within): Promise<PlainReceipt> {
    const [result] = await this.#parts.append.sequence([{ kind: 'plain', entry }], within);
    if (result?.result === 'refused') throw new DomainError(result.code, result.detail);
    if (result?.result !== 'sequenced-plain') throw new InvariantError('a plain entry was not sequenced as one');
    return { index: result.index, leafHash: result.leafHash, entry: result.entry };
  }

  /** The proof bundle of such an entry. @throws {DomainError} `not-yet-integrated`, `integrity-fault` */
  async entryBundle(index: bigint): Promise<Bundle> {
    try {
      const bundle = await this.#parts.bundles.entryBundle(index);
      assertProves(bundle);
      return bundle;
    } catch (error) {
      if (!(error instanceof IntegrityFaultError)) throw error;
      this.#parts.metrics.alarms.inc({ kind: 'integrity-fault' });
      this.#parts.bundles.forgetKept();
      throw new DomainError('integrity-fault', error.message, {}, { cause: error });
    }
  }

  /** What the source has to sign. @throws {DomainError} `mode-differs`, `history-rewritten`, `integrity-fault` */
  async prepare(version: DigestedVersion): Promise<PreparedVersion> {
    try {
      const prepared = await this.#parts.prepare.prepare(version);
      if (prepared.result === 'prepared') return prepared;
      return await this.#conflict(prepared.version, prepared.verdict, prepared.flags);
    } catch (error) {
      if (error instanceof IntegrityFaultError) throw new DomainError('integrity-fault', error.message);
      throw error;
    }
  }

  /** Keys of a source, in the order in which they were registered. */
  sourceKeys(source: SourceRef): Promise<readonly SourceKey[]> {
    return this.#parts.keys.list(source.id);
  }

  /** @throws {DomainError} `unknown-key` */
  async sourceKey(source: SourceRef, keyId: string): Promise<SourceKey> {
    const [key] = await this.#parts.keys.find([{ source: source.id, keyId }]);
    if (key === undefined) throw new DomainError('unknown-key', 'no key with this id is registered for this source');
    return key;
  }

  async #unusual(result: Exclude<AppendResult, { result: 'sequenced' }>, sizes: StageSizes | null): Promise<Receipt> {
    switch (result.result) {
      case 'duplicate':
        // A receipt over an entry that is not the recorded one any more would lie.
        if (!equalBytes(leafHash(result.version.entry), result.version.leafHash))
          return this.#fault(result.version.record, `the stored entry ${result.version.index} was changed`);
        return { created: false, version: result.version, state: stateOf(result.version.index, sizes as StageSizes) };
      case 'conflict':
        return this.#conflict(result.version, result.verdict, result.flags);
      case 'key-damaged':
        return this.#fault(result.record, 'the stored key of this record was changed or exchanged');
      case 'refused':
        throw new DomainError(result.code, result.detail);
      case 'sequenced-plain':
        throw new InvariantError('a record version was sequenced as a plain entry');
    }
  }

  async #conflict(first: StoredVersion, verdict: string | null, flags: readonly string[]): Promise<never> {
    const { records, metrics, logger, clock } = this.#parts;
    metrics.alarms.inc({ kind: 'history-rewritten' });
    logger.warn(
      { index: first.index.toString(), verdict, flags },
      'history-rewritten: other content was submitted for a recorded version',
    );
    await records.raiseAlarm({
      kind: 'history-rewritten',
      record: first.record,
      seq: first.seq,
      detail: `other content was submitted for the version recorded at index ${first.index} (${[verdict ?? 'not comparable', ...flags].join(', ')})`,
      raisedAt: clock.now(),
    });
    throw new DomainError(
      'history-rewritten',
      `this version id was recorded at ${first.recordedAt.toISOString()} (index ${first.index}) with other content; a changed record needs a new version id`,
      { index: first.index.toString(), verdict, flags },
    );
  }

  async #alarm(record: bigint, what: string): Promise<void> {
    const { records, bundles, metrics, logger, clock } = this.#parts;
    bundles.forgetKept();
    metrics.alarms.inc({ kind: 'integrity-fault' });
    logger.error({ record: record.toString() }, `integrity-fault: ${what}`);
    await records.raiseAlarm({ kind: 'integrity-fault', record, seq: null, detail: what, raisedAt: clock.now() });
  }

  /** Something stored is not what was recorded: an alarm, and no answer that could be taken for a verdict. */
  async #fault(record: bigint, what: string): Promise<never> {
    await this.#alarm(record, what);
    throw new DomainError('integrity-fault', `${what}; an alarm was raised`);
  }

  async #guarded<T>(record: bigint, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof IntegrityFaultError) return this.#fault(record, error.message);
      if (error instanceof RecordErasedError) throw unknownRecord();
      throw error;
    }
  }

  /** Stage sizes as they may be shown: anchors count only while the chain is seen to be ours. */
  async sizes(): Promise<StageSizes> {
    const { monitor } = this.#parts;
    const sizes = await this.#sizes(monitor.current.epoch);
    return monitor.anchorsVisible ? sizes : { ...sizes, anchored: 0n, confirmed: 0n };
  }

  /** Waits until the entry has reached `state` or the time is over; returns the state that it has then. */
  async waitFor(index: bigint, state: State, timeoutMs: number): Promise<State> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const reached = stateOf(index, await this.sizes());
      if (STATES.indexOf(reached) >= STATES.indexOf(state) || Date.now() >= deadline) return reached;
      await delay(WAIT_POLL_MS);
    }
  }

  async history(source: SourceRef, recordId: string, after: bigint, limit: number): Promise<readonly StoredVersion[]> {
    const record = await this.#record(source, recordId);
    const versions = await this.#guarded(record.id, () => this.#parts.records.history(record.id, after, limit));
    const gap = versions.find(({ seq }, position) => seq !== after + BigInt(position) + 1n);
    const last = after + BigInt(versions.length);
    if (gap !== undefined || (versions.length < limit && last < record.headSeq))
      await this.#fault(
        record.id,
        `version number ${gap === undefined ? last + 1n : after + 1n + BigInt(versions.indexOf(gap))} of this record is gone`,
      );
    return versions;
  }

  /** @throws {DomainError} `unknown-record`, `unknown-version` */
  async locate(source: SourceRef, recordId: string, versionId: string): Promise<LocatedVersion> {
    const found = await this.#find({ sourceId: source.id, recordId, versionId });
    if (found === null) throw unknownRecord();
    const { record, version } = found;
    if (version !== null) return { source, record, version };
    await this.#assertComplete(record);
    throw new DomainError('unknown-version', 'no version of this record is recorded under this version id');
  }

  async #record(source: SourceRef, recordId: string): Promise<StoredRecord> {
    const [record] = await this.#parts.records.find([{ sourceId: source.id, recordId }]);
    if (record === undefined) throw unknownRecord();
    return record;
  }

  /** @throws {DomainError} `not-yet-integrated`; `integrity-fault` when the stored entry or tree does not prove itself */
  bundle(located: LocatedVersion): ReturnType<BundleService['bundle']> {
    return this.#guarded(located.record.id, async () => {
      const made = await this.#parts.bundles.bundle(located);
      assertProves(made.bundle);
      return made;
    });
  }

  disclose(located: LocatedVersion, request: DisclosureRequest): ReturnType<BundleService['disclose']> {
    return this.#guarded(located.record.id, async () => {
      const bundle = await this.#parts.bundles.disclose(located, request);
      assertProves(bundle);
      return bundle;
    });
  }

  /** Null when nothing is recorded under this name: the verdict is then `unknown-version`. */
  async verify(
    source: SourceRef,
    recordId: string,
    versionId: string | null,
    given: GivenContent,
  ): Promise<LedgerVerdict | null> {
    const [found, sizes] = await Promise.all([this.#find({ sourceId: source.id, recordId, versionId }), this.sizes()]);
    if (found === null) return null;
    const { record, version, latest } = found;
    if (latest === null || version === null) {
      await this.#assertComplete(record);
      return null;
    }
    // The sizes may be a moment older than the version: then nothing has reached it yet.
    const state = stateOf(version.index, sizes);
    const verdict = await this.#guarded(record.id, () =>
      this.#parts.verifier.verify({ source, record, version }, latest, given, state),
    );
    const faults = verdict.checks.filter(({ name, result }) => result === 'failed' && name !== 'content');
    if (faults.length > 0)
      await this.#alarm(record.id, faults.map(({ name, reason }) => `${name}: ${reason}`).join(' '));
    return verdict;
  }

  /**
   * Destroys the keys of these records, clears what names them, and says so in the log. Each record is erased whole or not at
   * all; repeat it after any failure.
   *
   * @param records row ids, from {@link named} or {@link ofSubject}
   * @throws {DomainError} `legal-hold`
   */
  async erase(
    records: readonly bigint[],
    basis: ErasureBasis,
    options: EraseOptions = {},
  ): Promise<readonly ErasureReceipt[]> {
    await this.#parts.eraser.erase(records, basis, options);
    return this.erasures(records);
  }

  /** Those of these records that were erased, in the order of their entries. */
  async erasures(records: readonly bigint[]): Promise<readonly ErasureReceipt[]> {
    const [found, sizes] = await Promise.all([this.#parts.eraser.of(records), this.sizes()]);
    return found.map((erasure) => ({ ...erasure, state: stateOf(erasure.index, sizes) }));
  }

  /** Proof that an erasure is in the log. @throws {DomainError} `not-yet-integrated` */
  async erasureBundle(erasure: StoredErasure): Promise<Bundle> {
    return this.#guarded(erasure.record, async () => {
      const bundle = await this.#parts.bundles.entryBundle(erasure.index);
      assertProves(bundle);
      return bundle;
    });
  }

  /** Row ids of the records of these names, in no order; fewer when some are unknown. */
  async named(source: SourceRef, recordIds: readonly string[]): Promise<readonly bigint[]> {
    const names = [...new Set(recordIds)].map((recordId) => ({ sourceId: source.id, recordId }));
    return (await this.#parts.records.find(names)).map(({ id }) => id);
  }

  /** Row ids of the records that are about a patient. */
  async ofSubject(source: Pick<SourceRef, 'id'>, subjectRef: Uint8Array): Promise<readonly bigint[]> {
    return this.#parts.records.ofSubject(source.id, subjectRef);
  }

  /** Before anybody is told that a version is unknown: it may have been removed. */
  async #assertComplete(record: StoredRecord): Promise<void> {
    const count = await this.#parts.records.count(record.id);
    if (count < record.headSeq)
      await this.#fault(
        record.id,
        `${record.headSeq - count} of the ${record.headSeq} versions of this record are gone`,
      );
  }
}

function unknownRecord(): DomainError {
  return new DomainError('unknown-record', 'no record of this source is recorded under this id');
}
