// Placing and releasing legal holds. A hold refuses erasure by request and by retention rule alike.
import { randomUUID } from 'node:crypto';
import { type SubjectRefs } from '../identity/index.ts';
import { type LedgerService, type SourceRef } from '../ledger/index.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Person } from './caller.ts';
import { type LegalHold, type LegalHolds, type NewHold } from './legal-holds.store.ts';

export type HoldTarget = { readonly recordId: string } | { readonly subject: string } | { readonly wholeSource: true };

export class LegalHoldsService {
  readonly #subjects: SubjectRefs;
  readonly #ledger: LedgerService;
  readonly #holds: LegalHolds;
  readonly #clock: Clock;

  constructor(subjects: SubjectRefs, ledger: LedgerService, holds: LegalHolds, clock: Clock) {
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#holds = holds;
    this.#clock = clock;
  }

  /**
   * A hold on a patient holds what is recorded later as well, and can be placed before anything is recorded.
   *
   * @param reason the reference of the case
   * @throws {DomainError} `unknown-record`
   */
  async place(source: SourceRef, target: HoldTarget, reason: string, by: Person): Promise<LegalHold> {
    const id = randomUUID();
    const about = { id, sourceId: source.id, reason, placedBy: by, placedAt: this.#clock.now() };
    await this.#holds.place({ ...about, ...(await this.#target(source, target)) });
    return this.#found(source, id);
  }

  async #target(source: SourceRef, target: HoldTarget): Promise<Pick<NewHold, 'scope' | 'record' | 'subjectRef'>> {
    if ('wholeSource' in target) return { scope: 'source', record: null, subjectRef: null };
    if ('subject' in target) {
      const subjectRef = await this.#subjects.refOf(source, target.subject);
      if (subjectRef !== null) return { scope: 'subject', record: null, subjectRef };
      throw new DomainError(
        'unknown-subject',
        'this reference names nobody: a reference such as Patient/123 is needed',
      );
    }
    const [record] = await this.#ledger.named(source, [target.recordId]);
    if (record === undefined)
      throw new DomainError('unknown-record', 'no record of this source is recorded under this id');
    return { scope: 'record', record, subjectRef: null };
  }

  /** Released twice, it stays as it was released first. @throws {DomainError} `unknown-hold` */
  async release(source: SourceRef, id: string, by: Person): Promise<LegalHold> {
    await this.#found(source, id);
    await this.#holds.release(id, by, this.#clock.now());
    return this.#found(source, id);
  }

  async list(source: SourceRef, before: string | null, limit: number): Promise<readonly LegalHold[]> {
    return this.#holds.list(source.id, before, limit);
  }

  async #found(source: SourceRef, id: string): Promise<LegalHold> {
    const found = await this.#holds.find(source.id, id);
    if (found === null) throw new DomainError('unknown-hold', 'this source has no legal hold of this id');
    return found;
  }
}
