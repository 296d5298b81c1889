// Runs pending migrations, one process at a time: several instances may start at once on one database.
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './database.module.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** Advisory lock key: "medm" in ASCII. */
const LOCK = 0x6d65646d;

/** Names of all migrations of this version, in order. */
export function applicableMigrations(): readonly string[] {
  return MIGRATIONS.map((Migration) => new Migration().name);
}

/**
 * @param only names of the migrations that may be applied: an older schema, for a restore. Default: all.
 * @returns names of the migrations that were applied
 */
export async function migrate(url: string, only: readonly string[] | null = null): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'medanchor-migrate' });
  // Its loss is reported by the query that needs it; an error event without a listener would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const migrations = MIGRATIONS.filter((Migration) => only?.includes(new Migration().name) ?? true);
    const database = await new DataSource({ ...dataSourceOptions(url, []), migrations }).initialize();
    try {
      return (await database.runMigrations()).map((migration) => migration.name);
    } finally {
      await database.destroy();
    }
  } finally {
    // Ends the session and with it the lock.
    await client.end();
  }
}
