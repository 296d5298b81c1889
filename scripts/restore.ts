// `npm run restore -- --from FILE`: restores a backup into the empty database of the data folder (made when it is not
// there), or into that of DATABASE_URL, and proves it against the chain. Makes no key, deploys no contract and begins no
// chain: a restore that invents what is missing would only hide that it is missing.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from 'ethers';
import pg from 'pg';
import { readHeader } from '../api/src/backup/container-reader.ts';
import { databaseTlsFiles, databaseUrlWithTls } from '../api/src/platform/config/database-url.rules.ts';
import type { BackupHeader } from '../api/src/backup/manifest.ts';
import { startAlone, type OpenDatabase } from './backup/database.ts';
import { runProgram } from './backup/program.ts';
import { JOURNAL_NAME } from './chain/journal.ts';
import { startLocalChain } from './chain/local-chain.ts';
import { logIdOf } from './deploy/deploy-registry.ts';
import { readDeployment, writeDeployment } from './deploy/deployment.ts';
import { dataFolderAt, readSecret, type DataFolder } from './launch/data-folder.ts';
import { chosenPlace, kekOf, type AnchorPlace } from './launch/foundation.ts';
import { requireFree } from './launch/ports.ts';
import { readRunning } from './launch/running.ts';
import { loadSettings, type LauncherSettings } from './launch/settings.ts';

const say = (text: string): void => void process.stdout.write(`medanchor: ${text}\n`);

/** The process's exit code: 0 proven and complete, 1 findings or refused, 2 usage or configuration, 3 could not be checked. */
export async function main(args: readonly string[]): Promise<number> {
  const file = fileOf(args);
  // Usage and --check are the program's own business, and touch nothing.
  if (file === undefined || args.includes('--check')) return await runProgram('restore', args, {});
  const settings = loadSettings(process.env);
  const folder = dataFolderAt(settings.MEDANCHOR_HOME);
  const missing = missingKeys(settings, folder);
  if (missing.length > 0) {
    process.stderr.write(
      `medanchor: a backup holds no keys, and a restore makes none. Bring from their escrow:\n  ${missing.join('\n  ')}\n`,
    );
    return 2;
  }
  let header: BackupHeader;
  try {
    header = await readHeader(file);
  } catch (error) {
    process.stderr.write(`refused: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  return await restoreWith(args, settings, folder, header);
}

function fileOf(args: readonly string[]): string | undefined {
  const joined = args.find((argument) => argument.startsWith('--from='));
  if (joined !== undefined) return joined.slice('--from='.length);
  const at = args.indexOf('--from');
  return at === -1 ? undefined : args[at + 1];
}

function keysOf(settings: LauncherSettings, folder: DataFolder) {
  return {
    CHECKPOINT_KEY_FILE: settings.CHECKPOINT_KEY_FILE ?? folder.checkpointKey,
    KEK_FILE: kekOf(settings, folder),
  };
}

function missingKeys(settings: LauncherSettings, folder: DataFolder): readonly string[] {
  return Object.entries(keysOf(settings, folder))
    .filter(([, key]) => key !== undefined && !existsSync(key))
    .map(([name, key]) => `${key} (${name})`);
}

async function restoreWith(
  args: readonly string[],
  settings: LauncherSettings,
  folder: DataFolder,
  header: BackupHeader,
): Promise<number> {
  const place = placeOf(settings, folder, header);
  let database: OpenDatabase | undefined;
  let chain: { url: string; stop(): Promise<void> } | undefined;
  try {
    // A database of the user's own can be filled beside a running instance, whose chain then does for both.
    const running = settings.DATABASE_URL === undefined ? null : readRunning(folder);
    database =
      settings.DATABASE_URL === undefined
        ? await startAlone(folder, settings, say)
        : {
            url: settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL,
            ...(settings.DATABASE_OWNER_URL === undefined ? {} : { appUrl: settings.DATABASE_URL }),
            release: async () => undefined,
          };
    chain = await openChain(settings, folder, running?.chainUrl ?? undefined);
    const code = await runProgram('restore', args, {
      ...keysOf(settings, folder),
      DATABASE_URL: database.appUrl ?? database.url,
      DATABASE_OWNER_URL: database.appUrl === undefined ? undefined : database.url,
      CHAIN_RPC_URL: chain?.url,
      CHAIN_ID: place?.chainId,
      ANCHOR_CONTRACT: place?.contract,
      LOG_ORIGIN: settings.LOG_ORIGIN,
    });
    const files = databaseTlsFiles(settings, database.appUrl === undefined ? 'DATABASE_URL' : 'DATABASE_OWNER_URL');
    if (place !== undefined && (await isFilled(databaseUrlWithTls(database.url, files))))
      rememberPlace(settings, folder, place);
    return code;
  } finally {
    await chain?.stop();
    await database?.release();
  }
}

/** Where the configuration has the anchors; in a fresh folder, where the backup has them. */
function placeOf(settings: LauncherSettings, folder: DataFolder, { logs }: BackupHeader): AnchorPlace | undefined {
  const chosen = chosenPlace(settings, readDeployment(folder.deployment));
  return chosen ?? logs.find(({ origin }) => origin === settings.LOG_ORIGIN)?.epoch ?? undefined;
}

/** The local chain only with its journal: a new one would know nothing, and would be taken for the old one later. */
async function openChain(
  settings: LauncherSettings,
  folder: DataFolder,
  running: string | undefined,
): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  const url = settings.CHAIN_RPC_URL ?? running;
  if (url !== undefined) return { url, stop: async () => undefined };
  const journal = path.join(folder.chain, JOURNAL_NAME);
  if (!existsSync(journal)) {
    say(
      `the local chain's journal ${journal} is not there: copy it from where the log was anchored, or give CHAIN_RPC_URL`,
    );
    return undefined;
  }
  await requireFree(settings.CHAIN_PORT, '127.0.0.1', 'the local chain', 'CHAIN_PORT');
  say('starting the local chain');
  return await startLocalChain({ dataDir: folder.chain, port: settings.CHAIN_PORT });
}

async function isFilled(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ log: string | null }>(`SELECT to_regclass('log')::text AS log`);
    if (typeof rows[0]?.log !== 'string') return false;
    return ((await client.query('SELECT FROM log LIMIT 1')).rowCount ?? 0) > 0;
  } finally {
    await client.end();
  }
}

/** So that the next `npm start` does not deploy a contract of its own for a log that has one. */
function rememberPlace(settings: LauncherSettings, folder: DataFolder, { chainId, contract }: AnchorPlace): void {
  const keyFile = settings.ANCHOR_KEY_FILE ?? folder.anchorKey;
  if (existsSync(folder.deployment) || !existsSync(keyFile)) return;
  writeDeployment(folder.deployment, {
    format: 'medanchor-deployment/1',
    state: 'done',
    chainId,
    contract,
    origin: settings.LOG_ORIGIN,
    logId: logIdOf(settings.LOG_ORIGIN),
    submitter: new Wallet(readSecret(keyFile)).address.toLowerCase(),
  });
}
