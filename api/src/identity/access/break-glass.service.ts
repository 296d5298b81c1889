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
import { type FieldCipher } from '../../platform/keys/field-cipher.ts';
import { openReason, sealReason } from './break-glass-reason.ts';
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
  /** Null when what is stored cannot be opened, or is not what was committed to. */
  readonly reason: string | null;
  /** With the reason it opens the commitment; 32 octets. */
  readonly salt: Uint8Array | null;
  /** As it stands in the access log; null for a use of a time when the reason itself stood there. */
  readonly commitment: Uint8Array | null;
  readonly requestId: string | null;
  readonly usedAt: Date;
  readonly review: { readonly judgement: Judgement; readonly subject: string; readonly reviewedAt: Date } | null;
}

const SELECT = `
  SELECT used.id, used.issuer, used.subject, used.client_id AS "clientId", used.action, source.name AS source, used.purpose,
         used.reason, used.reason_id AS "reasonId", sealed_reason.sealed, used.commitment, used.request_id AS "requestId", used.used_at AS "usedAt",
         review.judgement, review.subject AS reviewer, review.reviewed_at AS "reviewedAt"
    FROM break_glass used
    LEFT JOIN source ON source.id = used.source_id
    LEFT JOIN break_glass_reason sealed_reason ON sealed_reason.id = used.reason_id
    LEFT JOIN break_glass_review review ON review.break_glass = used.id
   WHERE used.tenant_id = $1`;

type Row = Omit<BrokenGlass, 'review' | 'salt'> & {
  readonly reasonId: string | null;
  readonly sealed: string | null;
  readonly judgement: Judgement | null;
  readonly reviewer: string;
  readonly reviewedAt: Date;
};

export class BreakGlassService {
  readonly #database: DataSource;
  readonly #log: AccessLog;
  readonly #fields: FieldCipher;
  readonly #clock: Clock;

  constructor(database: DataSource, log: AccessLog, fields: FieldCipher, clock: Clock) {
    this.#database = database;
    this.#log = log;
    this.#fields = fields;
    this.#clock = clock;
  }

  /**
   * Both records, this one and that of the access log, or neither.
   *
   * @param reason as it was given
   * @returns the access, with the commitment to the reason
   * @throws {DomainError} `unavailable` when the key service cannot be reached
   */
  async record(
    access: RequestAccess,
    reason: string,
    entity: NonNullable<AccessEvent['entity']>,
  ): Promise<RequestAccess> {
    const { caller, action, purposeOfUse, requestId } = access;
    const { id, sealed, commitment } = await sealReason(this.#fields, reason);
    const broken = { ...access, breakGlass: commitment };
    await this.#database.transaction(async (transaction) => {
      await transaction.query(
        `WITH kept AS (INSERT INTO break_glass_reason (id, sealed) VALUES ($8, $9) RETURNING id)
         INSERT INTO break_glass (tenant_id, issuer, subject, client_id, action, source_id, purpose, reason_id, commitment, request_id, used_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, kept.id, $10, $11, $12 FROM kept`,
        [
          caller.tenant.id,
          caller.issuer,
          caller.subject,
          caller.clientId,
          action,
          'sourceId' in entity ? entity.sourceId : null,
          purposeOfUse,
          id,
          sealed,
          Buffer.from(commitment),
          requestId,
          this.#clock.now(),
        ],
      );
      await this.#log.recordWithin(queryable(transaction), { ...broken, outcome: 'success', entity });
    });
    return broken;
  }

  /** Of one tenant, newest first. */
  async list(tenantId: string, before: bigint | null, limit: number): Promise<readonly BrokenGlass[]> {
    const rows = await this.#database.query<Row[]>(
      `${SELECT} AND ($2::bigint IS NULL OR used.id < $2) ORDER BY used.id DESC LIMIT $3`,
      [tenantId, before?.toString() ?? null, limit],
    );
    return Promise.all(rows.map((row) => this.#open(row)));
  }

  /**
   * What somebody else thinks of it. The first judgement stands.
   *
   * @throws {DomainError} `not-found` (also for one of another tenant), `own-work`, `already-reviewed`
   */
  async review(id: bigint, judgement: Judgement, access: RequestAccess): Promise<BrokenGlass> {
    const { caller } = access;
    const judged = await this.#database.transaction(async (transaction) => {
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
    return this.#open(judged);
  }

  async #open({ judgement, reviewer, reviewedAt, reasonId, sealed, ...used }: Row): Promise<BrokenGlass> {
    const review = judgement === null ? null : { judgement, subject: reviewer, reviewedAt };
    const { commitment } = used;
    if (reasonId === null || sealed === null || commitment === null) return { ...used, salt: null, review };
    const opened = await openReason(this.#fields, { id: reasonId, sealed, commitment });
    return { ...used, reason: opened?.reason ?? null, salt: opened?.salt ?? null, review };
  }
}

async function find(transaction: EntityManager, tenantId: string, id: bigint): Promise<Row> {
  const [row] = await transaction.query<Row[]>(`${SELECT} AND used.id = $2`, [tenantId, id.toString()]);
  if (row === undefined)
    throw new DomainError('not-found', 'no glass was broken under this id: see GET /v1/break-glass');
  return row;
}

function queryable(transaction: EntityManager): Queryable {
  return { query: (sql, values) => transaction.query(sql, [...values]) };
}
