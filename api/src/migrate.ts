// The program that makes the schema and gives the service's role its rights, so that the service itself need not know how to
// connect as the owner: `node api/dist/migrate.js` with DATABASE_URL and DATABASE_OWNER_URL. The launcher and the container
// set-up run it before the service starts.
import { ConfigError, loadMigrateConfig } from './platform/config/config.schema.ts';
import { migrateFor } from './platform/database/migrate.ts';

/** @returns the exit code: 0 the schema is up to date, 1 it could not be brought there, 2 configuration */
async function main(): Promise<number> {
  try {
    for (const name of await migrateFor(loadMigrateConfig(process.env))) process.stdout.write(`applied ${name}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

process.exitCode = await main();
