// `npm run token`, as an operator types it: a token of the wanted caller on standard output and nothing else; wrong arguments
// and a missing key are told, and nothing is printed that a shell could take for a token.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { newIssuerKey, readIssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { NoRevocations } from '../../api/src/platform/auth/token-revocations.port.ts';
import { TokenCheck } from '../../api/src/platform/auth/token-check.ts';
import { embeddedIssuer } from '../../api/src/platform/auth/token-issuer.ts';
import { SystemClock } from '../../api/src/platform/clock/clock.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';

const home = mkdtempSync(path.join(tmpdir(), 'medanchor-test-token-'));
const keyFile = path.join(home, 'keys', 'issuer.key');
mkdirSync(path.dirname(keyFile));
writeFileSync(keyFile, newIssuerKey(), { mode: 0o600 });
afterAll(() => rmSync(home, { recursive: true, force: true }));

function token(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = path.join(PROJECT_ROOT, 'scripts', 'medanchor.mjs');
  const { PATH = '', HOME = '' } = process.env;
  return spawnSync(process.execPath, [script, 'token', ...args], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
    env: { PATH, HOME, MEDANCHOR_HOME: home, ...env },
  });
}

test('without arguments: all that the tour needs, for the service on the usual port', async () => {
  const { status, stdout } = token([]);
  expect([status, stdout.split('\n')]).toEqual([0, [expect.stringMatching(/^eyJ/), '']]);
  const issuer = embeddedIssuer('http://localhost:3000', 'http://localhost:3000', await readIssuerKey(keyFile));
  const checked = await new TokenCheck([issuer], new NoRevocations(), new SystemClock()).check(stdout.trim(), null);
  expect(checked).toMatchObject({
    subject: 'operator',
    clientId: 'operator',
    tenant: 'default',
    roles: new Set(['record-system', 'auditor', 'administrator']),
    sources: null,
  });
  expect(checked.expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(300_000);
}, 60_000);

test('for another caller, and a service at another address', () => {
  const { status, stdout } = token(
    ['--role', 'clinician', '--role', 'auditor', '--tenant', 'north', '--source', 'ehr', '--source', 'lab'],
    { PUBLIC_URL: 'https://ledger.example', AUTH_AUDIENCE: 'urn:ledger' },
  );
  expect(status).toBe(0);
  expect(decodeJwt(stdout)).toMatchObject({
    iss: 'https://ledger.example/oidc',
    aud: 'urn:ledger',
    tenant: 'north',
    roles: ['clinician', 'auditor'],
    sources: ['ehr', 'lab'],
  });
}, 60_000);

test.each([
  [['--role', 'root'], {}, 2, 'there is no role root'],
  [['--life', '3600'], {}, 2, '--life'],
  [['auditor'], {}, 2, 'auditor'],
  [[], { MEDANCHOR_HOME: path.join(home, 'nowhere') }, 3, 'there is no issuer key at'],
])(
  '%j %j: exit code %i',
  (args, env, code, said) => {
    const { status, stdout, stderr } = token(args, env);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(said);
  },
  60_000,
);
