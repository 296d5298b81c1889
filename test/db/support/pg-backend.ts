// The ledger's stores on PostgreSQL, for the contract tests: one database for a test file, one log for a test.

import { randomUUID } from 'node:crypto';
import { migrateFor } from '../../../api/src/platform/database/migrate.ts';
import { createPool, type Pool } from '../../../api/src/platform/database/pool.ts';
import { PgAnchorStore } from '../../../api/src/ledger/store/anchor-store.pg.ts';
import { PgEntryStore } from '../../../api/src/ledger/store/entry-store.pg.ts';
import { registerLog } from '../../../api/src/ledger/store/log-registration.pg.ts';
import { PgRecordStore } from '../../../api/src/ledger/store/record-store.pg.ts';
import { PgSourceKeyStore } from '../../../api/src/ledger/store/source-key-store.pg.ts';
import { PgTreeStore } from '../../../api/src/ledger/store/tree-store.pg.ts';
import { asService, bothRoles, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { LedgerStores, StoreBackend } from '../../support/store-backend.ts';

export interface PgBackend extends StoreBackend {
  readonly log: number;
}

export class PgStores {
  readonly database: TestDatabase;
  readonly #pools: readonly [Pool, Pool, Pool];
  /** As the owner of the tables. */
  readonly owner: Pool;
  #logs = 0;

  private constructor(database: TestDatabase, pools: readonly [Pool, Pool, Pool], owner: Pool) {
    this.owner = owner;
    this.database = database;
    this.#pools = pools;
  }

  static async open(): Promise<PgStores> {
    const database = await createTestDatabase();
    await migrateFor(bothRoles(database.url));
    const pool = (url: string): Pool => {
      const created = createPool(url, 4);
      // Tests end connections on purpose; an idle one that dies reports it here.
      created.on('error', () => undefined);
      return created;
    };
    const service = asService(database.url);
    return new PgStores(database, [pool(service), pool(service), pool(service)], pool(database.url));
  }

  get pool(): Pool {
    return this.#pools[0];
  }

  get otherPool(): Pool {
    return this.#pools[1];
  }

  /** An empty log with two sources. */
  async backend(): Promise<PgBackend> {
    this.#logs += 1;
    const { id: log } = await registerLog(this.pool, `test.local/log/${this.#logs}`, 'test.local+00000000+AQ==');
    const stores = (pool: Pool): LedgerStores => ({
      entries: new PgEntryStore(pool, log),
      records: new PgRecordStore(pool, log),
      trees: new PgTreeStore(pool, log),
      anchors: new PgAnchorStore(pool, log),
      keys: new PgSourceKeyStore(pool, log),
    });
    const [first, second, third] = this.#pools;
    const { tenant: tenantId, source } = await this.#sourceOfTenant();
    return {
      log,
      processes: [stores(first), stores(second), stores(third)],
      sources: [source, await this.source()],
      tenantId,
    };
  }

  async source(): Promise<string> {
    return (await this.#sourceOfTenant()).source;
  }

  async #sourceOfTenant(): Promise<{ tenant: string; source: string }> {
    const [tenant, source] = [randomUUID(), randomUUID()];
    await this.pool.query('INSERT INTO tenant (id, name) VALUES ($1, $2)', [tenant, `tenant ${tenant}`]);
    await this.pool.query('INSERT INTO source (id, tenant_id, name) VALUES ($1, $2, $3)', [source, tenant, 'ehr']);
    return { tenant, source };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools, this.owner].map((pool) => pool.end()));
    await this.database.drop();
  }
}
