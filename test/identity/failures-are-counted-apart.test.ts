// Failures in a browser that an account knows are counted apart from those of strangers, also of many at once, and what anybody gets
// to guess stays bounded. Real database; the clock is held still.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { countFailure } from '../../api/src/identity/accounts/failure-count.ts';
import { SignInService, type OutsidePeriod, type SignedIn } from '../../api/src/identity/accounts/sign-in.service.ts';
import { sweepIssuer } from '../../api/src/identity/issuer/sweep.ts';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { createPool, type Pool } from '../../api/src/platform/database/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { enrol, StillClock, testFields, type Enrolled } from './support/enrolled.ts';
import { RecordedAccess } from './support/recorded.ts';

const PASSWORD = 'four unlikely words together';
const WRONG = { password: 'four unlikely words elsewhere' };

let database: TestDatabase;
let pool: Pool;
let clock: StillClock;
let log: RecordedAccess;
let signIn: SignInService;
let ada: Enrolled;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url);
  pool = createPool(database.url, 8);
}, 60_000);

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  clock = new StillClock();
  log = new RecordedAccess();
  signIn = new SignInService(pool, testFields(), log, clock);
  ada = await enrol(pool, clock, PASSWORD);
});

interface Typed {
  readonly password?: string;
  readonly code?: string;
}

async function attempt(who: Enrolled, devices: readonly string[], fields: Typed = {}): Promise<SignedIn | null> {
  const typed = { login: who.login, password: PASSWORD, code: who.totp.generate({ timestamp: clock.time }), ...fields };
  return within(await signIn.attempt({ ...typed, devices, remember: true, address: null, requestId: null }));
}

function within(answer: SignedIn | OutsidePeriod | null): SignedIn | null {
  if (answer !== null && 'outside' in answer) throw new Error(`outside of the access period: ${answer.outside}`);
  return answer;
}

async function times(count: number, turn: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) expect(await turn()).toBeNull();
}

async function counts(): Promise<{ account: number; devices: readonly number[] }> {
  const account = await pool.query<{ failures: number }>(`SELECT failures FROM account WHERE id = $1`, [ada.accountId]);
  const devices = await pool.query<{ failures: number }>(
    `SELECT failures FROM sign_in_device WHERE account_id = $1 ORDER BY expires_at, failures`,
    [ada.accountId],
  );
  return { account: account.rows[0]!.failures, devices: devices.rows.map(({ failures }) => failures) };
}

test('whoever took an account up in a browser is known there; each sign-in makes another secret, the copy of the old is none', async () => {
  expect(ada.devices).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{22}$/)]);
  const next = await attempt(ada, ada.devices);
  expect(next?.devices).toHaveLength(1);
  expect(next?.devices).not.toEqual(ada.devices);
  await times(5, () => attempt(ada, [], WRONG));
  clock.pass(30);
  expect(await attempt(ada, ada.devices)).toBeNull();
  expect(await attempt(ada, next!.devices)).not.toBeNull();
});

test('the secret is not in the database', async () => {
  const { rows } = await pool.query<{ row: string }>(`SELECT row_to_json(d)::text AS row FROM sign_in_device d`);
  const [secret = ''] = ada.devices;
  const spellings = [secret, Buffer.from(secret, 'base64url').toString('hex'), Buffer.from(secret).toString('hex')];
  for (const { row } of rows) for (const spelling of spellings) expect(row).not.toContain(spelling);
});

test('a stranger’s guesses do not count for a known browser, and a sign-in there gives none of them back', async () => {
  await times(7, () => attempt(ada, [], WRONG));
  expect(await counts()).toEqual({ account: 5, devices: [0] });
  expect(await attempt(ada, ada.devices)).not.toBeNull();
  expect(await counts()).toEqual({ account: 5, devices: [0] });
  clock.pass(30);
  expect(await attempt(ada, [])).toBeNull();
  clock.pass(31);
  // The lock is over, the count is not: the sixth closes it for two minutes.
  await times(1, () => attempt(ada, [], WRONG));
  clock.pass(90);
  expect(await attempt(ada, [])).toBeNull();
  clock.pass(30);
  expect(await attempt(ada, [])).not.toBeNull();
  expect((await counts()).account).toBe(0);
});

test('a known browser’s guesses close it alone: then it is a stranger, until the time is over', async () => {
  await times(5, () => attempt(ada, ada.devices, WRONG));
  expect(await counts()).toEqual({ account: 0, devices: [5] });
  expect(log.words().filter((word) => word.startsWith('account.lock'))).toEqual([
    'account.lock success account/device',
  ]);
  await times(5, () => attempt(ada, ada.devices, WRONG));
  expect(await counts()).toEqual({ account: 5, devices: [5] });
  expect(await attempt(ada, ada.devices)).toBeNull();
  await pool.query(`UPDATE account SET locked_until = $2 WHERE id = $1`, [
    ada.accountId,
    new Date(clock.time + 3600_000),
  ]);
  clock.pass(59);
  expect(await attempt(ada, ada.devices)).toBeNull();
  clock.pass(2);
  expect(await attempt(ada, ada.devices)).not.toBeNull();
});

test('proving it once more at a known browser begins its count anew, and leaves its secret as it is', async () => {
  await times(3, () => attempt(ada, ada.devices, WRONG));
  const typed = { login: ada.login, password: PASSWORD, code: ada.totp.generate({ timestamp: clock.time }) };
  const rest = { devices: ada.devices, remember: false, address: null, requestId: null };
  expect(within(await signIn.attempt({ ...typed, ...rest }))?.devices).toEqual(ada.devices);
  expect(await counts()).toEqual({ account: 0, devices: [0] });
});

test('whoever proves all of it outside of their access period leaves the browser as known as it was', async () => {
  const known = 'SELECT digest, failures FROM sign_in_device WHERE account_id = $1';
  const before = await pool.query(known, [ada.accountId]);
  await pool.query(`UPDATE account SET access_until = $2 WHERE id = $1`, [ada.accountId, new Date(clock.time)]);
  const typed = { login: ada.login, password: PASSWORD, code: ada.totp.generate({ timestamp: clock.time }) };
  const rest = { devices: ada.devices, remember: true, address: null, requestId: null };
  expect(await signIn.attempt({ ...typed, ...rest })).toEqual({ outside: 'after' });
  expect((await pool.query(known, [ada.accountId])).rows).toEqual(before.rows);
});

test('forty guesses at once in a known browser are ten: five of its own, and five of a stranger', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => attempt(ada, ada.devices, { password: `a wrong password no ${i}` })),
  );
  expect(answers.filter((answer) => answer !== null)).toEqual([]);
  expect(await counts()).toEqual({ account: 5, devices: [5] });
  expect(
    log
      .words()
      .filter((word) => word.startsWith('account.lock'))
      .sort(),
  ).toEqual(['account.lock success account', 'account.lock success account/device']);
});

test('of two who show one secret and one code at once, one is let in, and one secret is left', async () => {
  const answers = await Promise.all([attempt(ada, ada.devices), attempt(ada, ada.devices)]);
  expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
  expect((await counts()).devices).toHaveLength(1);
});

test('two people in one browser are known there both; the secret of one is nothing for the other', async () => {
  const bea = await enrol(pool, clock, PASSWORD);
  const both = (await attempt(ada, bea.devices))!.devices;
  expect(both).toHaveLength(2);
  await times(5, () => attempt(ada, bea.devices, WRONG));
  clock.pass(30);
  expect(await attempt(ada, bea.devices)).toBeNull();
  const after = (await attempt(bea, both))!.devices;
  expect(after).toHaveLength(2);
  const later = (await attempt(ada, after))!.devices;
  expect(later).toHaveLength(2);
  // What bea's account has forgotten does not stay in the cookie.
  await pool.query(`DELETE FROM sign_in_device WHERE account_id = $1`, [bea.accountId]);
  clock.pass(30);
  expect((await attempt(ada, [...later, 'A'.repeat(22)]))!.devices).toHaveLength(1);
});

test('it is known for 180 days after the last sign-in, and swept away then', async () => {
  await times(5, () => attempt(ada, [], WRONG));
  await pool.query(`UPDATE account SET locked_until = '2100-01-01' WHERE id = $1`, [ada.accountId]);
  clock.pass(179 * 24 * 3600);
  const { devices } = (await attempt(ada, ada.devices))!;
  clock.pass(180 * 24 * 3600 + 1);
  expect(await attempt(ada, devices)).toBeNull();
  await pool.query(`UPDATE sign_in_device SET expires_at = now() - interval '1 second' WHERE account_id = $1`, [
    ada.accountId,
  ]);
  await sweepIssuer(pool);
  expect((await counts()).devices).toEqual([]);
});

test('an account knows twenty browsers: the one that was not used for longest is forgotten', async () => {
  for (let i = 0; i < 19; i += 1) {
    clock.pass(30);
    expect(await attempt(ada, [])).not.toBeNull();
  }
  await times(5, () => attempt(ada, [], WRONG));
  expect((await counts()).devices).toHaveLength(20);
  clock.pass(30);
  const { devices } = (await attempt(ada, ada.devices))!;
  clock.pass(60);
  expect(await attempt(ada, [])).not.toBeNull();
  expect((await counts()).devices).toHaveLength(20);
  await times(5, () => attempt(ada, [], WRONG));
  clock.pass(30);
  expect(await attempt(ada, devices)).not.toBeNull();
});

test('strangers together get ten guesses in the first hour and 33 in a day, whoever signs in meanwhile; a stolen secret as many again', async () => {
  const judged = async (devices: readonly string[]): Promise<number> => {
    let guesses = 0;
    while ((await countFailure(pool, clock, ada.accountId, devices)).open) guesses += 1;
    return guesses;
  };
  const during = { strangers: 0, stolen: 0 };
  let owner = (await attempt(ada, []))!.devices;
  clock.pass(30);
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    during.strangers += await judged([]);
    // Whatever comes with it after its lock would count as a stranger's, who are all refused by now.
    during.stolen += await judged(ada.devices);
    if (minute % 240 === 0) owner = (await attempt(ada, owner))!.devices;
    if (minute === 59) expect(during).toEqual({ strangers: 10, stolen: 10 });
    clock.pass(60);
  }
  expect(during).toEqual({ strangers: 33, stolen: 33 });
}, 60_000);
