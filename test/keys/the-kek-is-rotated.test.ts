// A new KEK for a ledger in service: everything is wrapped again beside the traffic, killed in the middle and gone on with; the old
// key is refused to be called useless while anything needs it; in the end the service runs with the new key alone.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { call, json } from '../api/support/http.ts';
import { run, runProgram, start } from '../backup/support/command.ts';
import { query, Ward } from '../backup/support/ward.ts';
import { observation } from '../flow/support/records.ts';
import { eventually, type RunningService } from '../flow/support/site.ts';

const RECORDS = 1700;
/** Wrapped beside the records' keys: the key of the one tenant's pseudonyms. */
const OTHERS = 1;
let ward: Ward;
let service: RunningService;
const keks: Record<'first' | 'second' | 'third', string> = { first: '', second: '', third: '' };

beforeAll(async () => {
  ward = await Ward.open();
  for (const name of ['first', 'second', 'third'] as const) keks[name] = ward.site.newKey(`${name}.key`);
  service = await ward.site.start({ KEK_FILE: keks.first });
  await service.api.submitMany(Array.from({ length: RECORDS }, (_, at) => observation(`r${at}`, '1', '4.10')));
  await service.api.submit(observation('r0', '2', '4.20'), 'confirmed');
}, 60_000);

afterAll(async () => {
  await ward.close();
});

/** The header of what a KEK wraps, as docs/spec/formats.md has it. */
function headerOf(file: string): string {
  const kek = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  return `01${createHash('sha256').update('medanchor/kek-id/1').update(kek).digest('hex').slice(0, 8)}`;
}

async function wrappedBy(): Promise<Record<string, number>> {
  const rows = await ward.site.read<{ header: string; count: number }>(
    `SELECT encode(substring(wrapped_key FOR 5), 'hex') AS header, count(*)::int AS count FROM record GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ header, count }) => [header, count]));
}

async function restart(settings: Record<string, string>): Promise<void> {
  await service.stop();
  service = await ward.site.start(settings);
}

const rotate = (settings: Record<string, string>): ReturnType<typeof runProgram> =>
  runProgram('rotate', [], { ...ward.settings(), ...settings });

test('the old key opens nothing new, and the new one alone nothing old', async () => {
  expect(await wrappedBy()).toEqual({ [headerOf(keks.first)]: RECORDS });
  await restart({ KEK_FILE: keks.second, KEK_PREVIOUS_FILES: keks.first });
  expect((await service.api.verify(observation('r0', '2', '4.20'))).body.verdict).toBe('identical');
  await service.api.submit(observation('new', '1', '4.10'));
  expect(await wrappedBy()).toEqual({ [headerOf(keks.first)]: RECORDS, [headerOf(keks.second)]: 1 });
  const without = await call(service.url, '/v1/keys/rotations/latest');
  expect([without.status, json(without)['code']]).toEqual([404, 'no-rotation']);
});

test('with a key that the running service does not have, it is refused, and nobody cries damage', async () => {
  const said = await rotate({ KEK_FILE: keks.third, KEK_PREVIOUS_FILES: `${keks.first},${keks.second}` });
  expect([said.code, said.output]).toEqual([
    3,
    expect.stringContaining(
      `1 running instances or commands of the service cannot open what is wrapped with the KEK ${headerOf(keks.third).slice(2)}`,
    ),
  ]);
  expect(await wrappedBy()).toEqual({ [headerOf(keks.first)]: RECORDS, [headerOf(keks.second)]: 1 });
  expect(json(await call(service.url, '/v1/alarms'))['alarms']).toEqual([]);
  expect(await ward.site.read('SELECT FROM kek_rotation')).toEqual([]);
});

test('killed in the middle, it has lost nothing and goes on; beside it, versions come in; a second one is refused', async () => {
  const url = ward.site.database.url;
  const settings = { KEK_FILE: keks.second, KEK_PREVIOUS_FILES: keks.first };
  // The second page's transaction waits, just before it would be committed, for as long as this lock is held.
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock(4711)');
  await query(
    url,
    `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$`,
  );
  await query(
    url,
    'CREATE TRIGGER hold BEFORE UPDATE ON kek_rotation FOR EACH ROW WHEN (NEW.rewrapped > 500) EXECUTE FUNCTION hold()',
  );
  const command = start('rotate-kek', [], { ...ward.settings(), ...settings });
  await eventually(
    'the second page waits',
    () =>
      query(
        url,
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ),
    ({ length }) => length > 0,
    40_000,
  );
  const busy = await call(service.url, '/v1/keys/rotations', { method: 'POST' });
  expect([busy.status, json(busy)['code']]).toEqual([409, 'rotation-running']);
  command.kill('SIGKILL');
  await command.ended;
  await holder.query('SELECT pg_advisory_unlock(4711)');
  await holder.end();
  expect(await query(url, 'SELECT state, rewrapped::int, total::int FROM kek_rotation')).toEqual([
    { state: 'running', rewrapped: 500, total: RECORDS + OTHERS },
  ]);
  expect(await wrappedBy()).toEqual({ [headerOf(keks.first)]: RECORDS - 500, [headerOf(keks.second)]: 501 });
  expect((await service.api.submit(observation('r1', '2', '4.20'))).status).toBe(201);

  const again = await rotate(settings);
  expect([again.code, again.output]).toEqual([
    0,
    expect.stringContaining('Nothing is wrapped by an older key any more'),
  ]);
  expect(await wrappedBy()).toEqual({ [headerOf(keks.second)]: RECORDS + 1 });
  expect(await query(url, 'SELECT state, rewrapped::int, failed::int FROM kek_rotation ORDER BY id')).toEqual([
    { state: 'finished', rewrapped: RECORDS + OTHERS, failed: 0 },
  ]);
  await query(url, 'DROP FUNCTION hold() CASCADE');
}, 90_000);

test('every proof and verdict is as before, with the new key alone', async () => {
  await restart({ KEK_FILE: keks.second });
  for (const id of ['r0', 'r77', `r${RECORDS - 1}`, 'new'])
    expect((await service.api.verify(observation(id, '1', '4.10'))).body.verdict).toBe('identical');
  expect((await service.api.submit(observation('r5', '2', '4.20'))).status).toBe(201);
  const sweep = await run('fsck', [], { ...ward.settings(), KEK_FILE: keks.second });
  expect([sweep.code, sweep.output]).toEqual([0, expect.any(String)]);
});

test('asked for by HTTP it goes on in the background; health and metrics show it', async () => {
  await restart({ KEK_FILE: keks.third, KEK_PREVIOUS_FILES: keks.second });
  const begun = await call(service.url, '/v1/keys/rotations', { method: 'POST' });
  expect([begun.status, json(begun)]).toEqual([
    202,
    expect.objectContaining({
      state: 'running',
      from: [headerOf(keks.second)],
      to: headerOf(keks.third),
      total: String(RECORDS + 1 + OTHERS),
      failed: '0',
      finishedAt: null,
    }),
  ]);
  const latest = await eventually(
    'the end',
    async () => json(await call(service.url, '/v1/keys/rotations/latest')),
    (rotation) => rotation['state'] === 'finished',
  );
  expect(latest).toMatchObject({ rewrapped: String(RECORDS + 1 + OTHERS), failed: '0' });
  expect(await wrappedBy()).toEqual({ [headerOf(keks.third)]: RECORDS + 1 });
  const { text } = await call(service.url, '/metrics');
  expect(text).toContain(`medanchor_keys_rewrapped_total{result="rewrapped"} ${RECORDS + 1 + OTHERS}`);
  expect(text).toContain('medanchor_key_rotation_remaining 0');
  expect((await service.api.health()).body.parts['keys']).toMatchObject({ status: 'up', key: headerOf(keks.third) });
}, 60_000);

test('a rotation that a stopping service leaves is gone on with by the next start', async () => {
  await restart({ KEK_FILE: keks.second, KEK_PREVIOUS_FILES: keks.third });
  expect((await call(service.url, '/v1/keys/rotations', { method: 'POST' })).status).toBe(202);
  await restart({ KEK_FILE: keks.second, KEK_PREVIOUS_FILES: keks.third });
  await eventually(
    'the end',
    async () => json(await call(service.url, '/v1/keys/rotations/latest')),
    (rotation) => rotation['state'] === 'finished',
  );
  expect(await wrappedBy()).toEqual({ [headerOf(keks.second)]: RECORDS + 1 });
}, 60_000);

test('with the old key missing, nothing is lost, and the command says: keep it', async () => {
  const said = await rotate({ KEK_FILE: keks.third });
  expect(said.code).toBe(1);
  expect(said.output).toContain(
    `${RECORDS + 1 + OTHERS} are still wrapped with the KEK ${headerOf(keks.second).slice(2)}`,
  );
  expect(said.output).toContain('DO NOT destroy the old keys');
  expect(await wrappedBy()).toEqual({ [headerOf(keks.second)]: RECORDS + 1 });
}, 60_000);

test('a damaged key is counted and named, all others are wrapped again', async () => {
  const damage = `UPDATE record SET wrapped_key = set_byte(wrapped_key, 30, get_byte(wrapped_key, 30) # 1) WHERE record_id = 'Observation/r9'`;
  await ward.site.tamper(damage);
  const said = await rotate({ KEK_FILE: keks.third, KEK_PREVIOUS_FILES: keks.second });
  expect([said.code, said.output]).toEqual([1, expect.stringContaining('  1 are still wrapped with the KEK')]);
  expect(await wrappedBy()).toEqual({ [headerOf(keks.third)]: RECORDS, [headerOf(keks.second)]: 1 });
  await ward.site.tamper(damage);
}, 60_000);

test('a backup from the middle needs both keys: without one it is refused before it is loaded, with both it proves itself', async () => {
  await service.stop();
  const { file } = await ward.backup('mixed.backup');
  const refused = await ward.restore(file, { settings: { KEK_FILE: keks.third } });
  expect([refused.code, refused.output]).toEqual([
    1,
    expect.stringContaining(`neither KEK_FILE nor KEK_PREVIOUS_FILES holds ${headerOf(keks.second).slice(2)}`),
  ]);
  const restored = await ward.restore(file, { settings: { KEK_FILE: keks.third, KEK_PREVIOUS_FILES: keks.second } });
  expect([restored.code, restored.output]).toEqual([0, expect.stringContaining('256 of 256 sampled record keys open')]);
}, 60_000);
