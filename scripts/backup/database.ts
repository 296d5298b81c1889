// The database alone, for a backup: the one that runs, or one that is started for it. A chain that cannot start, or keys
// that are not there, must not stand in the way of a backup.

import { createWriteStream, existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataFolderAt, openDataFolder, readSecret, type DataFolder } from '../launch/data-folder.ts';
import { DATABASE, startEmbeddedDatabase } from '../launch/embedded-database.ts';
import { databaseUrl } from '../launch/postgres.ts';
import { readRunning } from '../launch/running.ts';
import type { LauncherSettings } from '../launch/settings.ts';
import { LockHeldError } from '../prepare/lock.mjs';

export interface OpenDatabase {
  /** As the owner of the tables. */
  readonly url: string;
  /** As the role that the service works as, when it is another. */
  readonly appUrl?: string;
  /** Stops what was started for us; leaves alone what ran before. */
  release(): Promise<void>;
}

/** Another launcher holds the folder, but is on its way up or down. */
const READY_WITHIN_MS = 120_000;

/** @throws when there is no database in the data folder, and none is made: there is nothing to back up */
export async function openDatabase(settings: LauncherSettings, say: (text: string) => void): Promise<OpenDatabase> {
  if (settings.DATABASE_URL !== undefined) return { url: settings.DATABASE_URL, release: async () => undefined };
  const folder = dataFolderAt(settings.MEDANCHOR_HOME);
  if (!existsSync(folder.postgresState)) {
    throw new Error(
      `there is no ledger in ${folder.root}: nothing to back up. Set MEDANCHOR_HOME to its data folder, or DATABASE_URL`,
    );
  }
  let waiting = false;
  for (const deadline = Date.now() + READY_WITHIN_MS; ;) {
    const port = readRunning(folder)?.databasePort ?? null;
    if (port !== null)
      return {
        url: databaseUrl(port, readSecret(folder.postgresPassword), DATABASE),
        release: async () => undefined,
      };
    try {
      return await startAlone(folder, settings, say);
    } catch (error) {
      if (!((error as Error).cause instanceof LockHeldError) || Date.now() > deadline) throw error;
    }
    if (!waiting) say('waiting for the MedAnchor that is starting or stopping on the same folder');
    waiting = true;
    await delay(250);
  }
}

/** Takes the data folder and starts its PostgreSQL. A cluster that is not there is initialised: see restore. */
export async function startAlone(
  folder: DataFolder,
  settings: LauncherSettings,
  say: (text: string) => void,
): Promise<OpenDatabase> {
  const lock = openDataFolder(folder);
  try {
    say('starting PostgreSQL');
    const log = createWriteStream(path.join(folder.logs, 'postgres.log'), { flags: 'a', mode: 0o600 });
    const database = await startEmbeddedDatabase(folder, settings.POSTGRES_PORT, say, (line) => log.write(`${line}\n`));
    return {
      url: database.url,
      appUrl: database.appUrl,
      release: async () => {
        await database.stop();
        log.end();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
