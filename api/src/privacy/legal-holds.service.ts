// Placing and releasing legal holds. A hold refuses erasure by request and by retention rule alike.
import { randomUUID } from 'node:crypto';
import { type SubjectRefs } from '../identity/index.ts';
import { type LedgerService, type SourceRef } from '../ledger/index.ts';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Actor } from './caller.ts';
import { actWithin } from './events.ts';
import { type LegalHold, type LegalHolds, type NewHold } from './legal-holds.store.ts';

export type HoldTarget = { readonly recordId: string } | { readonly subject: string } | { readonly wholeSource: true };

export class LegalHoldsService {
  readonly #subjects: SubjectRefs;
  readonly #ledger: LedgerService;
  readonly #holds: LegalHolds;
  readonly #log: AccessLog;
  readonly #clock: Clock;

  constructor(subjects: SubjectRefs, ledger: LedgerService, holds: LegalHolds, log: AccessLog, clock: Clock) {
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#holds = holds;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * A hold on a patient holds what is recorded later as well, and can be placed before anything is recorded.
   *
   * @param reason the reference of the case
   * @throws {DomainError} `unknown-record`
   */
  async place(source: SourceRef, target: HoldTarget, reason: string, actor: Actor): Promise<LegalHold> {
    const id = randomUUID();
    const about = { id, sourceId: source.id, reason, placedBy: actor.person, placedAt: this.#clock.now() };
    await this.#holds.place(
      { ...about, ...(await this.#target(source, target)) },
      actWithin(this.#log, actor, 'legal-hold', id),
    );
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
  async release(source: SourceRef, id: string, actor: Actor): Promise<LegalHold> {
    await this.#found(source, id);
    const within = actWithin(this.#log, actor, 'legal-hold/release', id);
    await this.#holds.release(id, actor.person, this.#clock.now(), within);
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
