// The launcher's own PostgreSQL: where its files lie, which port it has, and how it starts. Not used with DATABASE_URL.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ensureSecret, readSecret, replaceFile, type DataFolder } from './data-folder.ts';
import { freePort, isFree, requireFree } from './ports.ts';
import { canReach, databaseAccount, letThrough, SHARED_ROOT, type Account } from './postgres-account.ts';
import {
  APP_ROLE,
  databaseUrl,
  ensureDatabase,
  newPassword,
  startPostgres,
  stopOrphan,
  type Postgres,
} from './postgres.ts';

export const DATABASE = 'medanchor';

const stateSchema = z.strictObject({ cluster: z.string(), port: z.number().int().positive() });

export interface EmbeddedDatabase {
  /** As the owner of everything. */
  readonly url: string;
  /** As the role that the service works as; it comes into being with the schema. */
  readonly appUrl: string;
  readonly cluster: string;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** `fixedPort` is POSTGRES_PORT when the user set it. */
export async function startEmbeddedDatabase(
  folder: DataFolder,
  fixedPort: number | undefined,
  note: (text: string) => void,
  onLine: (line: string) => void,
): Promise<EmbeddedDatabase> {
  const account = databaseAccount();
  ensureSecret(folder.postgresPassword, newPassword());
  const password = readSecret(folder.postgresPassword);
  ensureSecret(folder.postgresAppPassword, newPassword());
  const state = readState(folder);
  if (account !== undefined) letThrough(folder.root, account);
  const cluster = state?.cluster ?? chooseCluster(folder, account, note);
  if (await stopOrphan(cluster, password)) note('stopped the PostgreSQL server that an interrupted run left behind');
  const port = await choosePort(fixedPort, state?.port);
  // Remembered before the first use, so that an interrupted start finds its own files again.
  replaceFile(folder.postgresState, `${JSON.stringify({ cluster, port })}\n`);
  const server = await startPostgres({ clusterDir: cluster, account, port, password, onLine });
  await createOrStop(server);
  const appUrl = databaseUrl(port, readSecret(folder.postgresAppPassword), DATABASE, APP_ROLE);
  return { url: server.url(DATABASE), appUrl, cluster, exited: server.exited, stop: () => server.stop() };
}

async function createOrStop(server: Postgres): Promise<void> {
  try {
    await ensureDatabase(server, DATABASE);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function readState(folder: DataFolder): z.infer<typeof stateSchema> | undefined {
  if (!existsSync(folder.postgresState)) return undefined;
  return stateSchema.parse(JSON.parse(readFileSync(folder.postgresState, 'utf8')));
}

/** In the data folder, unless we are root and its parents are closed to the database account (/root, for example). */
function chooseCluster(folder: DataFolder, account: Account | undefined, note: (text: string) => void): string {
  if (account === undefined || canReach(folder.root, account)) {
    return path.join(realpathSync(folder.root), path.basename(folder.postgresCluster));
  }
  mkdirSync(SHARED_ROOT, { recursive: true, mode: 0o755 });
  const cluster = path.join(SHARED_ROOT, `data-${randomBytes(8).toString('hex')}`);
  note(`PostgreSQL does not run as root and cannot enter ${folder.root}; its files go to ${cluster}`);
  return cluster;
}

/** The user's port, else the remembered one while it is free, else any free one. */
async function choosePort(fixed: number | undefined, remembered: number | undefined): Promise<number> {
  if (fixed !== undefined) {
    await requireFree(fixed, '127.0.0.1', 'the embedded PostgreSQL', 'POSTGRES_PORT');
    return fixed;
  }
  return remembered !== undefined && (await isFree(remembered)) ? remembered : await freePort();
}
