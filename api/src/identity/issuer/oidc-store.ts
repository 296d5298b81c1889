// What oidc-provider keeps (sessions, grants, codes, refresh tokens, interactions, used assertions), in one table. A value
// that opens something is stored as its SHA-256 only: a copy of the database opens nothing.
import { createHash } from 'node:crypto';
import { type Pool } from '../../platform/database/pool.ts';

export interface StoredModel {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly consumedAt: Date | null;
}

export interface ModelRow {
  readonly type: string;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly lifeSeconds: number;
}

export class OidcStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async put(row: ModelRow): Promise<void> {
    await this.#pool.query(`${INSERT} ${REPLACE}`, valuesOf(row));
  }

  /** Of two that put the same at once, one gets false: that is what stops a replay. */
  async putOnce(row: ModelRow): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `${INSERT} ${REPLACE} WHERE oidc_model.expires_at <= now()`,
      valuesOf(row),
    );
    return rowCount === 1;
  }

  async get(type: string, id: string): Promise<StoredModel | null> {
    return this.#one(`type = $1 AND id = $2`, [type, digestOf(id)]);
  }

  async getByUid(type: string, uid: string): Promise<StoredModel | null> {
    return this.#one(`type = $1 AND uid = $2`, [type, uid]);
  }

  /** Of two that consume the same at once, one gets false. */
  async consume(type: string, id: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `UPDATE oidc_model SET consumed_at = now() WHERE type = $1 AND id = $2 AND consumed_at IS NULL`,
      [type, digestOf(id)],
    );
    return rowCount === 1;
  }

  async remove(type: string, id: string): Promise<void> {
    await this.#pool.query(`DELETE FROM oidc_model WHERE type = $1 AND id = $2`, [type, digestOf(id)]);
  }

  async removeGrant(type: string, grantId: string): Promise<void> {
    await this.#pool.query(`DELETE FROM oidc_model WHERE type = $1 AND grant_id = $2`, [type, grantId]);
  }

  async #one(condition: string, values: readonly unknown[]): Promise<StoredModel | null> {
    const { rows } = await this.#pool.query<{ payload: Record<string, unknown>; consumed_at: Date | null }>(
      `SELECT payload, consumed_at FROM oidc_model WHERE ${condition} AND expires_at > now()`,
      [...values],
    );
    const [row] = rows;
    return row === undefined ? null : { payload: row.payload, consumedAt: row.consumed_at };
  }
}

const INSERT = `INSERT INTO oidc_model (type, id, payload, grant_id, uid, account_id, session_uid, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))`;

const REPLACE = `ON CONFLICT (type, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
  account_id = excluded.account_id, session_uid = excluded.session_uid, expires_at = excluded.expires_at, consumed_at = NULL`;

function valuesOf({ type, id, payload, lifeSeconds }: ModelRow): unknown[] {
  const text = (member: string): string | null => {
    const value = payload[member];
    return typeof value === 'string' ? value : null;
  };
  return [
    type,
    digestOf(id),
    JSON.stringify(payload),
    // A grant's own id stands in its tokens and opens nothing; by it all of them are found together.
    type === 'Grant' ? id : text('grantId'),
    text('uid'),
    text('accountId'),
    text('sessionUid'),
    lifeSeconds,
  ];
}

function digestOf(id: string): Buffer {
  return createHash('sha256').update(id, 'utf8').digest();
}
