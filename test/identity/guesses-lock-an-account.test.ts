// Guessing passwords or codes closes an account for a while, longer each time; neither the answer nor the time it takes says
// whether an account exists, is closed, or which part was wrong. Real database; the clock is held still.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TOTP } from 'otpauth';
import { lockSeconds } from '../../api/src/identity/accounts/lockout.rules.ts';
import { SignInService } from '../../api/src/identity/accounts/sign-in.service.ts';
import { migrate } from '../../api/src/platform/database/migrate.ts';
import { createPool, type Pool } from '../../api/src/platform/database/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { enrol, StillClock, testFields } from './support/enrolled.ts';
import { RecordedAccess } from './support/recorded.ts';

const PASSWORD = 'four unlikely words together';

let database: TestDatabase;
let pool: Pool;
let clock: StillClock;
let log: RecordedAccess;
let signIn: SignInService;
let login: string;
let accountId: string;
let totp: TOTP;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url);
  pool = createPool(database.url, 8);
}, 60_000);

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Each test has a fresh account of its own, enrolled in the way in which people are. */
beforeEach(async () => {
  clock = new StillClock();
  log = new RecordedAccess();
  signIn = new SignInService(pool, testFields(), log, clock);
  ({ login, accountId, totp } = await enrol(pool, clock, PASSWORD));
});

const code = (): string => totp.generate({ timestamp: clock.time });

async function attempt(fields: { login?: string; password?: string; code?: string } = {}): Promise<boolean> {
  const typed = { login, password: PASSWORD, code: code(), ...fields };
  const browser = { devices: [], remember: false, address: '192.0.2.7', requestId: 'r-1' };
  return (await signIn.attempt({ ...typed, ...browser })) !== null;
}

test('the lock grows from a minute to an hour', () => {
  expect([1, 4, 5, 6, 7, 10, 11, 12, 60].map(lockSeconds)).toEqual([0, 0, 60, 120, 240, 1920, 3600, 3600, 3600]);
});

test('the right three open, in any spelling of the login, and are recorded', async () => {
  expect(await attempt({ login: ` ${login.toUpperCase()} ` })).toBe(true);
  expect(log.events).toEqual([
    {
      action: 'sign-in',
      outcome: 'success',
      caller: null,
      tenantId: expect.any(String),
      decision: null,
      entity: { type: 'account/otp', id: accountId },
      purposeOfUse: null,
      breakGlass: null,
      address: '192.0.2.7',
      requestId: 'r-1',
    },
  ]);
});

test.each([
  ['password', { password: 'four unlikely words elsewhere' }],
  ['code', { code: '000000' }],
  ['login', { login: 'nobody@larkmoor.example' }],
  ['a recovery code that was never given', { code: 'aaaa-bbbb-cccc-dddd' }],
  ['an enormous password', { password: 'x'.repeat(2000) }],
])('a wrong %s is refused', async (_what, fields) => {
  expect(await attempt(fields)).toBe(false);
});

test('the fifth failure closes the account, also for its owner, until the time is over', async () => {
  for (let i = 0; i < 5; i += 1) expect(await attempt({ password: 'four unlikely words elsewhere' })).toBe(false);
  expect(await attempt()).toBe(false);
  clock.pass(59);
  expect(await attempt()).toBe(false);
  clock.pass(2);
  expect(await attempt()).toBe(true);
  expect(log.words().filter((word) => word.startsWith('account.lock'))).toEqual(['account.lock success account']);
  const [row] = (await pool.query<{ failures: number }>(`SELECT failures FROM account WHERE id = $1`, [accountId]))
    .rows;
  expect(row).toEqual({ failures: 0 });
});

test('after the time is over, one more failure closes it for twice as long', async () => {
  for (let i = 0; i < 5; i += 1) await attempt({ code: '000000' });
  clock.pass(61);
  expect(await attempt({ code: '000000' })).toBe(false);
  clock.pass(61);
  expect(await attempt()).toBe(false);
  clock.pass(60);
  expect(await attempt()).toBe(true);
});

test('forty guesses at once are not more than five', async () => {
  const right = 3;
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      attempt({ password: i === right ? PASSWORD : `a wrong password no ${i}`, code: '000000' }),
    ),
  );
  expect(answers).not.toContain(true);
  const [row] = (
    await pool.query<{ failures: number; closed: boolean }>(
      `SELECT failures, locked_until > $2 AS closed FROM account WHERE id = $1`,
      [accountId, clock.now()],
    )
  ).rows;
  expect(row).toEqual({ failures: 5, closed: true });
});

test('a code is taken once, and none from before it', async () => {
  const early = code();
  clock.pass(30);
  expect(await attempt()).toBe(true);
  expect(await attempt()).toBe(false);
  expect(await attempt({ code: early })).toBe(false);
  clock.pass(30);
  expect(await attempt()).toBe(true);
});

test('of two who use one code at once, one is let in', async () => {
  const answers = await Promise.all([attempt(), attempt()]);
  expect(answers.filter((admitted) => admitted)).toHaveLength(1);
});

test('a closed and a disabled account are refused like one that is not there', async () => {
  await pool.query(`UPDATE account SET disabled_at = now() WHERE id = $1`, [accountId]);
  expect(await attempt()).toBe(false);
  expect(log.words()).toEqual(['sign-in failure -']);
});

describe('time', () => {
  test('an unknown login, a wrong password and a closed account take as long as the right ones', async () => {
    await attempt({ login: 'warm@up.example' });
    const times = new Map<string, number[]>([
      ['unknown', []],
      ['wrong', []],
      ['closed', []],
    ]);
    const measure = async (kind: string, fields: { login?: string; password?: string }): Promise<void> => {
      const started = performance.now();
      await attempt(fields);
      times.get(kind)!.push(performance.now() - started);
    };
    const ratios = (): number[] => {
      const [unknown, wrong, closed] = [...times.values()].map((all) => Math.min(...all)) as [number, number, number];
      return [unknown / wrong, closed / wrong];
    };
    const alike = (ratio: number): boolean => ratio > 0.5 && ratio < 2;
    // The least of many is what the work itself costs; what others do on the machine only adds. Without the decoy an unknown
    // login would be answered in a tenth of the time, however often it is looked at.
    for (let i = 0; i < 9 || (i < 60 && !ratios().every(alike)); i += 1) {
      await measure('unknown', { login: `nobody-${i}@larkmoor.example` });
      await pool.query(`UPDATE account SET failures = 0, locked_until = NULL WHERE id = $1`, [accountId]);
      await measure('wrong', { password: 'four unlikely words elsewhere' });
      await pool.query(`UPDATE account SET failures = 9, locked_until = $2 WHERE id = $1`, [
        accountId,
        new Date(clock.time + 60_000),
      ]);
      await measure('closed', {});
    }
    expect(ratios().filter((ratio) => !alike(ratio))).toEqual([]);
  });
});
