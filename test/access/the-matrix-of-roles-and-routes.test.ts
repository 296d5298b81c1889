// Every route × every role × own and other tenant, from the tables in support/. A route that is served and in none of them
// fails; so does a row whose route is not served. Each caller has every scope, so that only the role decides here.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES, type Role } from '../../api/src/platform/auth/principal.ts';
import { call, json } from '../api/support/http.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { IDENTITY_ROWS } from './support/identity-rows.ts';
import { LEDGER_ROWS, VERSION } from './support/ledger-rows.ts';
import { asJson, type Row } from './support/matrix-row.ts';
import { PRIVACY_ROWS } from './support/privacy-rows.ts';

const TABLE: readonly Row[] = [...LEDGER_ROWS, ...IDENTITY_ROWS, ...PRIVACY_ROWS];

interface Cell {
  readonly route: string;
  readonly role: Role | 'nobody';
  readonly tenant: 'own' | 'other';
  readonly status: number;
  readonly row: Row;
}

const CELLS: readonly Cell[] = [...TABLE]
  .sort((a, b) => Number(a.last ?? false) - Number(b.last ?? false))
  .flatMap((row) =>
    (['own', 'other'] as const).flatMap((tenant) =>
      [...ROLES, 'nobody' as const].map((role) => {
        const allowed = row.who === 'everybody' || (role !== 'nobody' && row.who.includes(role));
        return { route: row.route, role, tenant, status: allowed ? row[tenant] : role === 'nobody' ? 401 : 403, row };
      }),
    ),
  );

let site: Site;
let service: RunningService;
const tokens = new Map<string, string>();

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ CLIENT_JWKS_HOSTS: 'ehr.example' });
  expect((await service.api.submit(VERSION, 'confirmed')).status).toBe(201);
  const made = await call(service.url, '/v1/tenants', asJson('{"name":"other"}'));
  expect(made.status).toBe(201);
  // Persons with a second factor that is fresh: where that is needed, it is not what decides.
  const person = { subject: 'somebody', clientId: 'portal' };
  const more = { auth_time: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp'] };
  for (const role of ROLES) {
    tokens.set(`own ${role}`, await site.token({ ...person, roles: [role], more }));
    tokens.set(`other ${role}`, await site.token({ ...person, roles: [role], tenant: 'other', more }));
  }
}, 60_000);

afterAll(() => site.close());

test('the table has every route that is served, and no other', async () => {
  const { paths } = json(await call(service.url, '/api/docs-json')) as { paths: Record<string, object> };
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(TABLE.map(({ route }) => route).sort()).toEqual(served.sort());
});

describe('who may', () => {
  test.each(CELLS)('$route, $role, $tenant tenant: $status', async ({ role, tenant, status, row }) => {
    const sent = typeof row.sent === 'function' ? row.sent() : row.sent;
    const reply = await call(service.url, row.path, {
      ...sent,
      headers: { ...sent?.headers, 'x-purpose-of-use': 'TREAT' },
      token: role === 'nobody' ? null : (tokens.get(`${tenant} ${role}`) ?? ''),
    });
    expect(reply.status).toBe(status);
    if (status === 401) expect(json(reply)['code']).toBe('token-missing');
    if (status === 403) expect(json(reply)['code']).toBe('access-denied');
    if (status === 401) expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata="http/);
  });
});
