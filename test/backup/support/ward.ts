// A site that can be backed up and restored: a folder for the files, and as many empty databases as the story needs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createRestore } from '../../../api/src/backup/backup.module.ts';
import { describeRestore, exitCodeOf } from '../../../api/src/backup/report.ts';
import { loadRestoreConfig } from '../../../api/src/platform/config/config.schema.ts';
import { Site, type RunningService } from '../../flow/support/site.ts';
import { observation } from '../../flow/support/records.ts';
import { bothRoles, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { TEST_ORIGIN } from '../../support/chain.ts';
import { run, runProgram, type Ending } from './command.ts';

export class Ward {
  readonly site: Site;
  readonly folder: string;
  readonly #databases: TestDatabase[] = [];

  private constructor(site: Site, folder: string) {
    this.site = site;
    this.folder = folder;
  }

  static async open(): Promise<Ward> {
    return new Ward(await Site.open(), mkdtempSync(path.join(tmpdir(), 'medanchor-test-backup-')));
  }

  /** What the service is told, for the commands. */
  settings(databaseUrl = this.site.database.url): Record<string, string> {
    return { ...this.site.settings(), ...bothRoles(databaseUrl), LOG_ORIGIN: TEST_ORIGIN, MEDANCHOR_HOME: this.folder };
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  async emptyDatabase(): Promise<string> {
    const database = await createTestDatabase();
    this.#databases.push(database);
    return database.url;
  }

  async backup(name: string): Promise<{ ending: Ending; file: string }> {
    const file = this.file(name);
    return { ending: await run('backup', ['--to', file], this.settings()), file };
  }

  /** Into a database that is empty, unless one is given. */
  async restore(
    file: string,
    {
      databaseUrl,
      settings,
      args = [],
    }: { databaseUrl?: string; settings?: Record<string, string>; args?: string[] } = {},
  ): Promise<Ending & { databaseUrl: string }> {
    const url = databaseUrl ?? (await this.emptyDatabase());
    const ending = await runProgram('restore', ['--from', file, ...args], { ...this.settings(url), ...settings });
    return { ...ending, databaseUrl: url };
  }

  /** The same without a process of its own, where only the finding matters. A refusal is thrown. */
  async restoreHere(
    file: string,
    settings: Record<string, string> = {},
  ): Promise<{ code: number; output: string; databaseUrl: string }> {
    const databaseUrl = settings['DATABASE_URL'] ?? (await this.emptyDatabase());
    const { restore, chain } = createRestore(
      loadRestoreConfig({ ...this.settings(databaseUrl), ...settings, ...bothRoles(databaseUrl) }),
      {
        acceptFindings: false,
        step: () => undefined,
      },
    );
    const report = await restore.restore(file);
    return { code: exitCodeOf(report), output: await describeRestore(report, chain), databaseUrl };
  }

  async close(): Promise<void> {
    for (const database of this.#databases) await database.drop();
    await this.site.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Some versions, anchored and confirmed. */
export async function record(service: RunningService, prefix: string, count: number): Promise<void> {
  const versions = Array.from({ length: count }, (_, at) => observation(`${prefix}${at}`, '1', '4.10'));
  await service.api.submitMany(versions.slice(1));
  const [first] = versions;
  if (first !== undefined) await service.api.submit(first, 'confirmed');
}

export async function query<T extends pg.QueryResultRow>(
  databaseUrl: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** What a restore itself adds, the event that it was done, is left out: heads are those of the last event before. */
const BEFORE_RESTORE: Readonly<Record<string, string>> = {
  access_event: `(SELECT * FROM access_event WHERE strpos(event, '"action":"backup.restore"') = 0)`,
  access_head: `(SELECT DISTINCT ON (chain) chain, seq, hash FROM access_event WHERE strpos(event, '"action":"backup.restore"') = 0 ORDER BY chain, seq DESC)`,
};

/** Every table of the database with its number of rows and a digest of them, independent of order and of our own code. */
export async function contentOf(databaseUrl: string): Promise<Record<string, string>> {
  const tables = await query<{ name: string }>(
    databaseUrl,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'migrations'`,
  );
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const rows = await query<{ digest: string }>(
      databaseUrl,
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")), '') AS digest FROM (SELECT t::text AS line FROM ${BEFORE_RESTORE[name] ?? `"${name}"`} t) lines`,
    );
    content[name] = rows[0]?.digest ?? '';
  }
  return content;
}

export async function rowsIn(databaseUrl: string): Promise<bigint> {
  const content = await contentOf(databaseUrl);
  return Object.values(content).reduce((sum, digest) => sum + BigInt(digest.split(' ')[0] ?? '0'), 0n);
}
