// PgRecordStore fulfils the contract of its port, on a real PostgreSQL.

import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeRecordStore } from '../support/record-store.contract.ts';
import { PgStores } from './support/pg-backend.ts';

let stores: PgStores;

beforeAll(async () => {
  stores = await PgStores.open();
});

afterAll(async () => {
  await stores.close();
});

describe('PgRecordStore', () => {
  describeRecordStore(() => stores.backend());
});
