// Every route × every role × own and other tenant, from the one table below. A route that is served and not in the table
// fails; so does a row whose route is not served. Each caller has every scope, so that only the role decides here.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES, type Role } from '../../api/src/platform/auth/principal.ts';
import { call, json, type Sent } from '../api/support/http.ts';
import { observation } from '../flow/support/records.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

const VERSION = observation('matrix', '1', '4.20');
const FHIR: Sent = { headers: { 'content-type': VERSION.mediaType }, body: VERSION.content };
const LINE = `${JSON.stringify({ source: 'ehr', recordId: VERSION.recordId, versionId: '1', mediaType: VERSION.mediaType, contentBase64: Buffer.from(VERSION.content).toString('base64') })}\n`;
const LINES: Sent = { headers: { 'content-type': 'application/x-ndjson' }, body: LINE };
const RECORD = '/v1/records/ehr/Observation%2Fmatrix';

let unique = 0;
const named = (): Sent => asJson(`{"name":"made-${++unique}"}`);

/** No account and no client has this id. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const machine = (): Sent =>
  asJson(`{"name":"made-${++unique}","roles":["auditor"],"jwksUri":"https://ehr.example/jwks"}`);
const invited = (): Sent => asJson(`{"login":"made-${++unique}@larkmoor.example","roles":["auditor"]}`);

interface Row {
  /** As the OpenAPI document has it. */
  readonly route: string;
  readonly path: string;
  readonly sent?: Sent | (() => Sent);
  /** `everybody`: no token needed. */
  readonly who: 'everybody' | readonly Role[];
  /** Status for them, in the tenant that has the record. */
  readonly own: number;
  /** Status for the same roles in another tenant. */
  readonly other: number;
  /** What it writes would be found by other rows: it comes after all of them. */
  readonly last?: true;
}

/** No key has this id. */
const NO_KEY = 'x'.repeat(43);
const KEYS = '/v1/sources/ehr/keys';
const KEY = `${KEYS}/${NO_KEY}`;
const KEY_READERS = ['record-system', 'auditor', 'administrator'] as const;
const KEY_HOLDERS = ['record-system', 'administrator'] as const;

const RECORD_READERS = ['record-system', 'auditor', 'clinician', 'privacy-officer'] as const;

const TABLE: readonly Row[] = [
  {
    route: 'GET /.well-known/oauth-protected-resource',
    path: '/.well-known/oauth-protected-resource',
    who: 'everybody',
    own: 200,
    other: 200,
  },
  { route: 'GET /checkpoint', path: '/checkpoint', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /health/live', path: '/health/live', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /health/ready', path: '/health/ready', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /metrics', path: '/metrics', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /tile/{path}', path: '/tile/0/000.p/1', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /v1/anchors', path: '/v1/anchors', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /v1/anchors/{size}', path: '/v1/anchors/1', who: 'everybody', own: 200, other: 200 },
  { route: 'GET /v1/log', path: '/v1/log', who: 'everybody', own: 200, other: 200 },
  {
    route: 'POST /v1/proofs/verify',
    path: '/v1/proofs/verify',
    sent: asJson('{}'),
    who: 'everybody',
    own: 400,
    other: 400,
  },

  {
    route: 'POST /v1/records/{source}/{recordId}/versions',
    last: true,
    path: `${RECORD}/versions?versionId=1`,
    sent: FHIR,
    who: ['record-system'],
    own: 200,
    other: 201,
  },
  {
    route: 'POST /v1/versions',
    last: true,
    path: '/v1/versions',
    sent: LINES,
    who: ['record-system'],
    own: 200,
    other: 200,
  },
  {
    route: 'GET /v1/records/{source}/{recordId}/versions',
    path: `${RECORD}/versions`,
    who: RECORD_READERS,
    own: 200,
    other: 404,
  },
  {
    route: 'GET /v1/records/{source}/{recordId}/versions/{versionId}',
    path: `${RECORD}/versions/1`,
    who: RECORD_READERS,
    own: 200,
    other: 404,
  },
  {
    route: 'POST /v1/records/{source}/{recordId}/verify',
    path: `${RECORD}/verify`,
    sent: FHIR,
    who: RECORD_READERS,
    own: 200,
    other: 200,
  },
  { route: 'POST /v1/verify', path: '/v1/verify', sent: LINES, who: RECORD_READERS, own: 200, other: 200 },
  {
    route: 'GET /v1/records/{source}/{recordId}/versions/{versionId}/proof',
    path: `${RECORD}/versions/1/proof`,
    who: RECORD_READERS,
    own: 200,
    other: 404,
  },
  {
    route: 'POST /v1/records/{source}/{recordId}/versions/{versionId}/proof',
    path: `${RECORD}/versions/1/proof?disclose=/id`,
    sent: FHIR,
    who: ['record-system', 'clinician'],
    own: 200,
    other: 404,
  },
  {
    route: 'GET /v1/records/{source}/{recordId}/versions/{versionId}/provenance',
    path: `${RECORD}/versions/1/provenance`,
    who: RECORD_READERS,
    own: 200,
    other: 404,
  },
  {
    route: 'POST /v1/records/{source}/{recordId}/versions/prepare',
    last: true,
    path: `${RECORD}/versions/prepare?versionId=1`,
    sent: FHIR,
    who: ['record-system'],
    own: 200,
    other: 200,
  },
  { route: 'GET /v1/sources/{source}/keys', path: KEYS, who: KEY_READERS, own: 200, other: 404 },
  { route: 'GET /v1/sources/{source}/keys/{keyId}', path: KEY, who: KEY_READERS, own: 404, other: 404 },
  {
    route: 'POST /v1/sources/{source}/keys/prepare',
    last: true,
    path: `${KEYS}/prepare`,
    sent: asJson(`{"action":"revoke","keyId":"${NO_KEY}"}`),
    who: KEY_HOLDERS,
    own: 200,
    other: 200,
  },
  { route: 'POST /v1/sources/{source}/keys', path: KEYS, sent: asJson('{}'), who: KEY_HOLDERS, own: 400, other: 400 },
  {
    route: 'POST /v1/sources/{source}/keys/{keyId}/rotate',
    path: `${KEY}/rotate`,
    sent: asJson('{}'),
    who: KEY_HOLDERS,
    own: 400,
    other: 400,
  },
  {
    route: 'POST /v1/sources/{source}/keys/{keyId}/revoke',
    path: `${KEY}/revoke`,
    sent: asJson('{"reason":"lost"}'),
    who: KEY_HOLDERS,
    own: 404,
    other: 404,
  },

  {
    route: 'GET /v1/alarms',
    path: '/v1/alarms',
    who: ['auditor', 'isms-manager', 'privacy-officer', 'administrator'],
    own: 200,
    other: 200,
  },
  {
    route: 'GET /tile/entries/{path}',
    path: '/tile/entries/000.p/1',
    who: ['auditor', 'administrator'],
    own: 200,
    other: 403,
  },
  { route: 'GET /v1/fsck', path: '/v1/fsck', who: ['auditor', 'isms-manager', 'administrator'], own: 200, other: 403 },
  {
    route: 'GET /v1/fsck/findings',
    path: '/v1/fsck/findings',
    who: ['auditor', 'isms-manager', 'administrator'],
    own: 200,
    other: 403,
  },
  { route: 'POST /v1/fsck', path: '/v1/fsck', sent: { method: 'POST' }, who: ['administrator'], own: 202, other: 403 },
  {
    route: 'GET /v1/keys/rotations/latest',
    path: '/v1/keys/rotations/latest',
    who: ['administrator'],
    own: 404,
    other: 403,
  },
  {
    route: 'POST /v1/keys/rotations',
    path: '/v1/keys/rotations',
    sent: { method: 'POST' },
    who: ['administrator'],
    own: 202,
    other: 403,
  },
  { route: 'GET /v1/sources', path: '/v1/sources', who: ['administrator'], own: 200, other: 200 },
  { route: 'POST /v1/sources', path: '/v1/sources', sent: named, who: ['administrator'], own: 201, other: 201 },
  { route: 'GET /v1/tenants', path: '/v1/tenants', who: ['administrator'], own: 200, other: 403 },
  { route: 'POST /v1/tenants', path: '/v1/tenants', sent: named, who: ['administrator'], own: 201, other: 403 },
  { route: 'GET /v1/break-glass', path: '/v1/break-glass', who: ['auditor', 'privacy-officer'], own: 200, other: 200 },
  {
    route: 'POST /v1/break-glass/{id}/review',
    path: '/v1/break-glass/999/review',
    sent: asJson('{"judgement":"justified"}'),
    who: ['auditor', 'privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'GET /.well-known/smart-configuration',
    path: '/.well-known/smart-configuration',
    who: 'everybody',
    own: 200,
    other: 200,
  },
  { route: 'GET /v1/clients', path: '/v1/clients', who: ['administrator'], own: 200, other: 200 },
  { route: 'POST /v1/clients', path: '/v1/clients', sent: machine, who: ['administrator'], own: 201, other: 201 },
  { route: 'GET /v1/clients/{clientId}', path: `/v1/clients/${NOBODY}`, who: ['administrator'], own: 404, other: 404 },
  {
    route: 'PUT /v1/clients/{clientId}/keys',
    path: `/v1/clients/${NOBODY}/keys`,
    sent: asJson('{"jwksUri":"https://ehr.example/jwks"}', 'PUT'),
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'PUT /v1/clients/{clientId}/access-period',
    path: `/v1/clients/${NOBODY}/access-period`,
    sent: asJson('{"accessFrom":null,"accessUntil":null}', 'PUT'),
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/clients/{clientId}/disable',
    path: `/v1/clients/${NOBODY}/disable`,
    sent: { method: 'POST' },
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  { route: 'GET /v1/accounts', path: '/v1/accounts', who: ['administrator'], own: 200, other: 200 },
  { route: 'POST /v1/accounts', path: '/v1/accounts', sent: invited, who: ['administrator'], own: 201, other: 201 },
  {
    route: 'PUT /v1/accounts/{accountId}/roles',
    path: `/v1/accounts/${NOBODY}/roles`,
    sent: asJson('{"roles":["auditor"]}', 'PUT'),
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'PUT /v1/accounts/{accountId}/access-period',
    path: `/v1/accounts/${NOBODY}/access-period`,
    sent: asJson('{"accessFrom":null,"accessUntil":null}', 'PUT'),
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/accounts/{accountId}/disable',
    path: `/v1/accounts/${NOBODY}/disable`,
    sent: { method: 'POST' },
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/accounts/{accountId}/reset',
    path: `/v1/accounts/${NOBODY}/reset`,
    sent: { method: 'POST' },
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/accounts/{accountId}/reset-password',
    path: `/v1/accounts/${NOBODY}/reset-password`,
    sent: { method: 'POST' },
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  { route: 'GET /v1/sessions', path: '/v1/sessions', who: ['administrator'], own: 200, other: 200 },
  {
    route: 'DELETE /v1/sessions/{sessionId}',
    path: '/v1/sessions/nobody',
    sent: { method: 'DELETE' },
    who: ['administrator'],
    own: 404,
    other: 404,
  },
  {
    route: 'GET /v1/access-log',
    path: '/v1/access-log',
    who: ['auditor', 'privacy-officer'],
    own: 200,
    other: 200,
  },
  {
    route: 'GET /v1/access-log/export',
    path: '/v1/access-log/export',
    who: ['auditor', 'privacy-officer'],
    own: 200,
    other: 200,
  },
  {
    route: 'POST /v1/sources/{source}/erasures',
    path: '/v1/sources/ehr/erasures',
    sent: asJson('{}'),
    who: ['privacy-officer'],
    own: 400,
    other: 400,
  },
  {
    route: 'GET /v1/sources/{source}/erasures',
    path: '/v1/sources/ehr/erasures',
    who: ['privacy-officer'],
    own: 200,
    other: 404,
  },
  {
    route: 'GET /v1/sources/{source}/erasures/{id}',
    path: '/v1/sources/ehr/erasures/00000000-0000-4000-8000-000000000001',
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/erasures/{id}/approval',
    path: '/v1/sources/ehr/erasures/00000000-0000-4000-8000-000000000001/approval',
    sent: { method: 'POST' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/erasures/{id}/refusal',
    path: '/v1/sources/ehr/erasures/00000000-0000-4000-8000-000000000001/refusal',
    sent: { method: 'POST' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'GET /v1/sources/{source}/erasures/{id}/proofs/{index}',
    path: '/v1/sources/ehr/erasures/00000000-0000-4000-8000-000000000001/proofs/0',
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/legal-holds',
    path: '/v1/sources/ehr/legal-holds',
    sent: asJson('{}'),
    who: ['privacy-officer'],
    own: 400,
    other: 400,
  },
  {
    route: 'GET /v1/sources/{source}/legal-holds',
    path: '/v1/sources/ehr/legal-holds',
    who: ['privacy-officer'],
    own: 200,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/legal-holds/{id}/release',
    path: '/v1/sources/ehr/legal-holds/00000000-0000-4000-8000-000000000001/release',
    sent: { method: 'POST' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/retention-rules',
    path: '/v1/sources/ehr/retention-rules',
    sent: asJson('{}'),
    who: ['privacy-officer'],
    own: 400,
    other: 400,
  },
  {
    route: 'GET /v1/sources/{source}/retention-rules',
    path: '/v1/sources/ehr/retention-rules',
    who: ['privacy-officer'],
    own: 200,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/retention-rules/{id}/activation',
    path: '/v1/sources/ehr/retention-rules/00000000-0000-4000-8000-000000000001/activation',
    sent: { method: 'POST' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'POST /v1/sources/{source}/retention-rules/{id}/pause',
    path: '/v1/sources/ehr/retention-rules/00000000-0000-4000-8000-000000000001/pause',
    sent: { method: 'POST' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
  {
    route: 'DELETE /v1/sources/{source}/retention-rules/{id}',
    path: '/v1/sources/ehr/retention-rules/00000000-0000-4000-8000-000000000001',
    sent: { method: 'DELETE' },
    who: ['privacy-officer'],
    own: 404,
    other: 404,
  },
];

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

function asJson(body: string, method = 'POST'): Sent {
  return { method, headers: { 'content-type': 'application/json' }, body };
}
