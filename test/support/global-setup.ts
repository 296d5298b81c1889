// Before all tests: one throw-away PostgreSQL 18 in a temporary folder, on a free port. Test files take a database of
// their own from it (database.ts). It ends with the test run, even when that is killed.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/launch/ports.ts';
import { canReach, databaseAccount } from '../../scripts/launch/postgres-account.ts';
import { APP_ROLE, newPassword, startPostgres } from '../../scripts/launch/postgres.ts';
import { APP_PASSWORD } from './database.ts';

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

export default async function startTestPostgres(): Promise<void> {
  // Hardhat in process looks for it before the first compilation, and under jest it does not recognise "no such folder":
  // errors of Node's own modules come from another realm there.
  mkdirSync('artifacts/build-info', { recursive: true });
  const account = databaseAccount();
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-postgres-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  // When jest leaves without calling the teardown. A signal is covered by scripts/test.ts.
  process.once('exit', remove);
  if (account !== undefined) {
    chmodSync(folder, 0o711);
    if (!canReach(folder, account)) {
      throw new Error(
        `PostgreSQL does not run as root, and its account cannot enter ${folder}; set TMPDIR to an open folder`,
      );
    }
  }
  const server = await startPostgres({
    clusterDir: path.join(folder, 'postgres'),
    account,
    port: await freePort(),
    password: newPassword(),
    throwAway: true,
    onLine: () => undefined,
  });
  process.env['TEST_POSTGRES_URL'] = server.url('postgres');
  await createServiceRole(server.url('postgres'));
  globalThis.stopTestPostgres = async () => {
    await server.stop();
    remove();
  };
}

/** Roles belong to the server: made once, or the databases of several test files would make it at once. */
async function createServiceRole(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE ROLE ${APP_ROLE} LOGIN PASSWORD '${APP_PASSWORD}'`);
  } finally {
    await client.end();
  }
}
