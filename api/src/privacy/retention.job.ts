// Applies the retention rules and goes on with approved erasures that were interrupted: in the background, by one process at a
// time. What it does can be repeated; killed at any point, the next run does the rest.
import { randomUUID } from 'node:crypto';
import { erasuresWithin, type LedgerService } from '../ledger/index.ts';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { byService, tenantsOf } from '../platform/auth/unattended.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { exclusively } from '../platform/database/advisory-lock.ts';
import { type Pool } from '../platform/database/pool.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type ErasureRequests } from './erasure-requests.store.ts';
import { type ErasuresService } from './erasures.service.ts';
import { type RecordsInQuestion } from './records-in-question.store.ts';
import { type RetentionRule, type RetentionRules } from './retention-rules.store.ts';

export interface RetentionParts {
  readonly pool: Pool;
  readonly rules: RetentionRules;
  readonly requests: ErasureRequests;
  readonly records: RecordsInQuestion;
  readonly erasures: ErasuresService;
  readonly ledger: LedgerService;
  readonly log: AccessLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RetentionResult {
  /** Requests that were approved before and are done now. */
  readonly finished: number;
  readonly erased: number;
  /** Records that are proposed to people. */
  readonly proposed: number;
}

const LOCK_CLASS = 0x7265746e;
/** Records looked for at a time, and in one proposal. */
const PAGE = 1000;

/** Who acts, in the access log. */
const APPLIES = byService('retention', 'record.erase');
const GOES_ON = byService('erasure-request', 'record.erase');

export class RetentionJob {
  readonly #parts: RetentionParts;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** @returns null when another process is at it */
  async run(): Promise<RetentionResult | null> {
    return (await exclusively(this.#parts.pool, LOCK_CLASS, 0, () => this.#run()))?.done ?? null;
  }

  async #run(): Promise<RetentionResult> {
    const { requests, rules, logger } = this.#parts;
    let finished = 0;
    for (const request of await requests.unfinished()) {
      if (await this.#unlessHeld(() => this.#parts.erasures.carryOut(request, GOES_ON))) finished += 1;
    }
    const result = { finished, erased: 0, proposed: 0 };
    for (const rule of await rules.running()) {
      if (rule.action === 'erase') result.erased += await this.#erase(rule);
      else result.proposed += await this.#propose(rule);
    }
    if (result.finished + result.erased + result.proposed > 0) logger.info(result, 'retention rules applied');
    return result;
  }

  async #erase(rule: RetentionRule): Promise<number> {
    const { records, ledger, log } = this.#parts;
    const within = erasuresWithin(log, APPLIES);
    let erased = 0;
    for (let after = 0n; ;) {
      const page = await records.expired(rule.sourceId, rule.months, this.#parts.clock.now(), after, PAGE);
      const last = page.at(-1);
      if (last === undefined) return erased;
      // One that was held meanwhile keeps its page; it is found without that record at the next run.
      const done = await this.#unlessHeld(() => ledger.erase(page, 'retention-expired', { within }));
      if (done) erased += page.length;
      after = last;
    }
  }

  async #propose(rule: RetentionRule): Promise<number> {
    const { records, requests, clock, log } = this.#parts;
    let proposed = 0;
    for (;;) {
      // What an open request names is not found again.
      const page = await records.expired(rule.sourceId, rule.months, clock.now(), 0n, PAGE);
      if (page.length === 0) return proposed;
      const id = randomUUID();
      await requests.add(
        {
          id,
          sourceId: rule.sourceId,
          basis: 'retention-expired',
          note: null,
          subjectRef: null,
          rule: rule.id,
          requestedBy: `retention-rule ${rule.id}`,
          requestedAt: clock.now(),
        },
        page,
        async (transaction) => {
          const tenantId = (await tenantsOf(transaction, [rule.sourceId])).get(rule.sourceId) ?? null;
          const entity = { type: 'erasure-request', id };
          await log.recordWithin(transaction, { ...APPLIES, tenantId, outcome: 'success', entity });
        },
      );
      proposed += page.length;
    }
  }

  async #unlessHeld(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'legal-hold') return false;
      throw error;
    }
  }
}
