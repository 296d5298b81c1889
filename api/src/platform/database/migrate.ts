// Runs pending migrations, one process at a time: several instances may start at once on one database. And, when the service
// has a database role of its own, gives that role its rights.
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './database.module.ts';
import { ensureRole, roleOf } from './database-role.ts';
import { grant } from './migrations/grants.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Advisory lock key: "medm" in ASCII. */
const LOCK = 0x6d65646d;

/** Names of all migrations of this version, in order. */
export function applicableMigrations(): readonly string[] {
  return MIGRATIONS.map((Migration) => new Migration().name);
}

/** Where the service works, and where its schema is made: two roles, or one for both. */
export interface DatabaseUrls {
  readonly DATABASE_URL: string;
  readonly DATABASE_OWNER_URL?: string | undefined;
}

/**
 * With an owner: migrates as the owner, creates the service's role when it is not there, and gives it what
 * migrations/grants.ts says. Without: migrates as the service's own role, which must then own the schema, or find it up to date.
 *
 * @returns names of the migrations that were applied
 */
export async function migrateFor(
  { DATABASE_URL: service, DATABASE_OWNER_URL: owner }: DatabaseUrls,
  only: readonly string[] | null = null,
): Promise<readonly string[]> {
  if (owner === undefined) return migrate(service, only);
  return migrate(owner, only, async (client) => {
    const role = await roleOf(service);
    const { rows } = await client.query<{ owner: string }>('SELECT current_user::text AS owner');
    // The same role for both: it has every right already.
    if (rows[0]?.owner === role) return;
    await ensureRole(client, role, service);
    await grant(client, role);
  });
}

/**
 * @param only names of the migrations that may be applied: an older schema, for a restore. Default: all.
 * @param afterwards runs under the same lock
 * @returns names of the migrations that were applied
 */
export async function migrate(
  url: string,
  only: readonly string[] | null = null,
  afterwards: (client: pg.Client) => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'medanchor-migrate' });
  // Its loss is reported by the query that needs it; an error event without a listener would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const migrations = MIGRATIONS.filter((Migration) => only?.includes(new Migration().name) ?? true);
    const database = await new DataSource({ ...dataSourceOptions(url, []), migrations }).initialize();
    try {
      const applied = (await database.runMigrations()).map((migration) => migration.name);
      await afterwards(client);
      return applied;
    } finally {
      await database.destroy();
    }
  } finally {
    // Ends the session and with it the lock.
    await client.end();
  }
}
