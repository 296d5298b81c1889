// Restores a backup into an empty database, and lets it prove itself before anybody can use it.
//
// The order is the guarantee: the whole file is verified before the database is touched; everything is loaded and proved
// in one transaction; only then it becomes visible. Killed at any point, it leaves an empty ledger and can be run again.
import { formatVerifierKey, logIdOf, noteSigner } from '@medanchor/verifier';
import { type Client } from 'pg';
import { type AccessLog } from '../platform/auth/access-log.port.ts';
import { applicableMigrations, migrateFor, type DatabaseUrls } from '../platform/database/migrate.ts';
import { KeyUnwrapError, type KeyProvider } from '../platform/keys/key-provider.port.ts';
import { recordKeyContext } from '../ledger/store/record-key.ts';
import { proveAccessLog, type AccessSourceOf } from './access-proof.ts';
import { connect, settle } from './backup.service.ts';
import { readMigrations } from './catalogue.ts';
import { ChainNotReadableError, type ChainHistory, type ChainReader } from './chain-history.ts';
import { combine, judgeHistory, sizesToCompare, unproven, type ChainProof } from './chain-proof.rules.ts';
import { verifyContainer } from './container-reader.ts';
import { assertEmpty, load, TargetRefusedError } from './load.ts';
import { summariseLogs } from './log-summary.ts';
import { type BackupManifest, type LogSummary } from './manifest.ts';
import { brokenReferences } from './references.ts';
import { hasAccessLog, recordRestore } from './restore-event.ts';
import { proveTree, type TreeProof } from './tree-proof.ts';

/** Keys that are tried from either end of the records. */
const KEY_SAMPLE = 128;
/** The chain is read from this many blocks below the backup's last anchor on: a re-org may have moved the anchor down. */
const BLOCKS_BELOW_ANCHOR = 64n;

export interface Place {
  readonly chainId: string;
  readonly contract: string;
}

export interface RestoreOptions {
  /** Loaded as the owner, when there is one; the service's role gets its rights. */
  readonly database: DatabaseUrls;
  readonly accessSource: AccessSourceOf;
  /** Takes the event that this was restored. */
  readonly accessLog: AccessLog;
  /** The log that will be served here. */
  readonly origin: string;
  readonly checkpointSeed: Uint8Array;
  /** Where the configuration has the log's anchors, when it says so. */
  readonly configured: Place | null;
  /** Leave what was loaded in place although it contradicts itself, the chain or the keys: for an expert to look at. */
  readonly acceptFindings: boolean;
}

export interface RestoredLog {
  readonly summary: LogSummary;
  readonly tree: TreeProof;
  readonly chain: ChainProof;
}

export interface RestoreReport {
  readonly manifest: BackupManifest;
  readonly logs: readonly RestoredLog[];
  readonly keys: { readonly tried: number; readonly opened: number };
  /** What forbids using this database. */
  readonly findings: readonly string[];
  /** False: everything was rolled back. */
  readonly restored: boolean;
  /** Records that the backup brought back and the erasure journal knows as erased: they are erased again. */
  readonly erasedAgain: number;
}

/** What was erased after the backup was made. */
export interface ErasuresToRepeat {
  /**
   * Before anything is loaded.
   *
   * @returns for the operator: what there is to go by
   * @throws {ErasureJournalError} when nobody could say what must be erased again
   */
  check(): Promise<string>;
  /** Killed before it is done, the start of the service does it. @returns how many records were erased again */
  repeat(): Promise<number>;
}

export class RestoreService {
  readonly #options: RestoreOptions;
  readonly #openKeys: (client: Client) => KeyProvider;
  readonly #chain: ChainReader | null;
  readonly #erasures: ErasuresToRepeat;
  readonly #step: (text: string) => void;

  /**
   * @param openKeys the keys of a database; called before it is touched, so that a missing key file stops it at once
   * @param chain null when there is none to ask
   */
  constructor(
    options: RestoreOptions,
    openKeys: (client: Client) => KeyProvider,
    chain: ChainReader | null,
    erasures: ErasuresToRepeat,
    step: (text: string) => void,
  ) {
    this.#options = options;
    this.#openKeys = openKeys;
    this.#chain = chain;
    this.#erasures = erasures;
    this.#step = step;
  }

  /** @throws {BackupDamagedError}, {TargetRefusedError}: nothing was changed */
  async restore(file: string): Promise<RestoreReport> {
    const client = await connect(ownerOf(this.#options.database), 'medanchor-restore');
    try {
      const keys = this.#openKeys(client);
      // Looking is cheap: nobody should wait for the verification of a large file to be told this.
      await assertEmpty(client);
      this.#step(await this.#erasures.check());
      this.#step(`verifying every octet of ${file}`);
      const manifest = await verifyContainer(file);
      const migrations = this.#assertFits(manifest);
      await this.#assertKek(manifest, keys);
      await assertSchemaNotNewer(client, manifest);
      this.#step('preparing the schema');
      await migrateFor(this.#options.database, migrations);
      const report = await this.#loadAndProve(client, file, manifest, keys);
      if (report.restored) {
        const newer = await migrateFor(this.#options.database);
        if (newer.length > 0) this.#step(`schema brought up to this version: ${newer.join(', ')}`);
        if (!hasAccessLog(manifest)) {
          await client.query('BEGIN');
          await recordRestore(client, this.#options.accessLog, manifest, []);
          await client.query('COMMIT');
        }
        this.#step('erasing again what the erasure journal knows');
        return { ...report, erasedAgain: await this.#erasures.repeat() };
      }
      return report;
    } finally {
      await client.end();
    }
  }

  /** Before the database is touched: is this a backup of the log that will be served, made by a version that we know? */
  #assertFits({ logs, migrations }: BackupManifest): readonly string[] {
    const { origin, checkpointSeed } = this.#options;
    const log = logs.find((one) => one.origin === origin);
    if (log === undefined) {
      const names = logs.map((one) => one.origin).join(', ');
      throw new TargetRefusedError(
        `this is a backup of ${names === '' ? 'no log' : `the log ${names}`}, but LOG_ORIGIN says ${origin}. Take the right backup, or set LOG_ORIGIN`,
      );
    }
    const signer = noteSigner(origin, checkpointSeed);
    const verifierKey = formatVerifierKey({ name: signer.name, publicKey: signer.publicKey });
    if (verifierKey !== log.verifierKey) {
      throw new TargetRefusedError(
        `the log ${origin} signs with the checkpoint key ${log.verifierKey}, but CHECKPOINT_KEY_FILE holds the key of ${verifierKey}. ` +
          'Bring the right key from its escrow',
      );
    }
    const known = applicableMigrations();
    const unknown = migrations.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new TargetRefusedError(
        `this backup was made by a newer version (its schema has ${unknown}). Install that version or a newer one, and restore with it`,
      );
    }
    return migrations;
  }

  /**
   * Nobody should load for an hour to learn that a KEK is missing. What a KEK file has wrapped carries its id; data keys of a
   * key service come with the backup itself. Whether single keys open is tried after the load.
   */
  async #assertKek({ kekIds }: BackupManifest, keys: KeyProvider): Promise<void> {
    if (this.#options.acceptFindings) return;
    const missing: string[] = [];
    for (const id of kekIds) if (!(await keys.knows(Buffer.from(`01${id}`, 'hex')))) missing.push(id);
    if (missing.length === 0) return;
    throw new TargetRefusedError(
      `the records of this backup are wrapped with the KEK ${kekIds.join(', ')}, but neither KEK_FILE nor KEK_PREVIOUS_FILES holds ${missing.join(', ')}. ` +
        'Bring the right key from its escrow',
    );
  }

  async #loadAndProve(
    client: Client,
    file: string,
    manifest: BackupManifest,
    recordKeys: KeyProvider,
  ): Promise<RestoreReport> {
    await client.query('BEGIN');
    await settle(client);
    this.#step(`loading ${manifest.tables.length} tables`);
    await load(client, file, manifest);
    const findings: string[] = [];
    if (JSON.stringify(await summariseLogs(client)) !== JSON.stringify(manifest.logs))
      findings.push('the manifest does not describe the logs that the tables hold');
    findings.push(...(await brokenReferences(client)));
    const logs: RestoredLog[] = [];
    for (const summary of manifest.logs) {
      this.#step(`proving ${summary.origin}: ${summary.sequenced} entries`);
      const log = await this.#prove(client, summary);
      logs.push(log);
      const about = (what: string): string => `${summary.origin}: ${what}`;
      findings.push(
        ...log.tree.findings.map(about),
        ...(await proveAccessLog(client, summary.origin, this.#options.accessSource)),
      );
      if (log.chain.verdict === 'forked') findings.push(about(log.chain.detail));
    }
    const keys = await this.#tryKeys(client, recordKeys);
    if (keys.failure !== null) findings.push(keys.failure);
    const restored = findings.length === 0 || this.#options.acceptFindings;
    if (restored && hasAccessLog(manifest))
      findings.push(...(await recordRestore(client, this.#options.accessLog, manifest, findings)));
    await client.query(restored ? 'COMMIT' : 'ROLLBACK');
    return { manifest, logs, keys, findings, restored, erasedAgain: 0 };
  }

  async #prove(client: Client, summary: LogSummary): Promise<RestoredLog> {
    const looks = await this.#look(summary);
    const size = BigInt(summary.size);
    const sizes = looks.flatMap(({ history }) => (typeof history === 'string' ? [] : sizesToCompare(history, size)));
    const tree = await proveTree(client, summary, sizes);
    const anchored = summary.anchor === null ? null : BigInt(summary.anchor.size);
    const chain = combine(
      looks.map(({ place, history }) => ({
        place,
        proof:
          typeof history === 'string'
            ? unproven(history)
            : judgeHistory(history, { size, roots: tree.roots, anchored }),
      })),
    );
    return { summary, tree, chain };
  }

  /**
   * What the contract of the backup's epoch says; and, when the configuration has the anchors elsewhere (the backup may be
   * older than the newest epoch), what that one says too.
   */
  async #look(summary: LogSummary): Promise<readonly { place: string; history: ChainHistory | string }[]> {
    const { configured, origin } = this.#options;
    const places = summary.epoch === null ? [] : [summary.epoch];
    if (configured !== null && summary.origin === origin && !places.some((place) => isSame(place, configured)))
      places.push({ ...configured, epoch: 0 });
    const block = BigInt(summary.anchor?.block ?? '0');
    const looks = [];
    for (const { chainId, contract, epoch } of places) {
      const oldest = epoch > 0 && block > BLOCKS_BELOW_ANCHOR ? block - BLOCKS_BELOW_ANCHOR : 0n;
      const history = await this.#readHistory({ chainId, contract }, summary, oldest);
      looks.push({ place: `contract ${contract} on chain ${chainId}`, history });
    }
    return looks;
  }

  /** @returns the history, or why there is none */
  async #readHistory(place: Place, summary: LogSummary, oldest: bigint): Promise<ChainHistory | string> {
    if (this.#chain === null) return 'there is no chain to ask';
    try {
      return await this.#chain.history(place, logIdOf(summary.origin), BigInt(summary.size), oldest);
    } catch (error) {
      if (!(error instanceof ChainNotReadableError)) throw error;
      return error.message;
    }
  }

  /** A wrong KEK would be noticed only when the first old record is asked for; so keys are opened now. */
  async #tryKeys(
    client: Client,
    keys: KeyProvider,
  ): Promise<{ tried: number; opened: number; failure: string | null }> {
    const { rows } = await client.query<{
      record_id: string;
      source_id: string;
      tenant_id: string;
      wrapped_key: Buffer;
    }>(
      `(SELECT record.id, record_id, source_id, tenant_id, wrapped_key FROM record JOIN source ON source.id = source_id WHERE wrapped_key IS NOT NULL ORDER BY record.id LIMIT $1)
       UNION (SELECT record.id, record_id, source_id, tenant_id, wrapped_key FROM record JOIN source ON source.id = source_id WHERE wrapped_key IS NOT NULL ORDER BY record.id DESC LIMIT $1)`,
      [KEY_SAMPLE],
    );
    const opened = await keys.unwrap(
      rows.map((row) => ({
        wrapped: row.wrapped_key,
        context: recordKeyContext(row.tenant_id, row.source_id, row.record_id),
      })),
    );
    const failed = opened.filter((key) => key instanceof KeyUnwrapError);
    const [first] = failed;
    return {
      tried: rows.length,
      opened: rows.length - failed.length,
      failure:
        first === undefined
          ? null
          : `${failed.length} of ${rows.length} record keys cannot be opened with KEK_FILE (${first.message}): bring the right KEK from its escrow`,
    };
  }
}

function ownerOf({ DATABASE_URL: service, DATABASE_OWNER_URL: owner }: DatabaseUrls): string {
  return owner ?? service;
}

function isSame(one: Place, other: Place): boolean {
  return one.chainId === other.chainId && one.contract === other.contract;
}

/** @throws {TargetRefusedError} */
async function assertSchemaNotNewer(client: Client, manifest: BackupManifest): Promise<void> {
  const ahead = (await readMigrations(client)).find((name) => !manifest.migrations.includes(name));
  if (ahead !== undefined) {
    throw new TargetRefusedError(
      `this database's schema is newer than the backup's (it has ${ahead}). Create a new, empty database for the restore`,
    );
  }
}
