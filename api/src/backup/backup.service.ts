// Writes one consistent backup of the whole database while the service runs.
//
// One connection, one REPEATABLE READ READ ONLY transaction: every table is read as it was at one moment, and nobody
// waits (COPY needs no lock that a writer would mind). Memory is bounded by the size of a piece, not by the database's.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { readMigrations, readSequences, readTables, type Table } from './catalogue.ts';
import { ContainerWriter } from './container-writer.ts';
import { kekIdsOf, summariseLogs } from './log-summary.ts';
import {
  FORMAT,
  HEADER_NAME,
  MANIFEST_NAME,
  memberName,
  type BackupHeader,
  type BackupManifest,
  type TableSummary,
} from './manifest.ts';

/** Octets of COPY text in one member. */
const PIECE = 4 * 1024 * 1024;

/** There is nothing that a backup could be made of. */
export class NothingToBackUpError extends Error {
  override readonly name = 'NothingToBackUpError';
}

export interface WrittenBackup {
  readonly manifest: BackupManifest;
  /** Of the file. */
  readonly octets: number;
}

export class BackupService {
  readonly #databaseUrl: string;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /**
   * @param target the file's name; must not exist
   * @param now stands in the manifest
   * @param signal gives up: the call rejects, and nothing is left of the file
   * @throws {BackupTargetError} when the file cannot be written; {NothingToBackUpError} for a database without a ledger
   */
  async write(target: string, now: Date, signal?: AbortSignal): Promise<WrittenBackup> {
    const client = await connect(this.#databaseUrl, 'medanchor-backup');
    const giveUp = (): void => void client.end();
    signal?.addEventListener('abort', giveUp);
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await settle(client);
      const tables = await readTables(client);
      const header = await this.#describe(client, now);
      // A migration that changes a table under our hands has to wait; writers do not.
      const names = tables.map(({ name }) => client.escapeIdentifier(name)).join(', ');
      await client.query(`LOCK TABLE ${names} IN ACCESS SHARE MODE`);
      const writer = new ContainerWriter(target, now);
      try {
        return await this.#writeAll(client, tables, header, writer);
      } catch (error) {
        await writer.discard();
        throw error;
      }
    } finally {
      signal?.removeEventListener('abort', giveUp);
      await client.end();
    }
  }

  async #describe(client: pg.Client, now: Date): Promise<BackupHeader> {
    const migrations = await readMigrations(client);
    if (migrations.length === 0) throw new NothingToBackUpError('this database holds no ledger: nothing to back up');
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return {
      format: FORMAT,
      createdAt: now.toISOString(),
      server: rows[0]?.server_version ?? '',
      migrations: [...migrations],
      kekIds: await kekIdsOf(client),
      logs: await summariseLogs(client),
    };
  }

  async #writeAll(
    client: pg.Client,
    tables: readonly Table[],
    header: BackupHeader,
    writer: ContainerWriter,
  ): Promise<WrittenBackup> {
    await writer.add(HEADER_NAME, toJson(header));
    const summaries: TableSummary[] = [];
    for (const [position, table] of tables.entries()) {
      summaries.push(await copyTable(client, table, position, writer));
    }
    // After the rows: a sequence may only be ahead of what was copied.
    const sequences = [...(await readSequences(client))];
    const manifest: BackupManifest = { ...header, tables: summaries, sequences };
    await writer.add(MANIFEST_NAME, toJson(manifest));
    return { manifest, octets: await writer.finish() };
  }
}

async function copyTable(
  client: pg.Client,
  { name, columns }: Table,
  position: number,
  writer: ContainerWriter,
): Promise<TableSummary> {
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ');
  const stream = client.query(copyTo(`COPY ${client.escapeIdentifier(name)} (${list}) TO STDOUT`));
  const hash = createHash('sha256');
  let octets = 0;
  let members = 0;
  let parts: Buffer[] = [];
  let held = 0;
  const flush = async (): Promise<void> => {
    if (held === 0) return;
    await writer.add(memberName(position, name, members), Buffer.concat(parts));
    members += 1;
    parts = [];
    held = 0;
  };
  for await (const part of stream as AsyncIterable<Buffer>) {
    hash.update(part);
    parts.push(part);
    held += part.length;
    octets += part.length;
    if (held >= PIECE) await flush();
  }
  await flush();
  return {
    name,
    columns: [...columns],
    rows: String(stream.rowCount),
    octets: String(octets),
    sha256: hash.digest('hex'),
    members,
  };
}

/** A connection of its own, whose loss is reported by the query that needs it. */
export async function connect(url: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Limits and formats of this transaction: COPY text must not depend on the server's or the role's settings. */
export async function settle(client: pg.Client): Promise<void> {
  const settings = {
    statement_timeout: '0',
    lock_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    transaction_timeout: '0',
    row_security: 'off',
    client_encoding: 'UTF8',
    bytea_output: 'hex',
    datestyle: 'ISO, YMD',
    intervalstyle: 'postgres',
    timezone: 'UTC',
    extra_float_digits: '3',
  };
  for (const [name, value] of Object.entries(settings)) {
    // A setting that this server is too old for is left out.
    await client.query('SELECT set_config(name, $2, true) FROM pg_settings WHERE name = $1', [name, value]);
  }
}

function toJson(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
