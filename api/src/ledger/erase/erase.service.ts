// The erase stage: a record's key is destroyed, what names it is cleared, and the log says that it was (docs/adr/0022).
import { setTimeout as delay } from 'node:timers/promises';
import { InvariantError, toHex } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type LogIdentity } from '../log-identity.ts';
import {
  RecordHeldError,
  type ErasureOrder,
  type ErasureStore,
  type StoredErasure,
} from '../store/erasure-store.port.ts';
import { isErasureBasis, planErasures, type ErasureBasis } from './erase.rules.ts';
import { type ErasureJournal } from './erasure-journal.port.ts';

export interface EraseOptions {
  /** Runs in the transaction of each batch, at its end, with what that batch erased. */
  readonly within?: ErasureOrder['within'];
}

/**
 * Records in one transaction. The sequence is locked meanwhile, and whoever submits waits: with 100 of them that was up to five times as
 * long as without (docs/performance.md, erasure).
 */
const BATCH = 25;
const PAGE = 1000;

interface BatchOptions extends Pick<ErasureOrder, 'within'> {
  readonly basis: ErasureBasis;
  /** False for what was erased once before: no hold counts, and the journal has it. */
  readonly first: boolean;
}

export interface EraseParts {
  readonly log: Pick<LogIdentity, 'origin'>;
  readonly store: ErasureStore;
  readonly journal: ErasureJournal;
  /** Records that records were erased again, in the transaction that does it. */
  readonly again: NonNullable<ErasureOrder['within']>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class EraseService {
  readonly #log: Pick<LogIdentity, 'origin'>;
  readonly #store: ErasureStore;
  readonly #journal: ErasureJournal;
  readonly #withinAgain: EraseParts['again'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor({ log, store, journal, again, clock, logger, metrics }: EraseParts) {
    this.#log = log;
    this.#store = store;
    this.#journal = journal;
    this.#withinAgain = again;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /**
   * Erases each record whole, in batches, and resolves with what stands in the log for all of them, also for those that were
   * erased before. Safe to repeat: what a crash left over is done then.
   *
   * @param records row ids
   * @throws {DomainError} `legal-hold`: nothing of the batch that holds such a record was erased
   */
  async erase(
    records: readonly bigint[],
    basis: ErasureBasis,
    { within }: EraseOptions = {},
  ): Promise<readonly StoredErasure[]> {
    const wanted = [...new Set(records)].sort((a, b) => (a < b ? -1 : 1));
    await this.#batches(wanted, { basis, first: true, within });
    if (wanted.length > 0) await this.#scrub();
    return this.#store.of(wanted);
  }

  /** One after the other, and between two of them as long a pause as the one before took: half of the time belongs to others. */
  async #batches(records: readonly bigint[], how: BatchOptions): Promise<void> {
    for (let at = 0; at < records.length; at += BATCH) {
      const began = performance.now();
      await this.#batch(records.slice(at, at + BATCH), how);
      if (at + BATCH < records.length) await delay(performance.now() - began);
    }
  }

  async #batch(records: readonly bigint[], { basis, first, within }: BatchOptions): Promise<void> {
    try {
      const erased = await this.#store.erase({
        records,
        plan: (nextIndex, found) => planErasures(nextIndex, found, basis, this.#clock.now()),
        respectHolds: first,
        journal: (erasures) => (first ? this.#write(erasures) : Promise.resolve()),
        within,
      });
      this.#metrics.erased.inc({ basis }, erased.length);
    } catch (cause) {
      if (!(cause instanceof RecordHeldError)) throw cause;
      throw new DomainError(
        'legal-hold',
        `${cause.held} of the records are under a legal hold: nothing is erased before it is released`,
        { held: cause.held },
        { cause },
      );
    }
  }

  async #write(erasures: readonly StoredErasure[]): Promise<void> {
    if (erasures.length === 0) return;
    const lines = erasures.map(({ sourceId, recordRef, basis, erasedAt }) => ({
      log: this.#log.origin,
      source: sourceId,
      recordRef,
      basis,
      time: erasedAt,
    }));
    try {
      await this.#journal.append(lines);
    } catch (cause) {
      this.#logger.error({ err: cause }, 'the erasure journal (ERASURE_JOURNAL_FILE) cannot be written');
      throw new DomainError(
        'unavailable',
        'the erasure journal cannot be written, so nothing of this was erased; it is safe to ask again',
        { retryAfterSeconds: 60 },
        { cause },
      );
    }
  }

  /** What is erased is erased; that old row versions are gone a little later is no reason to say that it failed. */
  async #scrub(): Promise<void> {
    await this.#store.scrub().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'the space of erased rows could not be given back; autovacuum will do it');
    });
  }

  /**
   * Makes database and journal agree, before anything is served: what the journal knows and the database has again (a backup
   * was restored) is erased once more, with a new entry; what the database knows and the journal does not (another instance
   * erased it, or the journal's file is new) is added to the journal. Holds do not count: it was lawful then.
   *
   * @returns how many records were erased again
   */
  async reconcile(): Promise<number> {
    const lines = (await this.#journal.read()).filter(({ log }) => log === this.#log.origin);
    const known = new Map(lines.map((line) => [toHex(line.recordRef), line]));
    const open = new Map(known);
    const unknown: StoredErasure[] = [];
    for (let from = 0n; ;) {
      const page = await this.#store.list(from, PAGE);
      for (const erasure of page) {
        const ref = toHex(erasure.recordRef);
        open.delete(ref);
        if (!known.has(ref)) unknown.push(erasure);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      from = last.index + 1n;
    }
    await this.#write(unknown);
    // Lines of erasures that are in the log need no look at the records, which would read them all.
    const back = open.size === 0 ? [] : await this.#store.unerased([...open.values()].map((line) => line.recordRef));
    if (back.length > 0) await this.#again(back, known);
    return back.length;
  }

  async #again(
    back: readonly { readonly id: bigint; readonly recordRef: Uint8Array }[],
    lines: ReadonlyMap<string, { readonly basis: string }>,
  ): Promise<void> {
    const byBasis = new Map<ErasureBasis, bigint[]>();
    for (const { id, recordRef } of back) {
      const basis = lines.get(toHex(recordRef))?.basis ?? '';
      if (!isErasureBasis(basis)) throw new InvariantError('the erasure journal names a basis that does not exist');
      byBasis.set(basis, [...(byBasis.get(basis) ?? []), id]);
    }
    for (const [basis, ids] of byBasis) await this.#batches(ids, { basis, first: false, within: this.#withinAgain });
    await this.#scrub();
    this.#logger.warn({ records: back.length }, 'records that the erasure journal knows were there again: erased anew');
  }

  async of(records: readonly bigint[]): Promise<readonly StoredErasure[]> {
    return this.#store.of(records);
  }

  /** The erasure of the record with this pseudonym, as it is presented in a proof; null when it was not erased. */
  async ofRef(recordRef: Uint8Array): Promise<StoredErasure | null> {
    return this.#store.byRef(recordRef);
  }
}
