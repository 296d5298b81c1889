// `npm run client` and `npm run token -- --client FILE`, as an operator types them: on the running service's database a
// machine is registered, its key lies in one private file, and the token that it fetches opens the API.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { clientToken } from '../../scripts/launch/client-token.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { openIssuerSite, type IssuerSite } from './support/issuer-site.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-client-'));
const file = path.join(folder, 'ward.client.json');
/** Each command is a process that connects, checks the schema and wires everything. */
const PATIENCE_MS = 120_000;
let issuer: IssuerSite;

beforeAll(async () => {
  issuer = await openIssuerSite();
}, 60_000);

afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The service's own command, on a database and chain of one's own. */
function client(...args: readonly string[]): Ran {
  const environment = { ...issuer.site.settings(), PUBLIC_URL: issuer.url, PATH: process.env['PATH'] ?? '' };
  const program = path.join(PROJECT_ROOT, 'api', 'dist', 'client.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test(
  'a machine is registered, and its key is in a file of its owner',
  async () => {
    const period = ['--access-from', '2026-01-01T00:00:00Z', '--access-until', '2099-12-31T23:00:00+01:00'];
    const ran = client('--name', 'Ward EHR', '--role', 'record-system', '--source', 'ward-a', '--out', file, ...period);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(ran.out).toContain('Ward EHR');
    const written = JSON.parse(readFileSync(file, 'utf8')) as { client_id: string; private_key: { d: string } };
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ran.out).not.toContain(written.private_key.d);
    const rows = await issuer.site.read<{ row: string; id: string }>(
      `SELECT id, row_to_json(c)::text AS row FROM client c`,
    );
    expect(rows.map(({ id }) => id)).toEqual([written.client_id]);
    expect(rows[0]!.row).not.toContain(written.private_key.d);
  },
  PATIENCE_MS,
);

test('its token opens what it may open', async () => {
  const token = await clientToken(file);
  expect(decodeJwt(token)).toMatchObject({
    roles: ['record-system'],
    sources: ['ward-a'],
    access_from: Date.parse('2026-01-01T00:00:00Z') / 1000,
    access_until: Date.parse('2099-12-31T22:00:00Z') / 1000,
    scope: 'ledger/version.write ledger/verify',
  });
  const submit = (source: string): Promise<Response> =>
    fetch(`${issuer.url}/v1/records/${source}/obs-1/versions?versionId=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Observation', id: 'obs-1', status: 'final' }),
    });
  expect((await submit('ward-a')).status).toBe(201);
  expect((await submit('ward-b')).status).toBe(403);
  await expect(clientToken(file, 'admin')).rejects.toThrow(/invalid_scope/);
});

test.each([
  [['--role', 'auditor'], 2, /--name/],
  [['--name', 'X'], 2, /--roles/],
  [['--name', 'X', '--role', 'king'], 2, /--roles/],
  [['--name', 'X', '--role', 'record-system', '--scope', 'admin'], 2, /scopes: only those/],
  [['--name', 'X', '--role', 'auditor', '--tenant', 'nowhere'], 1, /no tenant nowhere/],
  [['--name', 'X', '--role', 'auditor', '--unknown'], 2, /--unknown/],
  [['--name', 'X', '--role', 'auditor', '--access-until', 'tomorrow'], 2, /--access-until: a time with its offset/],
  [['--name', 'X', '--role', 'auditor', '--access-until', '2020-01-01T00:00:00Z'], 1, /accessUntil: lies in the past/],
])(
  '%j is refused and leaves nothing',
  async (args, code, fault) => {
    const ran = client(...args);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(fault);
    expect(existsSync(path.join(folder, 'X.client.json'))).toBe(false);
    expect(await issuer.site.read(`SELECT FROM client`)).toHaveLength(1);
  },
  PATIENCE_MS,
);

test(
  'a key file that is there is never written over',
  () => {
    const before = readFileSync(file, 'utf8');
    const ran = client('--name', 'Other', '--role', 'auditor', '--out', file);
    expect([ran.code, /is there already/.test(ran.err)]).toEqual([1, true]);
    expect(readFileSync(file, 'utf8')).toBe(before);
  },
  PATIENCE_MS,
);

test('a key that others can read is not used', async () => {
  const open = path.join(folder, 'open.json');
  writeFileSync(open, readFileSync(file));
  chmodSync(open, 0o644);
  await expect(clientToken(open)).rejects.toThrow(/can be read by others/);
});
