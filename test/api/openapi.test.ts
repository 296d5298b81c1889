// The OpenAPI document against the service itself: every route is in it, every reference resolves, and what the service
// answers is what the document says.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { observation } from '../flow/support/records.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { call, json, post, type Reply, type Sent } from './support/http.ts';

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, { schema?: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const RECORD = '/v1/records/{source}/{recordId}';
let site: Site;
let service: RunningService;
let document: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  document = json(await call(service.url, '/api/docs-json')) as unknown as Document;
  ajv = new Ajv2020({ strict: true, strictSchema: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  expect((await service.api.submit(observation('documented', '1', '4.20'), 'confirmed')).status).toBe(201);
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('it is OpenAPI 3.1, and the page that shows it is served', async () => {
  expect(document.openapi).toBe('3.1.0');
  const page = await call(service.url, '/api/docs');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
});

test('every reference resolves', () => {
  const references = referencesOf(document);
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((reference) => resolve(document, reference) === undefined)).toEqual([]);
});

test('it documents every route that is served, and no other', () => {
  const fastify = service.app.getHttpAdapter().getInstance();
  // The printed tree leaves out what stands before a wild card; there are two such routes.
  const wild = ['/tile/*', '/tile/entries/*'];
  expect(wild.map((url) => fastify.hasRoute({ method: 'GET', url }))).toEqual([true, true]);
  const printed = routesOf(fastify.printRoutes({ commonPrefix: false }));
  // Pages for people with their script, whose forms are no interface.
  const pages = [
    'GET /account',
    'GET /account/factors',
    'GET /invitation',
    'GET /passkeys.js',
    'GET /password-reset',
    'GET /setup',
    'GET /sign-in/:uid',
  ];
  const forms = [
    'POST /account/factors',
    'POST /account/factors/authenticator',
    'POST /account/factors/authenticator/remove',
    'POST /account/factors/passkeys',
    'POST /account/factors/passkeys/remove',
    'POST /account/factors/passkeys/rename',
    'POST /account/renew',
    'POST /account/sign-out',
    'POST /invitation',
    'POST /password-reset',
    'POST /setup',
    'POST /sign-in/:uid',
  ];
  const html = [...pages, ...forms];
  expect(html.filter((route) => !printed.includes(route))).toEqual([]);
  const served = [
    ...printed.filter((route) => !route.endsWith('*') && !html.includes(route)),
    ...wild.map((url) => `GET ${url}`),
  ];
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  served.sort();
  expect(served).toEqual(documented.map(asFastify).sort());
  expect(served).toEqual([
    'DELETE /v1/sessions/:sessionId',
    'DELETE /v1/sources/:source/retention-rules/:id',
    'GET /.well-known/oauth-protected-resource',
    'GET /.well-known/smart-configuration',
    'GET /checkpoint',
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
    'GET /tile/*',
    'GET /tile/entries/*',
    'GET /v1/access-log',
    'GET /v1/access-log/export',
    'GET /v1/accounts',
    'GET /v1/alarms',
    'GET /v1/anchors',
    'GET /v1/anchors/:size',
    'GET /v1/break-glass',
    'GET /v1/clients',
    'GET /v1/clients/:clientId',
    'GET /v1/fsck',
    'GET /v1/fsck/findings',
    'GET /v1/keys/rotations/latest',
    'GET /v1/log',
    'GET /v1/records/:source/:recordId/versions',
    'GET /v1/records/:source/:recordId/versions/:versionId',
    'GET /v1/records/:source/:recordId/versions/:versionId/proof',
    'GET /v1/records/:source/:recordId/versions/:versionId/provenance',
    'GET /v1/sessions',
    'GET /v1/sources',
    'GET /v1/sources/:source/erasures',
    'GET /v1/sources/:source/erasures/:id',
    'GET /v1/sources/:source/erasures/:id/proofs/:index',
    'GET /v1/sources/:source/keys',
    'GET /v1/sources/:source/keys/:keyId',
    'GET /v1/sources/:source/legal-holds',
    'GET /v1/sources/:source/retention-rules',
    'GET /v1/tenants',
    'POST /v1/accounts',
    'POST /v1/accounts/:accountId/disable',
    'POST /v1/accounts/:accountId/reset',
    'POST /v1/accounts/:accountId/reset-password',
    'POST /v1/break-glass/:id/review',
    'POST /v1/clients',
    'POST /v1/clients/:clientId/disable',
    'POST /v1/fsck',
    'POST /v1/keys/rotations',
    'POST /v1/proofs/verify',
    'POST /v1/records/:source/:recordId/verify',
    'POST /v1/records/:source/:recordId/versions',
    'POST /v1/records/:source/:recordId/versions/:versionId/proof',
    'POST /v1/records/:source/:recordId/versions/prepare',
    'POST /v1/sources',
    'POST /v1/sources/:source/erasures',
    'POST /v1/sources/:source/erasures/:id/approval',
    'POST /v1/sources/:source/erasures/:id/refusal',
    'POST /v1/sources/:source/keys',
    'POST /v1/sources/:source/keys/:keyId/revoke',
    'POST /v1/sources/:source/keys/:keyId/rotate',
    'POST /v1/sources/:source/keys/prepare',
    'POST /v1/sources/:source/legal-holds',
    'POST /v1/sources/:source/legal-holds/:id/release',
    'POST /v1/sources/:source/retention-rules',
    'POST /v1/sources/:source/retention-rules/:id/activation',
    'POST /v1/sources/:source/retention-rules/:id/pause',
    'POST /v1/tenants',
    'POST /v1/verify',
    'POST /v1/versions',
    'PUT /v1/accounts/:accountId/access-period',
    'PUT /v1/accounts/:accountId/roles',
    'PUT /v1/clients/:clientId/access-period',
    'PUT /v1/clients/:clientId/keys',
  ]);
});

test('every operation has a summary and says what its success is', () => {
  const poor = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { summary, responses }]) => !summary || !Object.keys(responses).some((one) => /^2\d\d$/.test(one)))
      .map(([method]) => `${method} ${path}`),
  );
  expect(poor).toEqual([]);
});

describe('an answer is what its schema says', () => {
  const { content, mediaType } = observation('documented', '1', '4.20');
  const typed: Sent = { headers: { 'content-type': mediaType }, body: content };
  const record = '/v1/records/ehr/Observation%2Fdocumented';

  test.each<[path: string, method: string, address: string, status: number, sent: Sent]>([
    [`${RECORD}/versions`, 'post', `${record}/versions?versionId=1`, 200, typed],
    [`${RECORD}/versions`, 'post', `${record}/versions?versionId=2`, 201, typed],
    [`${RECORD}/versions`, 'post', `${record}/versions?versionId=1&x=1`, 400, typed],
    [
      `${RECORD}/versions`,
      'post',
      `${record}/versions?versionId=1`,
      409,
      { ...typed, body: '{"resourceType":"Observation"}' },
    ],
    [`${RECORD}/versions`, 'post', `${record}/versions?versionId=1`, 415, { body: content }],
    [`${RECORD}/versions`, 'post', `${record}/versions?versionId=1`, 422, { ...typed, body: '{' }],
    [`${RECORD}/versions`, 'get', `${record}/versions`, 200, {}],
    [`${RECORD}/versions`, 'get', '/v1/records/ehr/none/versions', 404, {}],
    [`${RECORD}/versions/{versionId}`, 'get', `${record}/versions/1`, 200, {}],
    [`${RECORD}/verify`, 'post', `${record}/verify`, 200, typed],
    [`${RECORD}/verify`, 'post', `${record}/verify?versionId=none`, 200, typed],
    ['/v1/anchors', 'get', '/v1/anchors', 200, {}],
    ['/v1/anchors/{size}', 'get', '/v1/anchors/1', 200, {}],
    ['/v1/log', 'get', '/v1/log', 200, {}],
    ['/v1/alarms', 'get', '/v1/alarms', 200, {}],
    ['/v1/alarms', 'get', '/v1/alarms', 401, { token: null }],
    ['/v1/alarms', 'get', '/v1/alarms', 401, { token: 'a.b.c' }],
    ['/v1/sources', 'get', '/v1/sources', 200, {}],
    ['/v1/sources', 'post', '/v1/sources', 201, asJson('{"name":"lab","kind":"hl7v2","address":"LARKMOOR-LAB"}')],
    ['/v1/sources', 'post', '/v1/sources', 409, asJson('{"name":"lab"}')],
    ['/v1/sources', 'post', '/v1/sources', 400, asJson('{"name":"Lab"}')],
    ['/v1/tenants', 'get', '/v1/tenants', 200, {}],
    ['/v1/tenants', 'post', '/v1/tenants', 201, asJson('{"name":"documented"}')],
    ['/v1/tenants', 'post', '/v1/tenants', 409, asJson('{"name":"default"}')],
    ['/v1/break-glass', 'get', '/v1/break-glass', 200, {}],
    ['/v1/break-glass/{id}/review', 'post', '/v1/break-glass/1/review', 404, asJson('{"judgement":"justified"}')],
    ['/.well-known/oauth-protected-resource', 'get', '/.well-known/oauth-protected-resource', 200, {}],
    ['/v1/fsck', 'post', '/v1/fsck', 202, { method: 'POST' }],
    ['/v1/fsck', 'get', '/v1/fsck', 200, {}],
    ['/v1/fsck/findings', 'get', '/v1/fsck/findings', 200, {}],
    ['/v1/fsck/findings', 'get', '/v1/fsck/findings?run=999', 404, {}],
    ['/health/live', 'get', '/health/live', 200, {}],
    ['/health/ready', 'get', '/health/ready', 200, {}],
  ])('%s %s: %s is %i', async (path, method, address, status, sent) => {
    const reply = await call(service.url, address, sent);
    expect(reply.status).toBe(status);
    expect(faults(path, method, reply)).toEqual([]);
  });

  test('a report of a proof', async () => {
    const bundle = await service.api.bundle({ source: 'ehr', recordId: 'Observation/documented', versionId: '1' });
    const reply = await post(service.url, '/v1/proofs/verify', 'application/vnd.medanchor.bundle+json', bundle);
    expect(reply.status).toBe(200);
    expect(faults('/v1/proofs/verify', 'post', reply)).toEqual([]);
  });

  test('an answer that is not so is noticed', () => {
    const wrong = {
      status: 200,
      headers: new Headers({ 'content-type': 'application/json' }),
      text: '{"alarms":[{"id":1}]}',
    };
    expect(faults('/v1/alarms', 'get', wrong)).toContain('/alarms/0/id must be string');
  });
});

function asJson(body: string): Sent {
  return { headers: { 'content-type': 'application/json' }, body };
}

/** What the reply has that the document does not say of this operation, status and media type. */
function faults(path: string, method: string, reply: Reply): readonly string[] {
  const contents = document.paths[path]?.[method]?.responses[String(reply.status)]?.content ?? {};
  const mediaType = (reply.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  if (contents[mediaType]?.schema === undefined)
    return [
      `${mediaType} is not documented for ${reply.status}, but ${Object.keys(contents).join(', ') || 'nothing'} is`,
    ];
  const pointer = ['paths', path, method, 'responses', String(reply.status), 'content', mediaType, 'schema'];
  const validate: ValidateFunction = ajv.compile({ $ref: `openapi#/${pointer.map(escape).join('/')}` });
  return validate(json(reply))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

function escape(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function referencesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : referencesOf(member),
  );
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return reference
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], root);
}

/** `GET /v1/anchors/{size}` as Fastify writes it. */
function asFastify(operation: string): string {
  return operation.replaceAll(/\{([^}]+)\}/g, ':$1').replace(/^(GET \/tile\/(?:entries\/)?):path$/, '$1*');
}

/** Fastify prints its routes as a tree of path segments; HEAD comes with every GET, and the page has routes of its own. */
function routesOf(tree: string): string[] {
  const stack: string[] = [];
  const routes = tree.split('\n').flatMap((line) => {
    const match = /^((?:│ {3}| {4})*)(?:├── |└── )(\S+)(?: \(([^)]*)\))?/.exec(line);
    if (match === null) return [];
    const [, indent = '', segment = '', methods] = match;
    stack.length = indent.length / 4;
    stack.push(segment);
    const path = stack.join('');
    return (methods?.split(', ') ?? []).map((method) => `${method} ${path}`);
  });
  return routes.filter((route) => !route.startsWith('HEAD ') && !route.includes('/api/docs'));
}
