// How long records are kept: the rules, as people make them.
import { randomUUID } from 'node:crypto';
import { type SourcesService } from '../identity/index.ts';
import { type SourceRef } from '../ledger/index.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { assertSomebodyElse, type Person } from './caller.ts';
import { type RetentionRule, type RetentionRules } from './retention-rules.store.ts';

export class RetentionService {
  readonly #sources: SourcesService;
  readonly #rules: RetentionRules;
  readonly #clock: Clock;

  constructor(sources: SourcesService, rules: RetentionRules, clock: Clock) {
    this.#sources = sources;
    this.#rules = rules;
    this.#clock = clock;
  }

  /**
   * A rule that erases by itself begins paused: somebody else must let it run. One that only proposes runs at once.
   *
   * @throws {DomainError} `unknown-source`, `retention-rule-exists`
   */
  async add(
    sourceName: string,
    wanted: Pick<RetentionRule, 'months' | 'action'>,
    by: Person,
  ): Promise<RetentionRule> {
    const source = await this.#sources.get(sourceName);
    const id = randomUUID();
    const rule = { ...wanted, id, sourceId: source.id, paused: wanted.action === 'erase', createdBy: by };
    if (!(await this.#rules.add({ ...rule, createdAt: this.#clock.now() })))
      throw new DomainError('retention-rule-exists', 'this source has a retention rule: remove it first');
    return this.#found(source, id);
  }

  async list(sourceName: string): Promise<readonly RetentionRule[]> {
    return this.#rules.list((await this.#sources.get(sourceName)).id);
  }

  /** Anybody who manages retention may stop a rule at once. @throws {DomainError} `unknown-retention-rule` */
  async pause(sourceName: string, id: string): Promise<RetentionRule> {
    const source = await this.#sources.get(sourceName);
    await this.#found(source, id);
    await this.#rules.pause(id);
    return this.#found(source, id);
  }

  /** @throws {DomainError} `own-request` for a rule that erases; `unknown-retention-rule` */
  async activate(sourceName: string, id: string, by: Person): Promise<RetentionRule> {
    const source = await this.#sources.get(sourceName);
    const rule = await this.#found(source, id);
    if (rule.action === 'erase') assertSomebodyElse(by, rule.createdBy);
    await this.#rules.activate(id, rule.createdBy === by ? null : by);
    return this.#found(source, id);
  }

  /** @throws {DomainError} `unknown-retention-rule` */
  async remove(sourceName: string, id: string, by: Person): Promise<void> {
    const source = await this.#sources.get(sourceName);
    await this.#found(source, id);
    await this.#rules.remove(id, by, this.#clock.now());
  }

  async #found(source: SourceRef, id: string): Promise<RetentionRule> {
    const found = await this.#rules.find(source.id, id);
    if (found === null) throw new DomainError('unknown-retention-rule', 'this source has no retention rule of this id');
    return found;
  }
}
