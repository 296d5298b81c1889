// A database of its own for a test file, on the PostgreSQL of global-setup.ts.

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { APP_ROLE } from '../../scripts/launch/postgres.ts';

export interface TestDatabase {
  /** As the owner, who can do everything: to migrate, and to tamper. The service works as another role: {@link asService}. */
  readonly url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** Of the service's role, on every server that tests start: nobody else is on them. */
export const APP_PASSWORD = 'of-the-service';

/** The same database as the role that the service works as. */
export function asService(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  [url.username, url.password] = [APP_ROLE, APP_PASSWORD];
  return url.href;
}

/** What a service is told of its database: it works as a role of its own, and migrates as the owner. */
export function bothRoles(ownerUrl: string): { readonly DATABASE_URL: string; readonly DATABASE_OWNER_URL: string } {
  return { DATABASE_URL: asService(ownerUrl), DATABASE_OWNER_URL: ownerUrl };
}

export async function createTestDatabase(): Promise<TestDatabase> {
  return create('');
}

/** An exact copy, as a backup that was restored would be one. Nobody may be connected to the original. */
export async function copyTestDatabase(original: string): Promise<TestDatabase> {
  return create(` TEMPLATE ${new URL(original).pathname.slice(1)}`);
}

async function create(how: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(`CREATE DATABASE ${name}${how}`);
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

function adminUrl(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (url === undefined) throw new Error('TEST_POSTGRES_URL is not set: jest was started without its global set-up');
  return url;
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
