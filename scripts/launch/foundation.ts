// What the service stands on: data folder, database, chain, keys, contract. Started in this order, stopped in reverse.
// `npm start` puts the API on top (instance.ts); `npm run epoch` uses it without. A command that may run beside either
// enters by attach.ts.

import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { startLocalChain } from '../chain/local-chain.ts';
import { readDeployment, type Deployment } from '../deploy/deployment.ts';
import { deployRegistry } from '../deploy/deploy-registry.ts';
import { fundFromWellKnownAccount } from '../deploy/local-funds.ts';
import {
  dataFolderAt,
  ensureIssuerKey,
  ensureKey,
  openDataFolder,
  readSecret,
  type DataFolder,
} from './data-folder.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';
import { migrateAsOwner } from './migrate.ts';
import { requireFree } from './ports.ts';
import { announceRunning } from './running.ts';
import { serviceEnvironment, type Environment, type LauncherSettings } from './settings.ts';

export interface FoundationOptions {
  readonly settings: LauncherSettings;
  readonly environment: Environment;
  /** One line about what is happening now. */
  readonly step: (text: string) => void;
  /** Something that the user should read, now or later. */
  readonly notice: (text: string) => void;
  /** Gives up between two steps; what was started is stopped. */
  readonly signal?: AbortSignal;
  /**
   * On the local chain, deploy when it does not have the log's contract, or a new contract in any case: the operator's
   * wish, never a default.
   */
  readonly deployAnew?: 'if-gone' | 'again';
  /** No API will be put on top: its port need not be free. */
  readonly withoutApi?: boolean;
}

export interface Foundation {
  readonly folder: DataFolder;
  /** As the owner of the tables, when that role is known. The service works as another: `env` has its URL. */
  readonly databaseUrl: string;
  readonly chainUrl: string;
  readonly embedded: { readonly database: boolean; readonly chain: boolean };
  readonly anchor: AnchorPlace;
  /** The complete environment of the service. */
  readonly env: Readonly<Record<string, string>>;
  /** What was started, in order; `stopParts` ends it. */
  readonly parts: Part[];
}

/** Where the service is told that its anchors are. */
export interface AnchorPlace {
  readonly chainId: string;
  readonly contract: string;
}

export interface Part {
  /** Resolves when a process ends, with what is to be said about it. */
  readonly exited?: Promise<string>;
  stop(): Promise<void>;
}

export async function stopParts(parts: Part[]): Promise<void> {
  for (const part of parts.splice(0).reverse()) await part.stop();
}

/** When anything fails, what was started is stopped again before the error is thrown. */
export async function startFoundation(options: FoundationOptions): Promise<Foundation> {
  const { settings, signal } = options;
  const folder = dataFolderAt(settings.MEDANCHOR_HOME);
  const parts: Part[] = [];
  try {
    const lock = openDataFolder(folder);
    parts.push({ stop: async () => lock.release() });
    await requirePorts(options);
    signal?.throwIfAborted();
    const database = await startDatabase(options, folder, parts);
    signal?.throwIfAborted();
    const keys = ensureKeys(settings, folder);
    const chainUrl = await startChain(options, folder, parts);
    signal?.throwIfAborted();
    const anchor = await findAnchorPlace(options, folder, chainUrl, keys.ANCHOR_KEY_FILE);
    signal?.throwIfAborted();
    const embedded = { database: settings.DATABASE_URL === undefined, chain: settings.CHAIN_RPC_URL === undefined };
    const env = serviceEnvironment(options.environment, {
      ...keys,
      DATABASE_URL: database.serviceUrl,
      // What needs the owner was done above; the service must not be able to become it.
      DATABASE_OWNER_URL: '',
      DATABASE_OWNER_CERT_FILE: '',
      DATABASE_OWNER_KEY_FILE: '',
      CHAIN_RPC_URL: chainUrl,
      CHAIN_ID: anchor.chainId,
      ANCHOR_CONTRACT: anchor.contract,
      LOG_ORIGIN: settings.LOG_ORIGIN,
      HOST: settings.HOST,
      PORT: String(settings.PORT),
      // Entries hold no patient data; on one's own machine everybody may try a third-party log client.
      ENTRY_BUNDLES: options.environment['ENTRY_BUNDLES'] ?? (embedded.database ? 'public' : undefined),
      SETUP_TOKEN_FILE: options.environment['SETUP_TOKEN_FILE'] ?? folder.setupToken,
      // Gas costs nothing on the local chain, and a newcomer is waiting.
      ANCHOR_INTERVAL_MS: options.environment['ANCHOR_INTERVAL_MS'] ?? (embedded.chain ? '2000' : undefined),
    });
    parts.push(
      announceRunning(folder, {
        databasePort: embedded.database ? Number(new URL(database.serviceUrl).port) : null,
        chainUrl: embedded.chain ? chainUrl : null,
        ...anchor,
        origin: settings.LOG_ORIGIN,
      }),
    );
    return { folder, databaseUrl: database.ownerUrl ?? database.serviceUrl, chainUrl, embedded, anchor, env, parts };
  } catch (error) {
    await stopParts(parts);
    throw error;
  }
}

/** Before anything is started, so that a busy port costs nothing but the message. */
async function requirePorts({ settings, withoutApi }: FoundationOptions): Promise<void> {
  if (withoutApi !== true) await requireFree(settings.PORT, settings.HOST, 'the API', 'PORT');
  if (settings.CHAIN_RPC_URL === undefined) {
    await requireFree(settings.CHAIN_PORT, '127.0.0.1', 'the local chain', 'CHAIN_PORT');
  }
}

async function startDatabase(
  { settings, environment, step, notice }: FoundationOptions,
  folder: DataFolder,
  parts: Part[],
): Promise<{ readonly serviceUrl: string; readonly ownerUrl: string | undefined }> {
  if (settings.DATABASE_URL !== undefined) {
    const given = { serviceUrl: settings.DATABASE_URL, ownerUrl: settings.DATABASE_OWNER_URL };
    if (given.ownerUrl !== undefined) await migrateAsOwner(given.serviceUrl, given.ownerUrl, environment);
    return given;
  }
  step('starting PostgreSQL');
  const log = openLog(folder, 'postgres.log');
  const database = await startEmbeddedDatabase(folder, settings.POSTGRES_PORT, notice, (line) =>
    log.write(`${line}\n`),
  );
  parts.push(database);
  await migrateAsOwner(database.appUrl, database.url);
  return { serviceUrl: database.appUrl, ownerUrl: database.url };
}

async function startChain(
  { settings, step, notice }: FoundationOptions,
  folder: DataFolder,
  parts: Part[],
): Promise<string> {
  if (settings.CHAIN_RPC_URL !== undefined) return settings.CHAIN_RPC_URL;
  step('starting the local chain');
  const chain = await startLocalChain({ dataDir: folder.chain, port: settings.CHAIN_PORT });
  parts.push(chain);
  if (chain.dropped > 0)
    notice('the last, half-written line of the chain journal was dropped; its sender never had an answer');
  return chain.url;
}

interface KeyFiles {
  readonly ANCHOR_KEY_FILE: string;
  readonly CHECKPOINT_KEY_FILE: string;
  /** None with a key service, unless there is one from before: what it has wrapped stays readable. */
  readonly KEK_FILE: string | undefined;
  readonly ISSUER_KEY_FILE: string;
}

/** The user's key files, else ours, which are made on first use. */
function ensureKeys(settings: LauncherSettings, folder: DataFolder): KeyFiles {
  const own = (file: string): string => {
    ensureKey(file);
    return file;
  };
  return {
    ANCHOR_KEY_FILE: settings.ANCHOR_KEY_FILE ?? own(folder.anchorKey),
    CHECKPOINT_KEY_FILE: settings.CHECKPOINT_KEY_FILE ?? own(folder.checkpointKey),
    KEK_FILE: settings.KEY_PROVIDER === 'local' ? (settings.KEK_FILE ?? own(folder.kek)) : kekOf(settings, folder),
    ISSUER_KEY_FILE: settings.ISSUER_KEY_FILE ?? ensureIssuerKey(folder.issuerKey),
  };
}

/** The KEK file that is there, with a key service too: see KeyFiles. */
export function kekOf(settings: LauncherSettings, folder: DataFolder): string | undefined {
  if (settings.KEK_FILE !== undefined) return settings.KEK_FILE;
  return settings.KEY_PROVIDER === 'local' || existsSync(folder.kek) ? folder.kek : undefined;
}

/**
 * A contract is deployed without being asked only on the local chain, and only for a log that has none. When the log has
 * one, it stays the log's contract, even if this chain does not know it: then the service says `chain-mismatch`.
 */
async function findAnchorPlace(
  options: FoundationOptions,
  folder: DataFolder,
  rpcUrl: string,
  anchorKeyFile: string,
): Promise<AnchorPlace> {
  const { settings, step } = options;
  const known = readDeployment(folder.deployment);
  if (known !== undefined && known.origin !== settings.LOG_ORIGIN) {
    throw new Error(
      `LOG_ORIGIN is ${settings.LOG_ORIGIN}, but ${folder.root} holds the log ${known.origin}. A log keeps its name for ` +
        'ever; set MEDANCHOR_HOME to another folder for another log',
    );
  }
  const anew = settings.CHAIN_RPC_URL === undefined ? options.deployAnew : undefined;
  const place = anew === undefined ? chosenPlace(settings, known) : undefined;
  if (place !== undefined) return place;
  if (settings.CHAIN_RPC_URL !== undefined) {
    throw new Error(
      'ANCHOR_CONTRACT and CHAIN_ID are required with CHAIN_RPC_URL, since nothing is deployed on a foreign chain unasked. ' +
        '`npm run deploy` deploys the contract there and remembers both',
    );
  }
  step('deploying the contract');
  return await deployRegistry({
    rpcUrl,
    anchorKey: readSecret(anchorKeyFile),
    origin: settings.LOG_ORIGIN,
    file: folder.deployment,
    fund: fundFromWellKnownAccount,
    whenDone: anew === undefined ? 'keep' : `deploy-${anew}`,
  });
}

export function chosenPlace(settings: LauncherSettings, known: Deployment | undefined): AnchorPlace | undefined {
  const done = known?.state === 'done' ? known : undefined;
  const chainId = settings.CHAIN_ID?.toString() ?? done?.chainId;
  const contract = settings.ANCHOR_CONTRACT ?? done?.contract;
  return chainId === undefined || contract === undefined ? undefined : { chainId, contract };
}

function openLog(folder: DataFolder, name: string): WriteStream {
  return createWriteStream(path.join(folder.logs, name), { flags: 'a', mode: 0o600 });
}
