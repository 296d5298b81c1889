// Who may use which route: records, proofs, the log and its keeping.

import type { Sent } from '../../api/support/http.ts';
import { observation } from '../../flow/support/records.ts';
import { asJson, type Row } from './matrix-row.ts';

/** What the tenant that has the record has recorded. */
export const VERSION = observation('matrix', '1', '4.20');
const FHIR: Sent = { headers: { 'content-type': VERSION.mediaType }, body: VERSION.content };
const LINE = `${JSON.stringify({ source: 'ehr', recordId: VERSION.recordId, versionId: '1', mediaType: VERSION.mediaType, contentBase64: Buffer.from(VERSION.content).toString('base64') })}\n`;
const LINES: Sent = { headers: { 'content-type': 'application/x-ndjson' }, body: LINE };
const RECORD = '/v1/records/ehr/Observation%2Fmatrix';

/** No key has this id. */
const NO_KEY = 'x'.repeat(43);
const KEYS = '/v1/sources/ehr/keys';
const KEY = `${KEYS}/${NO_KEY}`;
const KEY_READERS = ['record-system', 'auditor', 'administrator'] as const;
const KEY_HOLDERS = ['record-system', 'administrator'] as const;

const RECORD_READERS = ['record-system', 'auditor', 'clinician', 'privacy-officer'] as const;

export const LEDGER_ROWS: readonly Row[] = [
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
];
