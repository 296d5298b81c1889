// Erasure as people do it (docs/adr/0022): one asks, another approves, and then it is done, for as long as it takes.
import { randomUUID } from 'node:crypto';
import { assertFourEyes, type SubjectRefs } from '../identity/index.ts';
import {
  erasuresWithin,
  type ErasureBasis,
  type ErasureReceipt,
  type LedgerService,
  type SourceRef,
} from '../ledger/index.ts';
import { type AccessLog, type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type Unattended } from '../platform/auth/unattended.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Actor } from './caller.ts';
import { type ErasureRequest, type ErasureRequests } from './erasure-requests.store.ts';
import { actWithin } from './events.ts';
import { type Extent, type RecordsInQuestion } from './records-in-question.store.ts';

/** What is to be erased: records by their names, or all records of a patient. */
export type Wanted = { readonly recordIds: readonly string[] } | { readonly subject: string };

export interface RequestWithReceipts {
  readonly request: ErasureRequest;
  readonly extent: Extent;
  /** Of the records that are erased already. */
  readonly receipts: readonly ErasureReceipt[];
}

export class ErasuresService {
  readonly #subjects: SubjectRefs;
  readonly #ledger: LedgerService;
  readonly #requests: ErasureRequests;
  readonly #records: RecordsInQuestion;
  readonly #log: AccessLog;
  readonly #clock: Clock;

  constructor(
    subjects: SubjectRefs,
    ledger: LedgerService,
    { requests, records }: { requests: ErasureRequests; records: RecordsInQuestion },
    log: AccessLog,
    clock: Clock,
  ) {
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#requests = requests;
    this.#records = records;
    this.#log = log;
    this.#clock = clock;
  }

  /** How much would be erased. Changes nothing. */
  async preview(source: SourceRef, wanted: Wanted): Promise<Extent> {
    const { records } = await this.#resolve(source, wanted);
    return this.#records.extent(records);
  }

  /**
   * @param note the case's reference in the asker's own system
   * @throws {DomainError} `unknown-record`, `unknown-subject`, `legal-hold`: no request is made
   */
  async request(
    source: SourceRef,
    wanted: Wanted,
    { basis, note }: { readonly basis: ErasureBasis; readonly note: string | null },
    actor: Actor,
  ): Promise<RequestWithReceipts> {
    const { records, subjectRef } = await this.#resolve(source, wanted);
    await this.#assertNotHeld(records);
    const id = randomUUID();
    const requestedAt = this.#clock.now();
    const about = { id, sourceId: source.id, basis, note, subjectRef, rule: null };
    await this.#requests.add(
      { ...about, requestedBy: actor.person, requestedAt },
      records,
      actWithin(this.#log, actor, 'erasure-request', id),
    );
    return this.#view(await this.#found(source, id));
  }

  async get(source: SourceRef, id: string): Promise<RequestWithReceipts> {
    return this.#view(await this.#found(source, id));
  }

  async list(source: SourceRef, before: string | null, limit: number): Promise<readonly ErasureRequest[]> {
    return this.#requests.list(source.id, before, limit);
  }

  /**
   * Approves and carries out. Repeated by anybody who may approve, it goes on with what was interrupted.
   *
   * @throws {DomainError} `own-work`, `request-decided` (refused before), `legal-hold`
   */
  async approve(source: SourceRef, id: string, actor: Actor): Promise<RequestWithReceipts> {
    const request = await this.#found(source, id);
    if (request.state === 'requested') {
      assertFourEyes(request.requestedBy, actor.person);
      await this.#assertNotHeld(await this.#requests.records(id));
      await this.#decide(id, 'approved', actor);
    }
    const decided = await this.#found(source, id);
    if (decided.state === 'refused')
      throw new DomainError('request-decided', 'this request was refused; a new one can be made');
    if (decided.state === 'approved') await this.carryOut(decided, actor.access);
    return this.#view(await this.#found(source, id));
  }

  /** @throws {DomainError} `own-work`, `request-decided` */
  async refuse(source: SourceRef, id: string, actor: Actor): Promise<RequestWithReceipts> {
    const request = await this.#found(source, id);
    assertFourEyes(request.requestedBy, actor.person);
    if (!(await this.#decide(id, 'refused', actor)))
      throw new DomainError('request-decided', `this request is ${(await this.#found(source, id)).state} already`);
    return this.#view(await this.#found(source, id));
  }

  #decide(id: string, state: 'approved' | 'refused', actor: Actor): Promise<boolean> {
    const what = state === 'approved' ? 'erasure-request/approval' : 'erasure-request/refusal';
    return this.#requests.decide(
      id,
      { state, by: actor.person, at: this.#clock.now() },
      actWithin(this.#log, actor, what, id),
    );
  }

  /**
   * All that is left to do of an approved request. Safe to repeat, and at once by several processes.
   *
   * @param by who approved it, or the service when an interrupted one is gone on with
   */
  async carryOut(request: ErasureRequest, by: RequestAccess | Unattended): Promise<void> {
    const { id, basis, sourceId, subjectRef } = request;
    const within = erasuresWithin(this.#log, by);
    await this.#ledger.erase(await this.#requests.records(id), basis, { within });
    // What the patient's source sent between the request and now is the patient's too.
    for (;;) {
      const newer = subjectRef === null ? [] : await this.#ledger.ofSubject({ id: sourceId }, subjectRef);
      if (newer.length === 0) break;
      await this.#requests.addRecords(id, newer);
      await this.#ledger.erase(newer, basis, { within });
    }
    await this.#requests.finish(id, this.#clock.now());
  }

  /** @throws {DomainError} `unknown-erasure` */
  async receipt(source: SourceRef, id: string, index: bigint): Promise<ErasureReceipt> {
    const { receipts } = await this.get(source, id);
    const receipt = receipts.find((one) => one.index === index);
    if (receipt === undefined)
      throw new DomainError('unknown-erasure', 'no record was erased by this request at that index of the log');
    return receipt;
  }

  async #found(source: SourceRef, id: string): Promise<ErasureRequest> {
    const found = await this.#requests.find(source.id, id);
    if (found === null) throw new DomainError('unknown-erasure', 'this source has no request for erasure of this id');
    return found;
  }

  async #view(request: ErasureRequest): Promise<RequestWithReceipts> {
    const records = await this.#requests.records(request.id);
    const [extent, receipts] = await Promise.all([this.#records.extent(records), this.#ledger.erasures(records)]);
    return { request, extent, receipts };
  }

  async #resolve(
    source: SourceRef,
    wanted: Wanted,
  ): Promise<{ readonly records: readonly bigint[]; readonly subjectRef: Uint8Array | null }> {
    if ('subject' in wanted) {
      const subjectRef = await this.#subjects.refOf(source, wanted.subject);
      const records = subjectRef === null ? [] : await this.#ledger.ofSubject(source, subjectRef);
      if (records.length === 0)
        throw new DomainError('unknown-subject', 'no record of this source is recorded for this patient');
      return { records, subjectRef };
    }
    const names = new Set(wanted.recordIds);
    const records = await this.#ledger.named(source, [...names]);
    if (records.length < names.size)
      throw new DomainError(
        'unknown-record',
        `${names.size - records.length} of the ${names.size} record ids are not recorded for this source`,
      );
    return { records, subjectRef: null };
  }

  async #assertNotHeld(records: readonly bigint[]): Promise<void> {
    const { held } = await this.#records.extent(records);
    if (held > 0n)
      throw new DomainError(
        'legal-hold',
        `${held} of the records are under a legal hold: nothing is erased before it is released`,
        { held: Number(held) },
      );
  }
}
