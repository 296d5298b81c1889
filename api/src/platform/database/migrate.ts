// Runs pending migrations, one process at a time: several instances may start at once on one database.
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './database.module.ts';

/** Advisory lock key: "medm" in ASCII. */
const LOCK = 0x6d65646d;

/** @returns names of the migrations that were applied */
export async function migrate(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'medanchor-migrate' });
  // Its loss is reported by the query that needs it; an error event without a listener would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const database = await new DataSource(dataSourceOptions(url, [])).initialize();
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
