// Keys behind Vault: what is wrapped comes back in its context only, Vault is asked once for many, and what happens when it is
// sealed, overloaded, has lost our right, or is lied about by the database.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { createPool, type Pool } from '../../api/src/platform/database/pool.ts';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';
import { PgDataKeyStore } from '../../api/src/platform/keys/data-key-store.pg.ts';
import { EnvelopeKeyProvider, LIMITS, type EnvelopeLimits } from '../../api/src/platform/keys/envelope-key-provider.ts';
import type { KeyUnwrapError } from '../../api/src/platform/keys/key-provider.port.ts';
import { VaultMasterKey } from '../../api/src/platform/keys/vault/master-key.vault.ts';
import { errorsOf, VaultClient, type VaultOptions } from '../../api/src/platform/keys/vault/vault-client.ts';
import { Clock } from '../../api/src/platform/clock/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { VaultDouble } from '../support/vault.ts';

class HeldClock extends Clock {
  at = Date.parse('2026-11-24T12:00:00Z');
  now(): Date {
    return new Date(this.at);
  }
}

let folder: string;
let database: TestDatabase;
let pool: Pool;
let vault: VaultDouble;
let tokenFile: string;
const clock = new HeldClock();
const results: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-vault-'));
  database = await createTestDatabase();
  await migrate(database.url);
  pool = createPool(database.url, 4);
  pool.on('error', () => undefined);
});

beforeEach(async () => {
  clock.at += 3_600_000;
  await vault?.stop();
  vault = await VaultDouble.start();
  tokenFile = secretFile('token', vault.token);
  await pool.query('ALTER TABLE data_key DISABLE TRIGGER data_key_kept');
  await pool.query('DELETE FROM data_key');
  results.length = 0;
});

afterAll(async () => {
  await vault.stop();
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function secretFile(name: string, text: string): string {
  const file = path.join(folder, name);
  rmSync(file, { force: true });
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

function provider(
  limits: Partial<EnvelopeLimits> = {},
  options: Partial<VaultOptions> = {},
  mount = 'transit',
): EnvelopeKeyProvider {
  const client = new VaultClient(
    {
      address: vault.url,
      namespace: null,
      timeoutMs: 500,
      credential: { tokenFile },
      onResult: (result) => void results.push(result),
      ...options,
    },
    () => clock.at,
  );
  return new EnvelopeKeyProvider(new VaultMasterKey(client, mount, 'medanchor'), new PgDataKeyStore(pool), clock, {
    ...LIMITS,
    keepMs: 900_000,
    ...limits,
  });
}

const hex = (key: Uint8Array | KeyUnwrapError | undefined): string =>
  key instanceof Uint8Array ? Buffer.from(key).toString('hex') : (key?.message ?? 'nothing');

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  return error instanceof DomainError ? `${error.code}: ${error.message}` : String(error);
}

test('a thousand keys come back, each in its context only, and Vault was asked once', async () => {
  const keys = provider();
  const secrets = Array.from({ length: 1000 }, () => new Uint8Array(randomBytes(32)));
  const wrapped = await keys.wrap(secrets.map((key, n) => ({ key, context: `context ${n}` })));
  expect([wrapped[0]?.length, wrapped[0]?.[0]]).toEqual([65, 2]);
  const opened = await keys.unwrap(wrapped.map((one, n) => ({ wrapped: one, context: `context ${n}` })));
  expect(opened.map(hex)).toEqual(secrets.map((key) => Buffer.from(key).toString('hex')));
  const [moved] = await keys.unwrap([{ wrapped: wrapped[0] as Uint8Array, context: 'context 1' }]);
  expect(hex(moved)).toBe('a wrapped key was changed or belongs to another record');
  expect(vault.asked).toEqual(['transit/encrypt/medanchor']);
});

test('another process opens them with one request, however many there are at once', async () => {
  const wrapped = await provider().wrap([{ key: randomBytes(32), context: 'c' }]);
  vault.asked.length = 0;
  const other = provider();
  const requests = Array.from({ length: 200 }, () => ({ wrapped: wrapped[0] as Uint8Array, context: 'c' }));
  const all = await Promise.all([other.unwrap(requests), other.unwrap(requests), other.unwrap(requests)]);
  expect(all.flat().every((key) => key instanceof Uint8Array)).toBe(true);
  expect(vault.asked).toEqual(['transit/decrypt/medanchor']);
});

test('two processes wrap with the same data key; it is replaced after a day, and after so many uses', async () => {
  const [one, two] = [provider(), provider({ maxUses: 3 })];
  const first = await one.header();
  expect(Buffer.from(await two.header()).equals(first)).toBe(true);
  await two.wrap(Array.from({ length: 3 }, () => ({ key: randomBytes(32), context: 'c' })));
  clock.at += 1000;
  const second = await two.header();
  expect(Buffer.from(second).equals(first)).toBe(false);
  clock.at += 11_000;
  expect(Buffer.from(await one.header()).equals(second)).toBe(true);
  clock.at += 24 * 3_600_000;
  expect(Buffer.from(await one.header()).equals(second)).toBe(false);
});

test('sealed: nothing is an integrity finding, everything is unavailable; what is in memory goes on', async () => {
  const keys = provider();
  const [wrapped] = await keys.wrap([{ key: randomBytes(32), context: 'c' }]);
  vault.trouble = { status: 503, times: Infinity };
  expect(hex((await keys.unwrap([{ wrapped: wrapped as Uint8Array, context: 'c' }]))[0])).toHaveLength(64);
  const other = provider();
  expect(await refusal(other.unwrap([{ wrapped: wrapped as Uint8Array, context: 'c' }]))).toBe(
    'unavailable: the key service is sealed or in maintenance; it is safe to ask again',
  );
  vault.trouble = null;
  expect(hex((await other.unwrap([{ wrapped: wrapped as Uint8Array, context: 'c' }]))[0])).toHaveLength(64);
});

test('a data key leaves the memory after its time: then Vault is asked again', async () => {
  const keys = provider({ keepMs: 50 });
  const [wrapped] = await keys.wrap([{ key: randomBytes(32), context: 'c' }]);
  vault.revoke();
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(await refusal(keys.unwrap([{ wrapped: wrapped as Uint8Array, context: 'c' }]))).toBe(
    'unavailable: the key service refuses this service: its token is no longer valid or lacks the right; it is safe to ask again',
  );
});

test.each([
  [429, 2, 'ok'],
  [500, 2, 'ok'],
  [502, 3, 'failed'],
  [400, 1, 'ok'],
])('status %i for %i requests: in the end %s', async (status, times, result) => {
  vault.trouble = { status, times };
  const answer = await refusal(provider().header());
  expect(results).toEqual([result]);
  expect(vault.asked).toHaveLength(status === 400 ? 1 : 3);
  expect(answer).toBe(
    status === 400
      ? 'unavailable: the key service did not encrypt (status 400): mount, key and key type must be as VAULT_TRANSIT_MOUNT and VAULT_TRANSIT_KEY say'
      : result === 'ok'
        ? 'no error'
        : 'unavailable: the key service answers with status 502; it is safe to ask again',
  );
});

test('an endpoint that is not there, and one that never answers', async () => {
  const { url } = vault;
  await vault.stop();
  expect(await refusal(provider({}, { address: url }).header())).toBe(
    'unavailable: the key service cannot be reached (ECONNREFUSED); it is safe to ask again',
  );
  const silent = createServer(() => undefined).listen(Number(new URL(url).port), '127.0.0.1');
  try {
    expect(await refusal(provider({}, { address: url }).header())).toBe(
      'unavailable: the key service cannot be reached (no complete answer within 500 ms); it is safe to ask again',
    );
  } finally {
    silent.closeAllConnections();
    silent.close();
    vault = await VaultDouble.start();
  }
});

test('a mount that does not exist', async () => {
  expect(await refusal(provider({}, {}, 'elsewhere').header())).toMatch(
    /^unavailable: the key service did not encrypt \(status 404\)/,
  );
});

test('a token that was replaced in its file is read again; one that anybody can read is refused', async () => {
  const keys = provider({ maxUses: 1 });
  await keys.wrap([{ key: randomBytes(32), context: 'c' }]);
  vault.revoke();
  vault.allow('hvs.the-new-one');
  secretFile('token', 'hvs.the-new-one');
  expect(await refusal(keys.wrap([{ key: randomBytes(32), context: 'c' }]))).toBe('no error');
  chmodSync(tokenFile, 0o644);
  expect(() => provider()).toThrow(
    /^token of the key service \(VAULT_TOKEN_FILE\): .* can be read by others \(mode 644\)/,
  );
});

test('an AppRole logs in, and again when its token has run out or is refused', async () => {
  const credential = { roleId: vault.roleId, secretIdFile: secretFile('secret-id', vault.secretId) };
  const keys = provider({ maxUses: 1 }, { credential });
  // Each needs a new data key, and so a request to Vault.
  const wrapOne = async (afterMs: number): Promise<number> => {
    clock.at += afterMs;
    await keys.wrap([{ key: randomBytes(32), context: 'c' }]);
    return vault.asked.filter((path) => path.endsWith('login')).length;
  };
  expect([await wrapOne(1), await wrapOne(1)]).toEqual([1, 1]);
  // Two thirds of its hour have passed.
  expect(await wrapOne(2500 * 1000)).toBe(2);
  vault.shortLived = true;
  expect([await wrapOne(1), await wrapOne(1)]).toEqual([2, 3]);
  const wrong = provider({}, { credential: { ...credential, roleId: 'another' } });
  expect(await refusal(wrong.wrap([{ key: randomBytes(32), context: 'c' }]))).toBe(
    'unavailable: the key service refuses the AppRole login with status 400; it is safe to ask again',
  );
});

test('a data key whose row was exchanged or removed damages its own records and no others', async () => {
  const [old, young] = [provider(), provider({ maxUses: 1 })];
  const [a] = await old.wrap([{ key: randomBytes(32), context: 'a' }]);
  await young.wrap([{ key: randomBytes(32), context: 'x' }]);
  clock.at += 1000;
  const [b] = await young.wrap([{ key: randomBytes(32), context: 'b' }]);
  const ids = [a, b].map((one) => Buffer.from(one?.subarray(1, 5) ?? []));
  expect(ids[0]?.equals(ids[1] as Buffer)).toBe(false);
  // The wrapped form of one key in the row of another: the context, its id, does not fit.
  await pool.query('UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE id = $2) WHERE id = $1', ids);
  const ask = (): Promise<readonly string[]> =>
    provider()
      .unwrap([
        { wrapped: a as Uint8Array, context: 'a' },
        { wrapped: b as Uint8Array, context: 'b' },
      ])
      .then((opened) => opened.map((one) => (one instanceof Uint8Array ? 'opened' : one.message)));
  expect(await ask()).toEqual(['the data key of a wrapped key was changed or exchanged', 'opened']);
  await pool.query(`UPDATE data_key SET master = '../sys/raw' WHERE id = $1`, [ids[0]]);
  expect(await ask()).toEqual(['the data key of a wrapped key was changed or exchanged', 'opened']);
  await pool.query('DELETE FROM data_key WHERE id = $1', [ids[0]]);
  expect(await ask()).toEqual(['a wrapped key belongs to an unknown data key', 'opened']);
});

test('after Vault’s key is rotated, renewal wraps every data key by its newest version', async () => {
  const keys = provider();
  const [wrapped] = await keys.wrap([{ key: new Uint8Array(32).fill(7), context: 'c' }]);
  const before = await keys.header();
  vault.rotate();
  await keys.renew();
  expect(Buffer.from(await keys.header()).equals(before)).toBe(false);
  vault.minDecryptionVersion = 2;
  expect(hex((await provider().unwrap([{ wrapped: wrapped as Uint8Array, context: 'c' }]))[0])).toBe('07'.repeat(32));
  const { rows } = await pool.query<{ version: string }>(
    `SELECT split_part(wrapped, ':', 2) AS version FROM data_key ORDER BY 1`,
  );
  expect(rows).toEqual([{ version: 'v2' }, { version: 'v2' }]);
  expect(vault.asked.filter((path) => path.includes('rewrap'))).toEqual([]);
});

test('what Vault says is for the log, unless it could hold a secret', async () => {
  expect(errorsOf({ errors: ['permission denied'] })).toBe('permission denied');
  expect(errorsOf({ errors: [`plaintext ${randomBytes(32).toString('base64')} refused`] })).toBe(
    'the key service gave a reason that is not shown',
  );
  expect([errorsOf(null), errorsOf({ errors: [] }), errorsOf('<html>')]).toEqual([null, null, null]);
});
