// Who may use which route: sources, tenants, machines, people, and the access log.

import type { Sent } from '../../api/support/http.ts';
import { asJson, type Row } from './matrix-row.ts';

let unique = 0;
const named = (): Sent => asJson(`{"name":"made-${++unique}"}`);

/** No account and no client has this id. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const machine = (): Sent =>
  asJson(`{"name":"made-${++unique}","roles":["auditor"],"jwksUri":"https://ehr.example/jwks"}`);
const invited = (): Sent => asJson(`{"login":"made-${++unique}@larkmoor.example","roles":["auditor"]}`);

export const IDENTITY_ROWS: readonly Row[] = [
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
];
