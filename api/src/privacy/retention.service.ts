// How long records are kept: the rules, as people make them.
import { assertFourEyes } from '../identity/index.ts';
import { randomUUID } from 'node:crypto';
import { type SourceRef } from '../ledger/index.ts';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Actor } from './caller.ts';
import { actWithin, type Within } from './events.ts';
import { type RetentionRule, type RetentionRules } from './retention-rules.store.ts';

export class RetentionService {
  readonly #rules: RetentionRules;
  readonly #log: AccessLog;
  readonly #clock: Clock;

  constructor(rules: RetentionRules, log: AccessLog, clock: Clock) {
    this.#rules = rules;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * A rule that erases by itself begins paused: somebody else must let it run. One that only proposes runs at once.
   *
   * @throws {DomainError} `retention-rule-exists`
   */
  async add(source: SourceRef, wanted: Pick<RetentionRule, 'months' | 'action'>, actor: Actor): Promise<RetentionRule> {
    const id = randomUUID();
    const rule = { ...wanted, id, sourceId: source.id, paused: wanted.action === 'erase', createdBy: actor.person };
    if (!(await this.#rules.add({ ...rule, createdAt: this.#clock.now() }, this.#within(actor, '', id))))
      throw new DomainError('retention-rule-exists', 'this source has a retention rule: remove it first');
    return this.#found(source, id);
  }

  async list(source: SourceRef): Promise<readonly RetentionRule[]> {
    return this.#rules.list(source.id);
  }

  /** Anybody who manages retention may stop a rule at once. @throws {DomainError} `unknown-retention-rule` */
  async pause(source: SourceRef, id: string, actor: Actor): Promise<RetentionRule> {
    await this.#found(source, id);
    await this.#rules.pause(id, this.#within(actor, '/pause', id));
    return this.#found(source, id);
  }

  /** @throws {DomainError} `own-work` for a rule that erases; `unknown-retention-rule` */
  async activate(source: SourceRef, id: string, actor: Actor): Promise<RetentionRule> {
    const rule = await this.#found(source, id);
    if (rule.action === 'erase') assertFourEyes(rule.createdBy, actor.person);
    const by = rule.createdBy === actor.person ? null : actor.person;
    await this.#rules.activate(id, by, this.#within(actor, '/activation', id));
    return this.#found(source, id);
  }

  /** @throws {DomainError} `unknown-retention-rule` */
  async remove(source: SourceRef, id: string, actor: Actor): Promise<void> {
    await this.#found(source, id);
    await this.#rules.remove(id, actor.person, this.#clock.now(), this.#within(actor, '/removal', id));
  }

  #within(actor: Actor, what: string, id: string): Within {
    return actWithin(this.#log, actor, `retention-rule${what}`, id);
  }

  async #found(source: SourceRef, id: string): Promise<RetentionRule> {
    const found = await this.#rules.find(source.id, id);
    if (found === null) throw new DomainError('unknown-retention-rule', 'this source has no retention rule of this id');
    return found;
  }
}
