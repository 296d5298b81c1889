// Two hospitals on one service, each with a source `ehr` and a record `Patient/1`. Whatever one asks about what only the other
// has, the answer is that of something that does not exist: status, words and queries.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { call, json, lines, post, type Reply, type Sent } from '../api/support/http.ts';
import { RecordSystem, type Version } from '../flow/support/record-system.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

const patient = (content: string): Version => ({
  source: 'ehr',
  recordId: 'Patient/1',
  versionId: '1',
  content,
  mediaType: 'text/plain',
});
const NORTH = patient('north');
const SOUTH = patient('south');
const SECRET: Version = { ...NORTH, source: 'north-only', recordId: 'Patient/2' };

let site: Site;
let service: RunningService;
let north: RecordSystem;
let south: RecordSystem;
let southToken: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  for (const name of ['north', 'south'])
    expect((await post(service.url, '/v1/tenants', 'application/json', `{"name":"${name}"}`)).status).toBe(201);
  southToken = await site.token({ tenant: 'south' });
  north = new RecordSystem(service.url, await site.token({ tenant: 'north' }));
  south = new RecordSystem(service.url, southToken);
  expect((await north.submit(NORTH, 'confirmed')).status).toBe(201);
  expect((await north.submit(SECRET, 'confirmed')).status).toBe(201);
  expect((await south.submit(SOUTH, 'confirmed')).status).toBe(201);
}, 60_000);

afterAll(() => site.close());

test('the same names are two sources and two records, with keys of their own', async () => {
  const found = await site.read<{ tenant: string; source: string; records: number }>(
    `SELECT tenant.name AS tenant, source.name AS source, count(record.id)::int AS records
       FROM tenant JOIN source ON source.tenant_id = tenant.id LEFT JOIN record ON record.source_id = source.id
      GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  expect(found).toEqual([
    { tenant: 'north', source: 'ehr', records: 1 },
    { tenant: 'north', source: 'north-only', records: 1 },
    { tenant: 'south', source: 'ehr', records: 1 },
  ]);
});

test('each sees its own version', async () => {
  expect((await north.verify(NORTH)).body.verdict).toBe('identical');
  expect((await south.verify(SOUTH)).body.verdict).toBe('identical');
  expect((await south.verify(NORTH)).body).toMatchObject({ verdict: 'altered', latest: { seq: '1' } });
});

describe('what only the other has, and what nobody has, are answered alike', () => {
  const ask = async (path: string, sent: Sent = {}): Promise<Reply> =>
    call(service.url, path, { ...sent, token: southToken });
  const text: Sent = { headers: { 'content-type': 'text/plain' }, body: 'north' };

  test.each<[what: string, of: (source: string) => string, sent: Sent, status: number]>([
    ['history', (source) => `/v1/records/${source}/Patient%2F2/versions`, {}, 404],
    ['version', (source) => `/v1/records/${source}/Patient%2F2/versions/1`, {}, 404],
    ['proof', (source) => `/v1/records/${source}/Patient%2F2/versions/1/proof`, {}, 404],
    ['disclosure', (source) => `/v1/records/${source}/Patient%2F2/versions/1/proof?disclose=`, text, 404],
    ['verdict', (source) => `/v1/records/${source}/Patient%2F2/verify`, text, 200],
    ['verdict on a version', (source) => `/v1/records/${source}/Patient%2F2/verify?versionId=1`, text, 200],
  ])('%s', async (_what, of, sent, status) => {
    const [theirs, nobodys] = [await ask(of('north-only'), sent), await ask(of('nobodys-only'), sent)];
    expect([theirs.status, nobodys.status]).toEqual([status, status]);
    expect(theirs.text).toBe(nobodys.text);
    const names = (reply: Reply): readonly string[] => [...reply.headers.keys()].sort();
    expect(names(theirs)).toEqual(names(nobodys));
  });

  test('lines of a batch', async () => {
    const line = (source: string): string =>
      `${JSON.stringify({ source, recordId: 'Patient/2', versionId: '1', mediaType: 'text/plain', contentBase64: 'bm9ydGg=' })}\n`;
    const reply = await ask('/v1/verify', {
      headers: { 'content-type': 'application/x-ndjson' },
      body: line('north-only') + line('nobodys-only'),
    });
    const [theirs, nobodys] = lines(reply);
    expect(theirs).toEqual({ ...nobodys, line: 1 });
    expect(theirs).toMatchObject({ status: 200, verdict: 'unknown-version' });
  });

  test('with the same queries: there is nothing to be timed', async () => {
    const asked: string[] = [];
    const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]): unknown {
      const [first] = args;
      const sql = typeof first === 'string' ? first : (first as { text?: string } | null)?.text;
      if (sql?.includes('"source"') === true) asked.push(sql);
      return query.apply(this, args);
    } as typeof pg.Client.prototype.query;
    try {
      const count = async (source: string): Promise<readonly string[]> => {
        asked.length = 0;
        await ask(`/v1/records/${source}/Patient%2F2/versions/1`);
        return [...asked];
      };
      const theirs = await count('north-only');
      expect(theirs.length).toBeGreaterThan(0);
      expect(await count('nobodys-only')).toEqual(theirs);
    } finally {
      pg.Client.prototype.query = query as typeof pg.Client.prototype.query;
    }
  });
});

test('a source of the other’s name can be made, and is one’s own', async () => {
  const made = await call(service.url, '/v1/sources', {
    headers: { 'content-type': 'application/json' },
    body: '{"name":"north-only"}',
    token: southToken,
  });
  expect(made.status).toBe(201);
  const { sources } = json(await call(service.url, '/v1/sources', { token: southToken })) as {
    sources: { name: string }[];
  };
  expect(sources.map(({ name }) => name)).toEqual(['ehr', 'north-only']);
  expect((await south.history(SECRET)).status).toBe(404);
});

test('an alarm about a record is seen by its tenant alone; one about the log by the operator’s', async () => {
  expect((await north.submit({ ...NORTH, content: 'rewritten' })).status).toBe(409);
  await site.tamper(
    `INSERT INTO integrity_alarm (log, kind, detail, raised_at) SELECT id, 'anchor-lost', 'of the log', now() FROM log`,
  );
  const kinds = async (api: RecordSystem): Promise<readonly string[]> => (await api.alarms()).map(({ kind }) => kind);
  expect(await kinds(north)).toEqual(['history-rewritten']);
  expect(await kinds(south)).toEqual([]);
  expect(await kinds(service.api)).toEqual(['anchor-lost']);
});

test('a proof that is handed over verifies for anybody, signed in or not', async () => {
  const bundle = await north.bundle(NORTH);
  const reply = await call(service.url, '/v1/proofs/verify', {
    headers: { 'content-type': 'application/vnd.medanchor.bundle+json' },
    body: bundle,
    token: null,
  });
  expect(json(reply)).toMatchObject({ outcome: 'intact' });
  expect((await south.checkProof(bundle)).body.outcome).toBe('intact');
});
