// How long records are kept: the rules, as people make them.
import { randomUUID } from 'node:crypto';
import { type SourceRef } from '../ledger/index.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { assertSomebodyElse, type Person } from './caller.ts';
import { type RetentionRule, type RetentionRules } from './retention-rules.store.ts';

export class RetentionService {
  readonly #rules: RetentionRules;
  readonly #clock: Clock;

  constructor(rules: RetentionRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /**
   * A rule that erases by itself begins paused: somebody else must let it run. One that only proposes runs at once.
   *
   * @throws {DomainError} `retention-rule-exists`
   */
  async add(source: SourceRef, wanted: Pick<RetentionRule, 'months' | 'action'>, by: Person): Promise<RetentionRule> {
    const id = randomUUID();
    const rule = { ...wanted, id, sourceId: source.id, paused: wanted.action === 'erase', createdBy: by };
    if (!(await this.#rules.add({ ...rule, createdAt: this.#clock.now() })))
      throw new DomainError('retention-rule-exists', 'this source has a retention rule: remove it first');
    return this.#found(source, id);
  }

  async list(source: SourceRef): Promise<readonly RetentionRule[]> {
    return this.#rules.list(source.id);
  }

  /** Anybody who manages retention may stop a rule at once. @throws {DomainError} `unknown-retention-rule` */
  async pause(source: SourceRef, id: string): Promise<RetentionRule> {
    await this.#found(source, id);
    await this.#rules.pause(id);
    return this.#found(source, id);
  }

  /** @throws {DomainError} `own-request` for a rule that erases; `unknown-retention-rule` */
  async activate(source: SourceRef, id: string, by: Person): Promise<RetentionRule> {
    const rule = await this.#found(source, id);
    if (rule.action === 'erase') assertSomebodyElse(by, rule.createdBy);
    await this.#rules.activate(id, rule.createdBy === by ? null : by);
    return this.#found(source, id);
  }

  /** @throws {DomainError} `unknown-retention-rule` */
  async remove(source: SourceRef, id: string, by: Person): Promise<void> {
    await this.#found(source, id);
    await this.#rules.remove(id, by, this.#clock.now());
  }

  async #found(source: SourceRef, id: string): Promise<RetentionRule> {
    const found = await this.#rules.find(source.id, id);
    if (found === null) throw new DomainError('unknown-retention-rule', 'this source has no retention rule of this id');
    return found;
  }
}
