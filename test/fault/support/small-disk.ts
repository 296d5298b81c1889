// A disk that can be full: a small file system in memory, as a tablespace of the tests' PostgreSQL. Only root may mount one;
// elsewhere the story is skipped, with the reason.

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { databaseAccount } from '../../../scripts/launch/postgres-account.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const MEBIBYTES = 64;

export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Why there can be none here; null when there can. */
  static get missing(): string | null {
    try {
      SmallDisk.mount().unmount();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  static mount(): SmallDisk {
    const account = databaseAccount();
    if (account === undefined) throw new Error('only root may mount a file system');
    const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-disk-'));
    const options = ['-t', 'tmpfs', '-o', `size=${MEBIBYTES}m`, 'none', folder];
    const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' });
    if (status !== 0) {
      rmSync(folder, { recursive: true });
      throw new Error(`a file system cannot be mounted here: ${(stderr ?? '').trim()}`);
    }
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'space'), { mode: 0o700 });
    chownSync(path.join(folder, 'space'), account.uid, account.gid);
    return new SmallDisk(folder);
  }

  /** A database whose every table lies on this disk. */
  async createDatabase(): Promise<TestDatabase> {
    const database = await createTestDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const space = `space_of_${name}`;
    const url = new URL(database.url);
    url.pathname = '/postgres';
    const admin = async (...statements: string[]): Promise<void> => {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    };
    await admin(
      `CREATE TABLESPACE ${space} LOCATION '${path.join(this.#folder, 'space')}'`,
      `ALTER DATABASE ${name} SET TABLESPACE ${space}`,
    );
    return {
      url: database.url,
      drop: async () => {
        await database.drop();
        await admin(`DROP TABLESPACE ${space}`);
      },
    };
  }

  /** Something else fills it, but for this many octets. */
  fill(leaving: number): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaving)));
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }

  get #ballast(): string {
    return path.join(this.#folder, 'ballast');
  }

  unmount(): void {
    spawnSync('umount', [this.#folder]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
