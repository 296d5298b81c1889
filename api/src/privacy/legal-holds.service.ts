// Placing and releasing legal holds. A hold refuses erasure by request and by retention rule alike.
import { randomUUID } from 'node:crypto';
import { type SourcesService, type SubjectRefs } from '../identity/index.ts';
import { type LedgerService, type SourceRef } from '../ledger/index.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Person } from './caller.ts';
import { type LegalHold, type LegalHolds, type NewHold } from './legal-holds.store.ts';

export type HoldTarget = { readonly recordId: string } | { readonly subject: string } | { readonly wholeSource: true };

export class LegalHoldsService {
  readonly #sources: SourcesService;
  readonly #subjects: SubjectRefs;
  readonly #ledger: LedgerService;
  readonly #holds: LegalHolds;
  readonly #clock: Clock;

  constructor(
    { sources, subjects }: { sources: SourcesService; subjects: SubjectRefs },
    ledger: LedgerService,
    holds: LegalHolds,
    clock: Clock,
  ) {
    this.#sources = sources;
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#holds = holds;
    this.#clock = clock;
  }

  /**
   * A hold on a patient holds what is recorded later as well, and can be placed before anything is recorded.
   *
   * @param reason the reference of the case
   * @throws {DomainError} `unknown-source`, `unknown-record`
   */
  async place(sourceName: string, target: HoldTarget, reason: string, by: Person): Promise<LegalHold> {
    const source = await this.#sources.get(sourceName);
    const id = randomUUID();
    const about = { id, sourceId: source.id, reason, placedBy: by, placedAt: this.#clock.now() };
    await this.#holds.place({ ...about, ...(await this.#target(source, target)) });
    return this.#found(source, id);
  }

  async #target(
    source: SourceRef,
    target: HoldTarget,
  ): Promise<Pick<NewHold, 'scope' | 'record' | 'subjectRef'>> {
    if ('wholeSource' in target) return { scope: 'source', record: null, subjectRef: null };
    if ('subject' in target)
      return { scope: 'subject', record: null, subjectRef: await this.#subjects.refOf(source, target.subject) };
    const [record] = await this.#ledger.named(source, [target.recordId]);
    if (record === undefined)
      throw new DomainError('unknown-record', 'no record of this source is recorded under this id');
    return { scope: 'record', record, subjectRef: null };
  }

  /** Released twice, it stays as it was released first. @throws {DomainError} `unknown-hold` */
  async release(sourceName: string, id: string, by: Person): Promise<LegalHold> {
    const source = await this.#sources.get(sourceName);
    await this.#found(source, id);
    await this.#holds.release(id, by, this.#clock.now());
    return this.#found(source, id);
  }

  async list(sourceName: string, before: string | null, limit: number): Promise<readonly LegalHold[]> {
    const source = await this.#sources.get(sourceName);
    return this.#holds.list(source.id, before, limit);
  }

  async #found(source: SourceRef, id: string): Promise<LegalHold> {
    const found = await this.#holds.find(source.id, id);
    if (found === null) throw new DomainError('unknown-hold', 'this source has no legal hold of this id');
    return found;
  }
}
