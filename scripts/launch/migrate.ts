// Brings the schema up to date as the database's owner, in a process of its own: the service is then started without that
// role's password.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { PROJECT_ROOT } from './settings.ts';

/** @throws with what the program said when it failed */
export async function migrateAsOwner(serviceUrl: string, ownerUrl: string): Promise<void> {
  const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'api', 'dist', 'migrate.js')], {
    env: { PATH: process.env['PATH'], DATABASE_URL: serviceUrl, DATABASE_OWNER_URL: ownerUrl },
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
