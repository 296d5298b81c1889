import { type TenantRef } from '../../platform/auth/principal.ts';
import { type Pool } from '../../platform/database/pool.ts';

/** By name, also within a transaction. */
export async function findTenant(database: Pick<Pool, 'query'>, name: string): Promise<TenantRef | null> {
  const { rows } = await database.query<TenantRef>(`SELECT id, name FROM tenant WHERE name = $1`, [name]);
  return rows[0] ?? null;
}
