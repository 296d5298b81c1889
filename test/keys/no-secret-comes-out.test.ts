// A life of a ledger: appends, mistakes, tampering, a move from key files to Vault, rotations, backups, a Vault that is sealed, that
// refuses us, that echoes what it is sent. Then everything that came out is searched for the octets of every key, token and password.

import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../api/src/app.ts';
import { hashPassword } from '../../api/src/identity/accounts/password-hash.ts';
import { encryptSecret, newSecret } from '../../api/src/identity/accounts/second-factor.ts';
import { recordKeyContext } from '../../api/src/ledger/store/record-key.ts';
import { SystemClock } from '../../api/src/platform/clock/clock.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { FieldCipher } from '../../api/src/platform/keys/field-cipher.ts';
import { createKeyProvider } from '../../api/src/platform/keys/keys.module.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { runProgram } from '../backup/support/command.ts';
import { query, Ward } from '../backup/support/ward.ts';
import { observation } from '../flow/support/records.ts';
import { RecordSystem } from '../flow/support/record-system.ts';
import { eventually } from '../flow/support/site.ts';
import { authorization, signInAt, tokenFor } from '../support/sign-in.ts';
import { Secrets, unpacked } from '../support/secrets.ts';
import { VaultDouble } from '../support/vault.ts';

const secrets = new Secrets();
/** All that came out, by where. */
const out = new Map<string, Buffer[]>();
let ward: Ward;
let vault: VaultDouble;
let app: NestFastifyApplication;
let url: string;
let local: Record<string, string>;
let remote: Record<string, string>;

beforeAll(async () => {
  ward = await Ward.open();
  vault = await VaultDouble.start();
  const [first, second] = [ward.site.newKey('first.key'), ward.site.newKey('second.key')];
  const settings = ward.site.environment({ LOG_LEVEL: 'trace' });
  for (const [name, file] of Object.entries({
    'first KEK': first,
    'second KEK': second,
    'checkpoint seed': settings['CHECKPOINT_KEY_FILE'] ?? '',
    'anchoring key': settings['ANCHOR_KEY_FILE'] ?? '',
  }))
    secrets.add(name, Buffer.from(readFileSync(file, 'utf8').trim(), 'hex'));
  const issuerKey = JSON.parse(readFileSync(settings['ISSUER_KEY_FILE'] ?? '', 'utf8')) as { d: string };
  secrets.add('issuer key', Buffer.from(issuerKey.d, 'base64url'));
  secrets.addText('database password', new URL(ward.site.database.url).password);
  secrets.addText('Vault token', vault.token);
  const tokenFile = ward.file('vault-token');
  writeFileSync(tokenFile, vault.token);
  chmodSync(tokenFile, 0o600);
  local = { KEK_FILE: second, KEK_PREVIOUS_FILES: first };
  remote = {
    ...local,
    KEY_PROVIDER: 'vault',
    VAULT_ADDR: vault.url,
    VAULT_TOKEN_FILE: tokenFile,
    VAULT_TIMEOUT_MS: '500',
  };
  await start({ KEK_FILE: first });
}, 60_000);

afterAll(async () => {
  await app.close();
  await ward.close();
  await vault.stop();
});

function keep(where: string, what: Buffer | string): void {
  out.set(where, [...(out.get(where) ?? []), Buffer.from(what)]);
}

async function start(settings: Record<string, string>): Promise<void> {
  const environment = ward.site.environment({ ...settings, LOG_LEVEL: 'trace' });
  const config = loadConfig(environment);
  app = await createApp(config, createLogger('trace', { write: (line) => keep('log', line) }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  signInAt(url, environment);
  secrets.addText(
    `access token for ${url}`,
    (await authorization(url))['authorization']?.slice('Bearer '.length) ?? '',
  );
}

async function restart(settings: Record<string, string>): Promise<void> {
  await app.close();
  await start(settings);
}

async function ask(path: string, init: RequestInit = {}): Promise<number> {
  const headers = { ...(await authorization(url)), ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(`${url}${path}`, { ...init, headers });
  keep('answers', `${JSON.stringify([...response.headers])}${await response.text()}`);
  return response.status;
}

const submit = (id: string, version: string, content?: string): Promise<number> => {
  const { recordId, content: whole, mediaType } = observation(id, version, '4.10');
  return ask(`/v1/records/ehr/${encodeURIComponent(recordId)}/versions?versionId=${version}`, {
    method: 'POST',
    headers: { 'content-type': mediaType },
    body: content ?? whole,
  });
};

/** Free text: of a denied attempt, and of one that reads. */
async function breakGlass(): Promise<void> {
  const person = { subject: 'dr-quill', clientId: 'portal', roles: ['clinician'] as const, sources: ['ward-3'] };
  const token = await tokenFor(ward.site.environment({}), person);
  for (const [purpose, status] of [
    ['', 403],
    ['ETREAT', 200],
  ] as const) {
    const reason = `unconscious, is it Mrs ${randomBytes(9).toString('base64url')}?`;
    secrets.addText(`reason for breaking the glass, answered ${status}`, reason);
    const headers = {
      authorization: `Bearer ${token}`,
      'x-break-glass': reason,
      ...(purpose === '' ? {} : { 'x-purpose-of-use': purpose }),
    };
    expect(await ask('/v1/records/ehr/Observation%2Fa/versions/1', { headers })).toBe(status);
  }
}

async function command(
  name: string,
  args: readonly string[],
  settings: Record<string, string>,
): Promise<number | null> {
  const { code, output } = await runProgram(name, args, { ...ward.settings(), ...settings });
  keep('commands', `${name} ${String(code)} ${output}`);
  return code;
}

/** Refused while the instance before, which had no such key, is seen: its connection needs a moment to go. */
async function rotateAll(settings: Record<string, string>): Promise<void> {
  await eventually(
    'the rotation',
    () => command('rotate', [], settings),
    (code) => code === 0,
    60_000,
  );
}

/** Of every record, with whatever keys there are; read from the database as somebody with all of them would. */
async function learnRecordKeys(settings: Record<string, string>): Promise<number> {
  const config = loadConfig(ward.site.environment(settings));
  const pool = new pg.Pool({ connectionString: config.DATABASE_URL });
  const provider = createKeyProvider(config, pool, new SystemClock());
  const rows = await query<{ record_id: string; source_id: string; tenant_id: string; wrapped_key: Buffer }>(
    config.DATABASE_URL,
    'SELECT record_id, source_id, tenant_id, wrapped_key FROM record JOIN source ON source.id = source_id ORDER BY record.id',
  );
  const keys = await provider.unwrap(
    rows.map((row) => ({
      wrapped: row.wrapped_key,
      context: recordKeyContext(row.tenant_id, row.source_id, row.record_id),
    })),
  );
  await pool.end();
  const opened = keys.filter((key) => key instanceof Uint8Array);
  for (const [at, key] of opened.entries()) secrets.add(`key of record ${rows[at]?.record_id ?? ''}`, key);
  return opened.length;
}

/** COPY of every table, as a dump has it. */
async function dump(): Promise<void> {
  const tables = await query<{ name: string }>(
    ward.site.database.url,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables) {
    const rows = await query<{ line: string }>(ward.site.database.url, `SELECT t::text AS line FROM "${name}" t`);
    keep('tables', `${name}\n${rows.map(({ line }) => line).join('\n')}\n`);
  }
}

test('the search finds what it should: a secret in every form', () => {
  const planted = new Secrets();
  const octets = randomBytes(32);
  planted.add('octets', octets);
  planted.addText('password', 'p@ss/word with spaces');
  const forms: readonly Buffer[] = [
    Buffer.concat([Buffer.from('a'), octets, Buffer.from('b')]),
    Buffer.from(`\\x${octets.toString('hex')}`),
    Buffer.from(octets.toString('hex').toUpperCase()),
    ...[0, 1, 2, 3].map((before) =>
      Buffer.from(Buffer.concat([randomBytes(before), octets, randomBytes(5)]).toString('base64')),
    ),
    Buffer.from(Buffer.concat([randomBytes(1), octets, randomBytes(4)]).toString('base64url')),
    Buffer.from(JSON.stringify({ key: octets })),
  ];
  for (const form of forms) expect(planted.in(form)).toEqual(['octets']);
  for (const form of ['p@ss/word with spaces', 'P%40ss%2Fword%20with%20spaces'])
    expect(planted.in(Buffer.from(form))).toEqual(['password']);
  expect(planted.in(randomBytes(4096))).toEqual([]);
});

test('a life of a ledger', async () => {
  const api = new RecordSystem(url);
  await api.submit(observation('a', '1', '4.10'), 'confirmed');
  for (const id of ['b', 'c', 'd']) expect(await submit(id, '1')).toBe(201);
  expect(await submit('a', '1', '{"resourceType":"Observation"}')).toBe(409);
  expect(await submit('a', '2', '{"broken')).toBe(422);
  expect(await learnRecordKeys({ ...local })).toBe(4);

  await restart(local);
  expect(await ask('/v1/keys/rotations', { method: 'POST' })).toBe(202);
  await eventually(
    'the rotation',
    () => query<{ state: string }>(ward.site.database.url, 'SELECT state FROM kek_rotation'),
    (rows) => rows[0]?.state === 'finished',
  );
  await command('rotate', [], local);
  await command('rotate', [], { KEK_FILE: local['KEK_PREVIOUS_FILES'] ?? '' });

  await breakGlass();

  await restart(remote);
  for (const id of ['e', 'f']) expect(await submit(id, '1')).toBe(201);
  const [account, secondFactor, password] = [randomUUID(), newSecret(), 'correct horse battery staple'];
  secrets.add('second factor', secondFactor);
  secrets.addText('password of an account', password);
  await query(
    ward.site.database.url,
    `INSERT INTO account (id, tenant_id, login, roles, password_hash, totp_secret, enrolled_at)
     SELECT $1, id, 'anna@larkmoor.example', '{auditor}', $2, $3, now() FROM tenant`,
    [account, await hashPassword(password), await encryptSecret(app.get(FieldCipher), account, secondFactor)],
  );
  await rotateAll(remote);
  const reasons = await query(ward.site.database.url, 'SELECT left(sealed, 6) AS form FROM break_glass_reason');
  expect(reasons).toEqual([{ form: 'mf1.02' }]);

  for (const path of [
    '/health/ready',
    '/health/live',
    '/metrics',
    '/api/docs-json',
    '/api/docs',
    '/v1/log',
    '/v1/alarms',
    '/v1/keys/rotations/latest',
    '/v1/fsck',
    '/checkpoint',
    '/v1/anchors',
    '/v1/records/ehr/Observation%2Fa/versions/1',
    '/nowhere',
  ])
    await ask(path);
  await command('fsck', ['--json'], remote);
  await command('backup', ['--to', ward.file('one.backup')], remote);
  keep('backup', await unpacked(ward.file('one.backup')));
  expect(await learnRecordKeys(remote)).toBe(6);
}, 120_000);

test('and its troubles', async () => {
  vault.echoes = true;
  await restart(remote);
  // Of a patient, whose pseudonym needs a key first, and of nobody.
  expect(await submit('a', '2')).toBe(503);
  expect(await submit('a', '2', '{"resourceType":"Observation"}')).toBe(503);
  await ask('/health/ready');
  await command('rotate', [], remote);
  vault.echoes = false;
  vault.trouble = { status: 503, times: 6 };
  expect(await submit('a', '2')).toBe(503);
  vault.trouble = null;
  vault.revoke();
  expect(await submit('a', '2')).toBe(503);
  vault.allow(vault.token);
  expect(await submit('a', '2')).toBe(201);

  // PostgreSQL's own messages quote rows and values.
  await ward.site.tamper('ALTER TABLE version ADD CONSTRAINT nothing_more CHECK (seq < 1) NOT VALID');
  expect(await submit('z', '1')).toBe(503);
  await ward.site.tamper('ALTER TABLE version DROP CONSTRAINT nothing_more');
  await ward.site.tamper(
    'UPDATE record SET wrapped_key = set_byte(wrapped_key, 30, get_byte(wrapped_key, 30) # 1) WHERE id = (SELECT min(id) FROM record)',
  );
  expect(await submit('a', '3')).toBe(500);
  await command('fsck', [], remote);
  await command('rotate', [], remote);

  expect(await ask('/metrics')).toBe(200);

  // Settings that are refused: none of them is repeated.
  const password = { DATABASE_URL: ward.site.database.url.replace('127.0.0.1', 'db.example') };
  for (const name of ['rotate', 'fsck', 'backup', 'restore', 'main'])
    await command(name, name === 'restore' ? ['--from', ward.file('one.backup')] : ['--to', ward.file('x')], {
      ...remote,
      ...password,
    });
  const gone = { DATABASE_URL: ward.site.database.url.replace(/:\d+\//, ':1/') };
  for (const name of ['rotate', 'backup', 'main'])
    await command(name, name === 'backup' ? ['--to', ward.file('x')] : [], { ...remote, ...gone });
  await command('rotate', [], { ...remote, KEK_FILE: ward.file('vault-token'), VAULT_ADDR: '', KEY_PROVIDER: 'local' });
  await command('backup', ['--to', ward.file('two.backup')], remote);
  keep('backup', await unpacked(ward.file('two.backup')));
  await dump();
}, 120_000);

test('none of it holds a key, a token or a password', async () => {
  for (const [at, plaintext] of [...vault.plaintexts].entries())
    secrets.add(`data key ${at}`, Buffer.from(plaintext, 'base64'));
  expect(vault.plaintexts.size).toBeGreaterThanOrEqual(2);
  expect(secrets.size).toBeGreaterThanOrEqual(17);
  const found = Object.fromEntries([...out].map(([where, parts]) => [where, secrets.in(Buffer.concat(parts))]));
  expect(found).toEqual({ log: [], answers: [], commands: [], backup: [], tables: [] });
});

test('there was enough to look through', () => {
  const phrases: readonly (readonly [string, string])[] = [
    ['log', 'a batch could not be made durable'],
    ['log', 'the key service gave a reason that is not shown'],
    ['log', 'key rotation begins'],
    ['answers', 'medanchor_key_service_requests_total{result="refused"}'],
    ['answers', '"/v1/keys/rotations/latest"'],
    ['answers', 'keys-unavailable'],
    ['commands', 'keys and values are wrapped again'],
    ['commands', 'DO NOT destroy the old keys'],
    ['commands', 'DATABASE_URL must use TLS to another machine'],
    ['commands', 'must hold 64 lower-case hexadecimal digits'],
    ['tables', 'data_key'],
    ['backup', 'vault:v1:'],
  ];
  const missing = phrases.filter(([where, phrase]) => !Buffer.concat(out.get(where) ?? []).includes(phrase));
  expect(missing).toEqual([]);
});
