// For commands that need database and chain whether or not `npm start` is running on the same data folder: beside it they
// use what runs, else they start both for themselves and stop them again. Nothing is deployed, funded or created beside
// a running instance.

import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readDeployment } from '../deploy/deployment.ts';
import { LockHeldError } from '../prepare/lock.mjs';
import { dataFolderAt, readSecret, type DataFolder } from './data-folder.ts';
import { DATABASE } from './embedded-database.ts';
import {
  chosenPlace,
  kekOf,
  startFoundation,
  stopParts,
  type AnchorPlace,
  type FoundationOptions,
} from './foundation.ts';
import { APP_ROLE, databaseUrl } from './postgres.ts';
import { readRunning, type Running } from './running.ts';
import { serviceEnvironment, type LauncherSettings } from './settings.ts';

export interface Attached {
  /** The complete environment of the service, as `startFoundation` gives it. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: DataFolder;
  /** True when another process runs the parts; they are then left alone. */
  readonly attached: boolean;
  /** Stops what was started for this command; nothing when attached. */
  release(): Promise<void>;
}

/** There is no ledger to work on; a command that only reads must not make one. */
export class NoLedgerError extends Error {
  override readonly name = 'NoLedgerError';
}

/** Another launcher holds the folder, but is on its way up or down. */
const READY_WITHIN_MS = 120_000;

/**
 * @throws {NoLedgerError} when the data folder has never been used and no DATABASE_URL is given
 */
export async function attachOrStart(options: FoundationOptions): Promise<Attached> {
  const { settings, step, signal } = options;
  const folder = dataFolderAt(settings.MEDANCHOR_HOME);
  if (settings.DATABASE_URL === undefined && !existsSync(folder.postgresState))
    throw new NoLedgerError(
      `there is no ledger in ${folder.root}: set MEDANCHOR_HOME to its data folder, or DATABASE_URL and the chain's settings`,
    );
  // With a database and a chain of the user's own, the folder gives keys at most, and nobody's way is crossed.
  if (settings.DATABASE_URL !== undefined && settings.CHAIN_RPC_URL !== undefined)
    return attach(options, folder, { ...placeOf(settings, folder), databasePort: null, chainUrl: null });
  let waiting = false;
  for (const deadline = Date.now() + READY_WITHIN_MS; ;) {
    const running = readRunning(folder);
    if (running !== null) return attach(options, folder, running);
    try {
      const { env, parts } = await startFoundation({ ...options, withoutApi: true });
      return { env, folder, attached: false, release: () => stopParts(parts) };
    } catch (error) {
      // The holder may end in the meantime: then the next round starts the parts itself.
      if (!((error as Error).cause instanceof LockHeldError) || Date.now() > deadline) throw error;
    }
    if (!waiting) step('waiting for the MedAnchor that is starting or stopping on the same folder');
    waiting = true;
    signal?.throwIfAborted();
    await delay(250);
  }
}

function attach({ settings, environment }: FoundationOptions, folder: DataFolder, running: Running): Attached {
  const env = serviceEnvironment(environment, {
    ANCHOR_KEY_FILE: settings.ANCHOR_KEY_FILE ?? folder.anchorKey,
    CHECKPOINT_KEY_FILE: settings.CHECKPOINT_KEY_FILE ?? folder.checkpointKey,
    KEK_FILE: kekOf(settings, folder),
    DATABASE_URL: urlOf(folder, running, settings),
    CHAIN_RPC_URL: settings.CHAIN_RPC_URL ?? required(running.chainUrl, 'CHAIN_RPC_URL'),
    CHAIN_ID: running.chainId,
    ANCHOR_CONTRACT: running.contract,
    LOG_ORIGIN: running.origin,
    HOST: settings.HOST,
    PORT: String(settings.PORT),
  });
  return { env, folder, attached: true, release: async () => undefined };
}

function urlOf(folder: DataFolder, { databasePort }: Running, settings: LauncherSettings): string {
  if (settings.DATABASE_URL !== undefined || databasePort === null)
    return required(settings.DATABASE_URL, 'DATABASE_URL');
  return databaseUrl(databasePort, readSecret(folder.postgresAppPassword), DATABASE, APP_ROLE);
}

/** Where the log is anchored, when nothing of ours runs that could say it. */
function placeOf(settings: LauncherSettings, folder: DataFolder): AnchorPlace & { readonly origin: string } {
  const place = chosenPlace(settings, readDeployment(folder.deployment));
  if (place !== undefined) return { ...place, origin: settings.LOG_ORIGIN };
  throw new Error(`${folder.deployment} is not there: set ANCHOR_CONTRACT and CHAIN_ID, as the service has them`);
}

function required(value: string | null | undefined, name: string): string {
  if (value !== undefined && value !== null) return value;
  throw new Error(`the MedAnchor that runs on this folder was given its own ${name}: give the same to this command`);
}
