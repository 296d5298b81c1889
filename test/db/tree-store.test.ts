// PgTreeStore fulfils the contract of its port, on a real PostgreSQL.

import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeTreeStore } from '../support/tree-store.contract.ts';
import { PgStores } from './support/pg-backend.ts';

let stores: PgStores;

beforeAll(async () => {
  stores = await PgStores.open();
});

afterAll(async () => {
  await stores.close();
});

describe('PgTreeStore', () => {
  describeTreeStore(() => stores.backend());
});
