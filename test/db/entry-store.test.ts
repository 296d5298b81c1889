// PgEntryStore fulfils the contract of its port, on a real PostgreSQL.

import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeEntryStore } from '../support/entry-store.contract.ts';
import { PgStores } from './support/pg-backend.ts';

let stores: PgStores;

beforeAll(async () => {
  stores = await PgStores.open();
});

afterAll(async () => {
  await stores.close();
});

describe('PgEntryStore', () => {
  describeEntryStore(() => stores.backend());
});
