// Contents and names that are wrong, and what is not HTTP: a 4xx problem that names the fault (support/bad-input.ts). Parameters, routes,
// lines and bundles: bad-requests.test.ts.

import { expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  BODY_LIMIT,
  FHIR,
  JSON_TYPE,
  PATIENT,
  refuses,
  SECRET,
  submission,
  typed,
  type Case,
  VERSIONS,
} from './support/bad-input.ts';
import { rows } from './support/rows.ts';

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

const opened = refuses([
  ['content', content],
  ['names', names],
]);

test('what is not HTTP, and headers that are too large, are problems too', async () => {
  const { site } = opened();
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
  const { hostname, port } = new URL(opened().service.url);
  const socket = connect(Number(port), hostname);
  socket.write(octets);
  return text(socket);
}
