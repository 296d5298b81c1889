// Brings the schema up to date as the database's owner, in a process of its own: the service is then started without that
// role's password or certificate.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { databaseTlsSettings } from '../../api/src/platform/config/key.settings.ts';
import { PROJECT_ROOT, type Environment } from './settings.ts';

/** Beside the URLs, all that says how a database is reached. */
const NETWORK = ['INSECURE_NETWORK', ...Object.keys(databaseTlsSettings)];

/**
 * @param environment of a database of the user's own; the embedded one needs nothing of it
 * @throws with what the program said when it failed
 */
export async function migrateAsOwner(
  serviceUrl: string,
  ownerUrl: string,
  environment: Environment = {},
): Promise<void> {
  const network = Object.fromEntries(NETWORK.map((name) => [name, environment[name]]));
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'api', 'dist', 'migrate.js')], {
    env: { PATH: process.env['PATH'], ...network, DATABASE_URL: serviceUrl, DATABASE_OWNER_URL: ownerUrl },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the database's schema could not be brought up to date: ${said.trim()}`);
}
