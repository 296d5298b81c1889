// Breaking the glass: a clinician reads outside of their sources and says why. Each time is recorded before the answer
// leaves, and somebody else looks at it afterwards.
import { type DataSource, type EntityManager } from 'typeorm';
import {
  type AccessEvent,
  type AccessLog,
  type Queryable,
  type RequestAccess,
} from '../../platform/auth/access-log.port.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { accountOf, assertFourEyes } from './policy.rules.ts';

export const JUDGEMENTS = ['justified', 'unjustified'] as const;
export type Judgement = (typeof JUDGEMENTS)[number];

export interface BrokenGlass {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string;
  readonly action: string;
  readonly source: string | null;
  readonly purpose: string;
  readonly reason: string;
  readonly requestId: string | null;
  readonly usedAt: Date;
  readonly review: { readonly judgement: Judgement; readonly subject: string; readonly reviewedAt: Date } | null;
}

const SELECT = `
  SELECT used.id, used.issuer, used.subject, used.client_id AS "clientId", used.action, source.name AS source, used.purpose,
         used.reason, used.request_id AS "requestId", used.used_at AS "usedAt",
         review.judgement, review.subject AS reviewer, review.reviewed_at AS "reviewedAt"
    FROM break_glass used
    LEFT JOIN source ON source.id = used.source_id
    LEFT JOIN break_glass_review review ON review.break_glass = used.id
   WHERE used.tenant_id = $1`;

type Row = Omit<BrokenGlass, 'review'> & {
  readonly judgement: Judgement | null;
  readonly reviewer: string;
  readonly reviewedAt: Date;
};

export class BreakGlassService {
  readonly #database: DataSource;
  readonly #log: AccessLog;
  readonly #clock: Clock;

  constructor(database: DataSource, log: AccessLog, clock: Clock) {
    this.#database = database;
    this.#log = log;
    this.#clock = clock;
  }

  /** Both records, this one and that of the access log, or neither. */
  async record(access: RequestAccess, entity: NonNullable<AccessEvent['entity']>): Promise<void> {
    const { caller, action, purposeOfUse, breakGlass, requestId } = access;
    await this.#database.transaction(async (transaction) => {
      await transaction.query(
        `INSERT INTO break_glass (tenant_id, issuer, subject, client_id, action, source_id, purpose, reason, request_id, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          caller.tenant.id,
          caller.issuer,
          caller.subject,
          caller.clientId,
          action,
          'sourceId' in entity ? entity.sourceId : null,
          purposeOfUse,
          breakGlass,
          requestId,
          this.#clock.now(),
        ],
      );
      await this.#log.recordWithin(queryable(transaction), { ...access, outcome: 'success', entity });
    });
  }

  /** Of one tenant, newest first. */
  async list(tenantId: string, before: bigint | null, limit: number): Promise<readonly BrokenGlass[]> {
    const rows = await this.#database.query<Row[]>(
      `${SELECT} AND ($2::bigint IS NULL OR used.id < $2) ORDER BY used.id DESC LIMIT $3`,
      [tenantId, before?.toString() ?? null, limit],
    );
    return rows.map(toBrokenGlass);
  }

  /**
   * What somebody else thinks of it. The first judgement stands.
   *
   * @throws {DomainError} `not-found` (also for one of another tenant), `own-work`, `already-reviewed`
   */
  async review(id: bigint, judgement: Judgement, access: RequestAccess): Promise<BrokenGlass> {
    const { caller } = access;
    return this.#database.transaction(async (transaction) => {
      const used = await find(transaction, caller.tenant.id, id);
      assertFourEyes(accountOf(used), accountOf(caller));
      const { length } = await transaction.query<unknown[]>(
        `INSERT INTO break_glass_review (break_glass, issuer, subject, judgement, reviewed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING break_glass`,
        [id.toString(), caller.issuer, caller.subject, judgement, this.#clock.now()],
      );
      if (length === 0) throw new DomainError('already-reviewed', 'somebody has judged it already, and that stands');
      const entity = { type: 'break-glass', id: id.toString() };
      await this.#log.recordWithin(queryable(transaction), { ...access, outcome: 'success', entity });
      return find(transaction, caller.tenant.id, id);
    });
  }
}

async function find(transaction: EntityManager, tenantId: string, id: bigint): Promise<BrokenGlass> {
  const [row] = await transaction.query<Row[]>(`${SELECT} AND used.id = $2`, [tenantId, id.toString()]);
  if (row === undefined)
    throw new DomainError('not-found', 'no glass was broken under this id: see GET /v1/break-glass');
  return toBrokenGlass(row);
}

function queryable(transaction: EntityManager): Queryable {
  return { query: (sql, values) => transaction.query(sql, [...values]) };
}

function toBrokenGlass({ judgement, reviewer, reviewedAt, ...used }: Row): BrokenGlass {
  return { ...used, review: judgement === null ? null : { judgement, subject: reviewer, reviewedAt } };
}
