// Tenants by name, for commands and for the first administrator.
import { randomUUID } from 'node:crypto';
import { type TenantRef } from '../../platform/auth/principal.ts';
import { type Pool } from '../../platform/database/pool.ts';

export const DEFAULT_TENANT = 'default';

/** Idempotent, also when several processes meet a new tenant at once. */
export async function ensureTenant(database: Pick<Pool, 'query'>, name: string): Promise<TenantRef> {
  await database.query(`INSERT INTO tenant (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, [
    randomUUID(),
    name,
  ]);
  const tenant = await findTenant(database, name);
  if (tenant === null) throw new Error('a tenant that was just ensured is not there');
  return tenant;
}

export async function findTenant(database: Pick<Pool, 'query'>, name: string): Promise<TenantRef | null> {
  const { rows } = await database.query<TenantRef>(`SELECT id, name FROM tenant WHERE name = $1`, [name]);
  return rows[0] ?? null;
}
