// What is remembered of a checked token is no longer good than the token itself.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newIssuerKey, readIssuerKey, type IssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { TokenCheck } from '../../api/src/platform/auth/token-check.ts';
import { embeddedIssuer } from '../../api/src/platform/auth/token-issuer.ts';
import { mintAccessToken } from '../../api/src/platform/auth/token-minting.ts';
import {
  NoRevocations,
  TokenRevocations,
  type RevocableToken,
} from '../../api/src/platform/auth/token-revocations.port.ts';
import { Clock } from '../../api/src/platform/clock/clock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-revoked-'));
const START = new Date('2026-11-24T12:00:00Z');
let key: IssuerKey;

class HeldClock extends Clock {
  seconds = 0;
  now(): Date {
    return new Date(START.getTime() + this.seconds * 1000);
  }
}

class Revocations extends TokenRevocations {
  readonly revoked = new Set<string>();
  isRevoked({ tokenId, sessionId }: RevocableToken): boolean {
    return this.revoked.has(tokenId) || (sessionId !== null && this.revoked.has(sessionId));
  }
}

beforeAll(async () => {
  const file = path.join(folder, 'issuer.key');
  writeFileSync(file, newIssuerKey(), { mode: 0o600 });
  key = await readIssuerKey(file);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mint = (lifeSeconds = 300): Promise<string> =>
  mintAccessToken(
    key,
    {
      issuer: 'http://x/oidc',
      audience: 'http://x',
      subject: 'ann',
      clientId: 'portal',
      tenant: 'default',
      roles: ['auditor'],
      scopes: [],
      lifeSeconds,
      more: { sid: 'session-1' },
    },
    START,
  );

function check(revocations: TokenRevocations, clock: Clock): (token: string) => Promise<string> {
  const tokens = new TokenCheck([embeddedIssuer('http://x', 'http://x', key)], revocations, clock);
  return (token) =>
    tokens.check(token, null).then(
      ({ subject }) => subject,
      (error: unknown) => (error as Error).message,
    );
}

test('it runs out on the second, with five seconds for clocks that differ', async () => {
  const clock = new HeldClock();
  const ask = check(new NoRevocations(), clock);
  const token = await mint(60);
  const answers: [number, string][] = [];
  for (const seconds of [0, 59, 60, 64, 65, 3600]) {
    clock.seconds = seconds;
    answers.push([seconds, await ask(token)]);
  }
  expect(answers).toEqual([
    [0, 'ann'],
    [59, 'ann'],
    [60, 'ann'],
    [64, 'ann'],
    [65, 'it has expired'],
    [3600, 'it has expired'],
  ]);
});

test('revoked by its id or by its session, it is refused at the next request', async () => {
  const revocations = new Revocations();
  const ask = check(revocations, new HeldClock());
  const [one, other] = [await mint(), await mint()];
  expect([await ask(one), await ask(other)]).toEqual(['ann', 'ann']);
  const { jti } = JSON.parse(Buffer.from(one.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
  revocations.revoked.add(jti);
  expect([await ask(one), await ask(other)]).toEqual(['it was revoked', 'ann']);
  revocations.revoked.add('session-1');
  expect([await ask(one), await ask(other)]).toEqual(['it was revoked', 'it was revoked']);
});

test.each([0, 301, Number.NaN])('no token of %d seconds is made', async (seconds) => {
  await expect(mint(seconds)).rejects.toThrow('a token may live from 1 to 300 seconds');
});
