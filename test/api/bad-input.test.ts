// Every way to send something wrong, with the answer: a 4xx problem that names the fault under a stable code, carries the
// request id, repeats nothing of the content, and leaves every row count as it was.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Site, type RunningService } from '../flow/support/site.ts';
import { call, json, type Sent } from './support/http.ts';
import { rows } from './support/rows.ts';

const FHIR = 'application/fhir+json';
const JSON_TYPE = 'application/json';
const PATIENT = '{"resourceType":"Patient","id":"p1","birthDate":"1970-01-01"}';
const VERSIONS = '/v1/records/ehr/Patient%2Fp1/versions';
const BODY_LIMIT = 4096;
/** Stands in every malformed content: no answer may repeat it. */
const SECRET = 'Zwetschgenbaum';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ BODY_LIMIT_BYTES: String(BODY_LIMIT), BATCH_LINE_LIMIT_BYTES: '1024' });
  const first = await call(service.url, `${VERSIONS}?versionId=1&wait=confirmed&timeoutMs=20000`, {
    headers: { 'content-type': FHIR },
    body: PATIENT,
  });
  expect(json(first)['state']).toBe('confirmed');
}, 60_000);

afterAll(async () => {
  await site.close();
});

interface Case {
  readonly name: string;
  readonly path: string;
  readonly sent?: Sent;
  readonly status: number;
  readonly code: string;
  /** Stands in `detail` (or in `reason`): what names the fault. */
  readonly says: string;
}

const typed = (mediaType: string, body: string | Uint8Array): Sent => ({
  headers: { 'content-type': mediaType },
  body,
});
const submission = (body: string | Uint8Array, mediaType = FHIR): Pick<Case, 'path' | 'sent'> => ({
  path: `${VERSIONS}?versionId=2`,
  sent: typed(mediaType, body),
});

const content: readonly Case[] = [
  {
    name: 'malformed JSON',
    ...submission(`{"resourceType":"Patient","x":"${SECRET}"`),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_MALFORMED',
  },
  { name: 'no JSON at all', ...submission(SECRET), status: 422, code: 'content-malformed', says: 'JSON_MALFORMED' },
  {
    name: 'duplicate keys',
    ...submission(`{"resourceType":"Patient","${SECRET}":1,"${SECRET}":2}`),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_DUPLICATE_KEY',
  },
  {
    name: 'duplicate keys, one of them escaped',
    ...submission('{"resourceType":"Patient","id":"1","i\\u0064":"2"}'),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_DUPLICATE_KEY',
  },
  {
    name: 'a lone surrogate',
    ...submission('{"resourceType":"Patient","name":"\\ud800"}'),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_LONE_SURROGATE',
  },
  {
    name: 'a byte-order mark',
    ...submission(`\ufeff${PATIENT}`),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_BYTE_ORDER_MARK',
  },
  {
    name: 'invalid UTF-8',
    ...submission(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_INVALID_UTF8',
  },
  {
    name: '65 levels of nesting',
    ...submission(`${'['.repeat(65)}${']'.repeat(65)}`, JSON_TYPE),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_TOO_DEEP',
  },
  {
    name: 'a number beyond every double',
    ...submission('{"resourceType":"Patient","x":1e400}'),
    status: 422,
    code: 'content-malformed',
    says: 'JSON_NUMBER',
  },
  {
    name: 'FHIR without resourceType',
    ...submission(`{"id":"${SECRET}"}`),
    status: 422,
    code: 'content-malformed',
    says: 'resourceType',
  },
  {
    name: 'JSON declared in another charset',
    ...submission(PATIENT, `${FHIR}; charset=utf-16`),
    status: 422,
    code: 'content-malformed',
    says: 'MEDIA_TYPE_CHARSET',
  },
  { name: 'an empty body', ...submission(''), status: 400, code: 'content-missing', says: 'content' },
  {
    name: 'no body',
    path: `${VERSIONS}?versionId=2`,
    sent: { method: 'POST' },
    status: 400,
    code: 'content-missing',
    says: 'content',
  },
  {
    name: 'a deletion with content',
    path: `${VERSIONS}?versionId=2&activity=delete`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'content-not-allowed',
    says: 'deletion',
  },
  {
    name: 'no media type',
    path: `${VERSIONS}?versionId=2`,
    sent: { body: PATIENT },
    status: 415,
    code: 'media-type-missing',
    says: 'Content-Type',
  },
  {
    name: 'a media type that is none',
    ...submission(PATIENT, 'json'),
    status: 415,
    code: 'media-type-unsupported',
    says: '',
  },
  {
    name: 'a body above the limit',
    ...submission(Buffer.alloc(BODY_LIMIT + 1, 0x20)),
    status: 413,
    code: 'content-too-large',
    says: '',
  },
  {
    name: 'content to verify that is malformed',
    path: '/v1/records/ehr/Patient%2Fp1/verify',
    sent: typed(FHIR, ''),
    status: 400,
    code: 'content-missing',
    says: 'content',
  },
];

const EMPTY_VERSION = `${VERSIONS}?versionId=`;
const names: readonly Case[] = [
  {
    name: 'no version id',
    path: VERSIONS,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'versionId',
  },
  {
    name: 'an empty version id',
    path: EMPTY_VERSION,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'versionId',
  },
  {
    name: 'a version id given twice',
    path: `${EMPTY_VERSION}2&versionId=3`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'versionId',
  },
  {
    name: 'a version id with a line feed',
    path: `${EMPTY_VERSION}2%0A`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'control characters',
  },
  {
    name: 'a version id with U+0085',
    path: `${EMPTY_VERSION}2%C2%85`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'control characters',
  },
  {
    name: 'a version id of 257 characters',
    path: `${EMPTY_VERSION}${'x'.repeat(257)}`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'versionId',
  },
  {
    name: 'a version id that is not UTF-8',
    path: `${EMPTY_VERSION}%FF`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'percent-encoded UTF-8',
  },
  {
    name: 'a record id with a control character',
    path: '/v1/records/ehr/Patient%00/versions?versionId=2',
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'recordId',
  },
  {
    name: 'a record id of 257 characters',
    path: `/v1/records/ehr/${'x'.repeat(257)}/versions?versionId=2`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'recordId',
  },
  {
    name: 'a source in capital letters',
    path: '/v1/records/EHR/Patient%2Fp1/versions?versionId=2',
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'source',
  },
  {
    name: 'a source of 65 characters',
    path: `/v1/records/${'a'.repeat(65)}/Patient%2Fp1/versions?versionId=2`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'source',
  },
  {
    name: 'an address that cannot be decoded',
    path: '/v1/records/ehr/Patient%ZZ/versions?versionId=2',
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: '',
  },
  {
    name: 'a record id that is not UTF-8',
    path: '/v1/records/ehr/%FF/versions?versionId=2',
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: '',
  },
];

const parameters: readonly Case[] = [
  ...['__proto__', 'constructor'].map((name) => ({
    name: `a parameter ${name}`,
    path: `${VERSIONS}?versionId=2&${name}=1`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: name,
  })),
  {
    name: 'an unknown parameter',
    path: `${VERSIONS}?versionId=2&versionID=3`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'versionID',
  },
  {
    name: 'an unknown activity',
    path: `${VERSIONS}?versionId=2&activity=purge`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'activity',
  },
  {
    name: 'an unknown state to wait for',
    path: `${VERSIONS}?versionId=2&wait=eternity`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'wait',
  },
  {
    name: 'a time-out of more than a minute',
    path: `${VERSIONS}?versionId=2&wait=confirmed&timeoutMs=60001`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'timeoutMs',
  },
  {
    name: 'a time-out in scientific notation',
    path: `${VERSIONS}?versionId=2&timeoutMs=1e3`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'timeoutMs',
  },
  {
    name: 'an unknown parameter of a history',
    path: `${VERSIONS}?page=2`,
    status: 400,
    code: 'bad-request',
    says: 'page',
  },
  { name: 'a page of 1001 versions', path: `${VERSIONS}?limit=1001`, status: 400, code: 'bad-request', says: 'limit' },
  { name: 'a negative version number', path: `${VERSIONS}?after=-1`, status: 400, code: 'bad-request', says: 'after' },
  {
    name: 'a version number of 2^63',
    path: `${VERSIONS}?after=9223372036854775808`,
    status: 400,
    code: 'bad-request',
    says: '2^63 - 1',
  },
  {
    name: 'an unknown format of a proof',
    path: `${VERSIONS}/1/proof?format=pdf`,
    status: 400,
    code: 'bad-request',
    says: 'format',
  },
  {
    name: 'a disclosure of nothing',
    path: `${VERSIONS}/1/proof`,
    sent: typed(FHIR, PATIENT),
    status: 400,
    code: 'bad-request',
    says: 'disclose',
  },
  {
    name: 'an anchor of size 2^63',
    path: '/v1/anchors/9223372036854775808',
    status: 400,
    code: 'bad-request',
    says: '2^63 - 1',
  },
  { name: 'an anchor of size 01', path: '/v1/anchors/01', status: 400, code: 'bad-request', says: 'leading zero' },
  { name: 'a page of 501 anchors', path: '/v1/anchors?limit=501', status: 400, code: 'bad-request', says: 'limit' },
];

const routes: readonly Case[] = [
  {
    name: 'a parameter for /v1/log, which has none',
    path: '/v1/log?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  {
    name: 'a parameter for /v1/alarms, which has none',
    path: '/v1/alarms?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  {
    name: 'a parameter for /checkpoint, which has none',
    path: '/checkpoint?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  {
    name: 'a parameter for /health/live, which has none',
    path: '/health/live?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  {
    name: 'a parameter for /health/ready, which has none',
    path: '/health/ready?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  {
    name: 'a parameter for /metrics, which has none',
    path: '/metrics?verbose=1',
    status: 400,
    code: 'bad-request',
    says: 'verbose',
  },
  { name: 'an unknown route', path: '/v1/patients', status: 404, code: 'not-found', says: '' },
  { name: 'a slash too many', path: `${VERSIONS}/`, status: 404, code: 'not-found', says: '' },
  {
    name: 'the wrong method',
    path: VERSIONS,
    sent: { method: 'PUT', ...typed(FHIR, PATIENT) },
    status: 405,
    code: 'method-not-allowed',
    says: 'GET, HEAD, POST',
  },
  {
    name: 'an attempt to delete a version',
    path: `${VERSIONS}/1`,
    sent: { method: 'DELETE' },
    status: 405,
    code: 'method-not-allowed',
    says: 'GET, HEAD, not DELETE',
  },
  {
    name: 'an unknown source',
    path: '/v1/records/lab/Patient%2Fp1/versions',
    status: 404,
    code: 'unknown-source',
    says: '',
  },
  {
    name: 'an unknown record',
    path: '/v1/records/ehr/Patient%2Fp2/versions',
    status: 404,
    code: 'unknown-record',
    says: '',
  },
  { name: 'an unknown version', path: `${VERSIONS}/2`, status: 404, code: 'unknown-version', says: '' },
  {
    name: 'the proof of an unknown version',
    path: `${VERSIONS}/2/proof`,
    status: 404,
    code: 'unknown-version',
    says: '',
  },
  { name: 'an anchor that does not exist', path: '/v1/anchors/999', status: 404, code: 'unknown-anchor', says: '999' },
];

const linesAndBundles: readonly Case[] = [
  {
    name: 'a batch that is no NDJSON',
    path: '/v1/versions',
    sent: typed(JSON_TYPE, '[]'),
    status: 415,
    code: 'media-type-unsupported',
    says: 'application/x-ndjson',
  },
  {
    name: 'a batch without media type',
    path: '/v1/versions',
    sent: { body: '{}\n' },
    status: 415,
    code: 'media-type-unsupported',
    says: 'application/x-ndjson',
  },
  {
    name: 'a batch to verify that is no NDJSON',
    path: '/v1/verify',
    sent: typed('text/plain', '{}'),
    status: 415,
    code: 'media-type-unsupported',
    says: 'application/x-ndjson',
  },
  {
    name: 'an unknown parameter of a batch',
    path: '/v1/versions?tenant=1',
    sent: typed('application/x-ndjson', '{}\n'),
    status: 400,
    code: 'bad-request',
    says: 'tenant',
  },
  {
    name: 'an empty bundle',
    path: '/v1/proofs/verify',
    sent: typed(JSON_TYPE, ''),
    status: 400,
    code: 'content-missing',
    says: '',
  },
  {
    name: 'a bundle that is an array',
    path: '/v1/proofs/verify',
    sent: typed(JSON_TYPE, '[]'),
    status: 400,
    code: 'bad-request',
    says: 'object',
  },
  {
    name: 'no bundle in the object',
    path: '/v1/proofs/verify',
    sent: typed(JSON_TYPE, '{}'),
    status: 400,
    code: 'bad-request',
    says: 'bundle',
  },
  {
    name: 'a bundle that is none',
    path: '/v1/proofs/verify',
    sent: typed(JSON_TYPE, '{"bundle":{}}'),
    status: 422,
    code: 'bundle-malformed',
    says: '',
  },
  {
    name: 'a bundle in another media type',
    path: '/v1/proofs/verify',
    sent: typed('text/plain', '{}'),
    status: 415,
    code: 'media-type-unsupported',
    says: 'bundle',
  },
  {
    name: 'an unknown member beside the bundle',
    path: '/v1/proofs/verify',
    sent: typed(JSON_TYPE, '{"bundle":{},"trust":1}'),
    status: 400,
    code: 'bad-request',
    says: 'trust',
  },
];

describe.each([
  ['content', content],
  ['names', names],
  ['parameters', parameters],
  ['routes', routes],
  ['lines and bundles', linesAndBundles],
])('%s', (_group, cases) => {
  test.each(cases)('$name is $status $code', async ({ path, sent, status, code, says }) => {
    const before = await rows(site);
    const answer = await call(service.url, path, sent);
    expect([answer.status, json(answer)['code'], answer.headers.get('content-type')]).toEqual([
      status,
      code,
      'application/problem+json; charset=utf-8',
    ]);
    expect(json(answer)).toMatchObject({ type: `urn:medanchor:problem:${code}`, status });
    expect(answer.text).toContain(says);
    expect(answer.text).not.toContain(SECRET);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await rows(site)).toEqual(before);
  });
});

test('what is not HTTP, and headers that are too large, are problems too', async () => {
  const before = await rows(site);
  const header = await exchange(`GET /v1/log HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`);
  expect(header.split('\r\n')[0]).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  expect(header).toContain('"code":"header-too-large"');
  const noise = await exchange('\u0001\u0002\r\n\r\n');
  expect(noise.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
  for (const answer of [header, noise]) {
    expect(answer).toContain('content-type: application/problem+json; charset=utf-8');
    expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}/);
  }
  expect(await rows(site)).toEqual(before);
});

async function exchange(octets: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(octets);
  return text(socket);
}
