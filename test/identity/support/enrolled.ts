// Somebody who has taken up an account with password and authenticator, without pages and at a clock that stands still.

import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { EnrolmentService } from '../../../api/src/identity/accounts/enrolment.service.ts';
import { newOneTimeSecret } from '../../../api/src/identity/accounts/one-time-link.ts';
import { newSecret } from '../../../api/src/identity/accounts/second-factor.ts';
import { Clock } from '../../../api/src/platform/clock/clock.ts';
import type { Pool } from '../../../api/src/platform/database/pool.ts';
import { FieldCipher } from '../../../api/src/platform/keys/field-cipher.ts';
import { LocalKeyProvider } from '../../../api/src/platform/keys/local-key-provider.file.ts';
import { RecordedAccess } from './recorded.ts';

export class StillClock extends Clock {
  time = new Date('2026-11-24T12:00:00Z').getTime();
  override now(): Date {
    return new Date(this.time);
  }
  pass(seconds: number): void {
    this.time += seconds * 1000;
  }
}

export interface Enrolled {
  readonly login: string;
  readonly accountId: string;
  /** What the browser holds in which the account was taken up. */
  readonly devices: readonly string[];
  readonly totp: TOTP;
}

export const testFields = (): FieldCipher => new FieldCipher(new LocalKeyProvider(new Uint8Array(32).fill(7)));

/** Half a minute later, so that the next code counts. */
export async function enrol(pool: Pool, clock: StillClock, password: string): Promise<Enrolled> {
  const enrolment = new EnrolmentService(pool, testFields(), new RecordedAccess(), clock);
  const login = `${randomUUID()}@larkmoor.example`;
  const accountId = randomUUID();
  const secret = newOneTimeSecret();
  const totpSecret = newSecret();
  const totp = new TOTP({ secret: new Secret({ buffer: new Uint8Array(totpSecret).buffer }) });
  await pool.query(`INSERT INTO tenant (id, name) VALUES ($1, 'default') ON CONFLICT DO NOTHING`, [randomUUID()]);
  await pool.query(
    `INSERT INTO account (id, tenant_id, login, roles) SELECT $1, id, $2, '{auditor}' FROM tenant WHERE name = 'default'`,
    [accountId, login],
  );
  await pool.query(`INSERT INTO enrolment (digest, account_id, expires_at) VALUES ($1, $2, $3)`, [
    secret.digest,
    accountId,
    new Date(clock.time + 60_000),
  ]);
  const code = totp.generate({ timestamp: clock.time });
  const done = await enrolment.complete(
    { secret: secret.text, login: '', password, repeated: password, code, totpSecret, devices: [] },
    { address: null, requestId: null },
  );
  expect(done).toMatchObject({ done: true, login });
  clock.pass(30);
  return { login, accountId, totp, devices: done.done ? done.devices : [] };
}
