// A PostgreSQL server of a story's own, durable as in production, that can be stopped in every way and started again.

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../../scripts/launch/ports.ts';
import { databaseAccount } from '../../../scripts/launch/postgres-account.ts';
import { ensureDatabase, newPassword, startPostgres, type Postgres } from '../../../scripts/launch/postgres.ts';
import type { TestDatabase } from '../../support/database.ts';

const DATABASE = 'medanchor';

/** As `pg_ctl stop` knows them; `killed` is what the kernel does. */
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;
export type Stop = keyof typeof SIGNALS;
export const STOPS = Object.keys(SIGNALS) as Stop[];

export class Cluster {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-cluster-'));
  readonly #password = newPassword();
  #port = 0;
  #server: Postgres | undefined;

  static async open(): Promise<Cluster> {
    const cluster = new Cluster();
    if (databaseAccount() !== undefined) chmodSync(cluster.#folder, 0o711);
    cluster.#port = await freePort();
    await cluster.start();
    return cluster;
  }

  async start(): Promise<void> {
    const server = await startPostgres({
      clusterDir: path.join(this.#folder, 'postgres'),
      account: databaseAccount(),
      port: this.#port,
      password: this.#password,
      onLine: () => undefined,
    });
    await ensureDatabase(server, DATABASE);
    this.#server = server;
  }

  async stop(how: Stop): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const [pid = ''] = readFileSync(path.join(this.#folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), SIGNALS[how]);
    await server.exited;
  }

  get database(): TestDatabase {
    if (this.#server === undefined) throw new Error('the server is stopped');
    return { url: this.#server.url(DATABASE), drop: () => this.close() };
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
