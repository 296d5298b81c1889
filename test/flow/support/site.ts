// One operator's site for a flow test: a database, a real chain, key files, and the service started on them, as often as
// the story needs. The stages run fast; nothing else differs from production.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex } from '@medanchor/verifier';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../../api/src/app.ts';
import { loadConfig } from '../../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../../api/src/platform/logger/logger.ts';
import { startTestChain, TEST_ORIGIN, type TestChain } from '../../support/chain.ts';
import { bothRoles, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { RecordSystem } from './record-system.ts';

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly api: RecordSystem;
  stop(): Promise<void>;
}

const FAST = {
  INTEGRATE_INTERVAL_MS: '10',
  CHECKPOINT_INTERVAL_MS: '50',
  ANCHOR_INTERVAL_MS: '100',
  CONFIRM_INTERVAL_MS: '50',
  // Stories count entries; those that are about the access log set their own.
  ACCESS_LOG_ANCHOR_INTERVAL_MS: '86400000',
  LOG_LEVEL: 'silent',
} as const;

export class Site {
  readonly chain: TestChain;
  readonly database: TestDatabase;
  readonly #folder: string;
  readonly #running = new Set<RunningService>();

  private constructor(chain: TestChain, database: TestDatabase, folder: string) {
    this.chain = chain;
    this.database = database;
    this.#folder = folder;
  }

  /** @param openDatabase for a story about the database's server, which others must not share */
  static async open(openDatabase: () => Promise<TestDatabase> = createTestDatabase): Promise<Site> {
    const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-site-'));
    const [chain, database] = await Promise.all([startTestChain(TEST_ORIGIN), openDatabase()]);
    const site = new Site(chain, database, folder);
    for (const name of ['checkpoint.key', 'kek.key']) site.newKey(name);
    return site;
  }

  /** Writes a fresh secret and returns the file's path. */
  newKey(name: string): string {
    const file = path.join(this.#folder, name);
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    return file;
  }

  /** The secret with which this site signs its checkpoints: an operator who cheats has it too. */
  get checkpointSeed(): Uint8Array {
    return fromHex(readFileSync(path.join(this.#folder, 'checkpoint.key'), 'utf8').trim());
  }

  /** The key-encryption key of the records' keys. */
  get kek(): Uint8Array {
    return fromHex(readFileSync(path.join(this.#folder, 'kek.key'), 'utf8').trim());
  }

  /** Everything that the service must be told, for a command of the operator as well. */
  settings(): Record<string, string> {
    return {
      ...bothRoles(this.database.url),
      CHAIN_RPC_URL: this.chain.url,
      CHAIN_ID: this.chain.chainId,
      ANCHOR_CONTRACT: this.chain.contract,
      ANCHOR_KEY_FILE: this.chain.anchorKeyFile,
      CHECKPOINT_KEY_FILE: path.join(this.#folder, 'checkpoint.key'),
      KEK_FILE: path.join(this.#folder, 'kek.key'),
      LOG_ORIGIN: TEST_ORIGIN,
    };
  }

  /**
   * The service's whole environment; what is given replaces the site's own settings. A DATABASE_URL alone is its owner's: the
   * service then works as its own role there too.
   */
  environment(settings: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    const { DATABASE_URL: url, DATABASE_OWNER_URL: owner } = settings;
    const roles = url === undefined || owner !== undefined ? {} : bothRoles(url);
    return { ...this.settings(), ...FAST, ...settings, ...roles };
  }

  /** Starts the service. Rejects when it refuses to start. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<RunningService> {
    const config = loadConfig(this.environment(settings));
    const app = await createApp(config, createLogger(config.LOG_LEVEL));
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const service: RunningService = {
      app,
      url,
      api: new RecordSystem(url),
      stop: async () => {
        if (this.#running.delete(service)) await app.close();
      },
    };
    this.#running.add(service);
    return service;
  }

  /**
   * What somebody with the database owner's rights does behind the service's back: triggers and foreign keys are switched
   * off first, since such an owner can.
   */
  async tamper(statement: string, values: readonly unknown[] = [], url = this.database.url): Promise<number> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`SET session_replication_role = replica`);
      return (await client.query(statement, [...values])).rowCount ?? 0;
    } finally {
      await client.end();
    }
  }

  async read<T extends pg.QueryResultRow>(statement: string, values: readonly unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query<T>(statement, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    // Each removes itself from the set, which a Set allows while it is walked.
    for (const service of this.#running) await service.stop();
    await this.database.drop();
    await this.chain.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Asks again until the answer is as wanted; the last answer is in the error when that never happens. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  limitMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what} did not happen; last: ${JSON.stringify(answer).slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
