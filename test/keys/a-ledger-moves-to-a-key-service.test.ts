// A ledger whose keys were wrapped by a file moves to Vault, beside its traffic; then Vault is sealed, comes back, and its key is
// rotated; a backup is restored with it. At no time is a service that is away taken for damage.

import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call, json, metric } from '../api/support/http.ts';
import { runProgram } from '../backup/support/command.ts';
import { Ward } from '../backup/support/ward.ts';
import { observation } from '../flow/support/records.ts';
import { type RunningService } from '../flow/support/site.ts';
import { VaultDouble } from '../support/vault.ts';

const RECORDS = 20;
let ward: Ward;
let vault: VaultDouble;
let service: RunningService;
let kek: string;
let settings: Record<string, string>;

beforeAll(async () => {
  ward = await Ward.open();
  vault = await VaultDouble.start();
  kek = ward.site.newKey('kek.key');
  const tokenFile = ward.file('vault-token');
  writeFileSync(tokenFile, vault.token);
  chmodSync(tokenFile, 0o600);
  settings = { KEY_PROVIDER: 'vault', KEK_FILE: '', VAULT_ADDR: vault.url, VAULT_TOKEN_FILE: tokenFile };
  service = await ward.site.start({ KEK_FILE: kek });
  await service.api.submitMany(Array.from({ length: RECORDS }, (_, at) => observation(`r${at}`, '1', '4.10')));
  await service.api.submit(observation('r0', '2', '4.20'), 'confirmed');
}, 60_000);

afterAll(async () => {
  await ward.close();
  await vault.stop();
});

async function restart(changed: Record<string, string>): Promise<void> {
  await service.stop();
  service = await ward.site.start(changed);
}

/** How many keys have each version of the wrapped form. */
async function versions(): Promise<Record<string, number>> {
  const rows = await ward.site.read<{ version: number; count: number }>(
    'SELECT get_byte(wrapped_key, 0) AS version, count(*)::int AS count FROM record GROUP BY 1',
  );
  return Object.fromEntries(rows.map(({ version, count }) => [version, count]));
}

const verdictOf = async (id: string): Promise<unknown> =>
  (await service.api.verify(observation(id, '1', '4.10'))).body.verdict;

test('beside the old key file: old records stay readable, new ones are wrapped by a data key, one request to Vault', async () => {
  await restart({ ...settings, KEK_FILE: kek });
  expect(await verdictOf('r3')).toBe('identical');
  for (const id of ['n0', 'n1', 'n2']) await service.api.submit(observation(id, '1', '4.10'));
  expect(await versions()).toEqual({ 1: RECORDS, 2: 3 });
  expect(vault.asked).toEqual(['transit/encrypt/medanchor']);
});

test('rotation moves the rest; the file is not needed any more', async () => {
  const ending = await runProgram('rotate', [], { ...ward.settings(), ...settings, KEK_FILE: kek });
  expect([ending.code, ending.output]).toEqual([
    0,
    expect.stringMatching(/24 keys and values are wrapped again, with the data key/),
  ]);
  expect(await versions()).toEqual({ 2: RECORDS + 3 });
  await restart(settings);
  for (const id of ['r3', 'n1']) expect(await verdictOf(id)).toBe('identical');
  expect((await service.api.submit(observation('r3', '2', '4.20'))).status).toBe(201);
}, 60_000);

test('Vault is sealed: what is in memory goes on; after a restart nothing does, and nobody cries damage', async () => {
  vault.trouble = { status: 503, times: Infinity };
  expect(await verdictOf('r3')).toBe('identical');
  await restart(settings);
  const refused = await service.api.submit(observation('r4', '2', '4.20'));
  expect([refused.status, refused.body.code]).toEqual([503, 'unavailable']);
  const verify = await service.api.verify(observation('r3', '1', '4.10'));
  expect([verify.status, verify.body.code]).toEqual([503, 'unavailable']);
  const { status, body } = await service.api.health();
  expect([status, body.parts['keys']?.status, body.parts['keys']?.code]).toEqual([503, 'down', 'keys-unavailable']);
  expect(json(await call(service.url, '/v1/alarms'))['alarms']).toEqual([]);
  expect(await metric(service.url, 'medanchor_key_service_requests_total{result="failed"}')).toBeGreaterThan(0);
  vault.trouble = null;
  expect((await service.api.submit(observation('r4', '2', '4.20'))).status).toBe(201);
  expect((await service.api.health()).body.parts['keys']).toMatchObject({ status: 'up', provider: 'vault' });
}, 60_000);

test('Vault’s key is rotated and its old version forbidden: all is readable, and a backup is restored with it', async () => {
  vault.rotate();
  const ending = await runProgram('rotate', [], { ...ward.settings(), ...settings });
  expect(ending.code).toBe(0);
  vault.minDecryptionVersion = 2;
  await restart(settings);
  for (const id of ['r0', 'r19', 'n2']) expect(await verdictOf(id)).toBe('identical');
  await service.stop();
  const { file } = await ward.backup('vault.backup');
  const restored = await ward.restore(file, { settings });
  expect([restored.code, restored.output]).toEqual([0, expect.stringContaining('23 of 23 sampled record keys open')]);
  const elsewhere = await ward.restore(file, { settings: { KEK_FILE: kek } });
  expect([elsewhere.code, elsewhere.output]).toEqual([
    1,
    expect.stringContaining('23 of 23 record keys cannot be opened'),
  ]);
}, 90_000);
