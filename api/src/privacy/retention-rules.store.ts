// How long the records of a source are kept. One rule at a time for each source; a removed one stays as history.
import { inTransaction, type Pool } from '../platform/database/pool.ts';
import { type Account } from '../identity/index.ts';
import { type Within } from './events.ts';

export interface RetentionRule {
  readonly id: string;
  readonly sourceId: string;
  /** After the last version of a record. */
  readonly months: number;
  /** erase: by itself. review: people are asked. */
  readonly action: 'erase' | 'review';
  readonly paused: boolean;
  readonly createdBy: Account;
  readonly createdAt: Date;
  /** Who let it run; for `erase` somebody else than who made it. */
  readonly activatedBy: Account | null;
  readonly removedAt: Date | null;
}

const RULE = `SELECT id, source_id AS "sourceId", months, action, paused, created_by AS "createdBy", created_at AS "createdAt",
    activated_by AS "activatedBy", removed_at AS "removedAt" FROM retention_rule`;

export class RetentionRules {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @returns false when the source has a rule already */
  async add(rule: Omit<RetentionRule, 'activatedBy' | 'removedAt'>, within: Within): Promise<boolean> {
    const { id, sourceId, months, action, paused, createdBy, createdAt } = rule;
    return this.#write(
      `INSERT INTO retention_rule (id, source_id, months, action, paused, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT DO NOTHING`,
      [id, sourceId, months, action, paused, createdBy, createdAt],
      within,
    );
  }

  async find(sourceId: string, id: string): Promise<RetentionRule | null> {
    const [rule] = await this.#read('WHERE source_id = $1 AND id = $2 AND removed_at IS NULL', [sourceId, id]);
    return rule ?? null;
  }

  /** Newest first, removed ones included. */
  async list(sourceId: string): Promise<readonly RetentionRule[]> {
    return this.#read('WHERE source_id = $1 ORDER BY created_at DESC, id LIMIT 200', [sourceId]);
  }

  /** Those that run now. */
  async running(): Promise<readonly RetentionRule[]> {
    return this.#read('WHERE removed_at IS NULL AND NOT paused ORDER BY created_at, id', []);
  }

  async #read(where: string, values: unknown[]): Promise<readonly RetentionRule[]> {
    return (await this.#pool.query<RetentionRule>(`${RULE} ${where}`, values)).rows;
  }

  async pause(id: string, within: Within): Promise<void> {
    await this.#write('UPDATE retention_rule SET paused = true WHERE id = $1', [id], within);
  }

  /** @param by null: let it run as it did before */
  async activate(id: string, by: Account | null, within: Within): Promise<void> {
    await this.#write(
      'UPDATE retention_rule SET paused = false, activated_by = coalesce($2, activated_by) WHERE id = $1',
      [id, by],
      within,
    );
  }

  async remove(id: string, by: Account, at: Date, within: Within): Promise<void> {
    await this.#write(
      'UPDATE retention_rule SET removed_by = $2, removed_at = $3 WHERE id = $1 AND removed_at IS NULL',
      [id, by, at],
      within,
    );
  }

  /** @returns false when nothing was to be done: then there is nothing to tell, either */
  async #write(statement: string, values: unknown[], within: Within): Promise<boolean> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const { rowCount } = await client.query(statement, values);
      if (rowCount === 1) await within(client);
      return rowCount === 1;
    });
  }
}
