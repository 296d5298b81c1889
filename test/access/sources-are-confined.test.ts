// A client that may act for some sources only: in the address and in each line, for writing and for reading. A source that it
// may not name is not made, and whether it exists makes no difference.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, json, lines, post, type Reply } from '../api/support/http.ts';
import { RecordSystem } from '../flow/support/record-system.ts';
import { observation } from '../flow/support/records.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

const LAB = { ...observation('potassium', '1', '4.20'), source: 'lab' };
const EHR = observation('potassium', '1', '4.20');

let site: Site;
let service: RunningService;
let token: string;
let lab: RecordSystem;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  token = await site.token({ roles: ['record-system'], sources: ['lab'], clientId: 'lab-client' });
  lab = new RecordSystem(service.url, token);
  expect((await service.api.submit(EHR)).status).toBe(201);
}, 60_000);

afterAll(() => site.close());

const sourceNames = async (): Promise<readonly string[]> =>
  (await site.read<{ name: string }>('SELECT name FROM source ORDER BY name')).map(({ name }) => name);

test('its own source comes into being with its first version', async () => {
  expect(await sourceNames()).toEqual(['ehr']);
  expect((await lab.submit(LAB)).status).toBe(201);
  expect(await sourceNames()).toEqual(['ehr', 'lab']);
});

describe('another source', () => {
  test.each(['ehr', 'nobodys'])('%s: neither written nor read, and not made', async (source) => {
    const submitted = await lab.submit({ ...LAB, source });
    expect([submitted.status, submitted.body.code]).toEqual([403, 'access-denied']);
    const replies: readonly Reply[] = await Promise.all([
      call(service.url, `/v1/records/${source}/Observation%2Fpotassium/versions`, { token }),
      call(service.url, `/v1/records/${source}/Observation%2Fpotassium/versions/1`, { token }),
      call(service.url, `/v1/records/${source}/Observation%2Fpotassium/versions/1/proof`, { token }),
    ]);
    for (const reply of replies) {
      expect([reply.status, json(reply)['code'], json(reply)['reasons']]).toEqual([
        403,
        'access-denied',
        ['source-not-granted'],
      ]);
      expect(reply.text).not.toContain(source);
    }
    expect(await sourceNames()).toEqual(['ehr', 'lab']);
  });

  test('a line of a batch that names it fails alone', async () => {
    const line = (source: string, id: string): string =>
      `${JSON.stringify({ source, recordId: id, versionId: '1', mediaType: 'text/plain', contentBase64: 'YQ==' })}\n`;
    const body = line('lab', 'one') + line('ehr', 'two') + line('nobodys', 'three') + line('lab', 'four');
    const headers = { 'content-type': 'application/x-ndjson' };
    const submitted = lines(await call(service.url, '/v1/versions', { headers, body, token }));
    const codes = (results: readonly Record<string, unknown>[]): readonly unknown[] =>
      results.map(({ status, problem }) => [status, (problem as { code?: string } | undefined)?.code]);
    expect(codes(submitted)).toEqual([
      [201, undefined],
      [403, 'access-denied'],
      [403, 'access-denied'],
      [201, undefined],
    ]);
    const verified = lines(await call(service.url, '/v1/verify', { headers, body, token }));
    expect(codes(verified)).toEqual([
      [200, undefined],
      [403, 'access-denied'],
      [403, 'access-denied'],
      [200, undefined],
    ]);
    expect(await sourceNames()).toEqual(['ehr', 'lab']);
  });

  test('resources whose source is in the address fail one by one', async () => {
    const body = '{"resourceType":"Patient","id":"1","meta":{"versionId":"1"}}\n';
    const headers = { 'content-type': 'application/fhir+ndjson' };
    const [result] = lines(await call(service.url, '/v1/versions?source=ehr', { headers, body, token }));
    expect(result).toMatchObject({ line: 1, status: 403, problem: { code: 'access-denied' } });
  });
});

describe('sources as administrators keep them', () => {
  const make = (body: string): Promise<Reply> => post(service.url, '/v1/sources', 'application/json', body);

  test.each([
    ['{"name":"north-fhir","kind":"fhir","address":"https://fhir.example/r4"}', 'https://fhir.example/r4'],
    ['{"name":"adt","kind":"hl7v2","address":"LARKMOOR HOSPITAL"}', 'LARKMOOR HOSPITAL'],
    ['{"name":"pacs","kind":"dicom","address":"LARK_PACS_1"}', 'LARK_PACS_1'],
    ['{"name":"paper"}', null],
  ])('%s is made', async (body, address) => {
    const reply = await make(body);
    expect(reply.status).toBe(201);
    expect(json(reply)).toMatchObject({ ...(JSON.parse(body) as object), address });
  });

  test.each([
    ['a name that is taken', '{"name":"ehr"}', 409, 'source-exists'],
    ['an address that is taken', '{"name":"pacs-2","kind":"dicom","address":"LARK_PACS_1"}', 409, 'source-exists'],
    ['a name in capitals', '{"name":"EHR"}', 400, 'bad-request'],
    ['a kind that is none', '{"name":"fax","kind":"fax"}', 400, 'bad-request'],
    ['a FHIR base URL that is none', '{"name":"f","kind":"fhir","address":"fhir.example"}', 400, 'bad-request'],
    ['an AE title of 17 characters', '{"name":"f","kind":"dicom","address":"AAAAAAAAAAAAAAAAA"}', 400, 'bad-request'],
    ['a facility with a delimiter', '{"name":"f","kind":"hl7v2","address":"A^B"}', 400, 'bad-request'],
    ['a member that is not known', '{"name":"f","tenant":"south"}', 400, 'bad-request'],
    ['a member twice', '{"name":"f","name":"g"}', 400, 'bad-request'],
    ['no JSON', 'name=f', 400, 'bad-request'],
    ['nothing', '', 400, 'bad-request'],
  ])('%s: refused, and nothing is made', async (_name, body, status, code) => {
    const before = await sourceNames();
    const reply = await make(body);
    expect([reply.status, json(reply)['code']]).toEqual([status, code]);
    expect(await sourceNames()).toEqual(before);
  });

  test('they are listed by name, page by page', async () => {
    const page = async (query: string): Promise<readonly [readonly string[], unknown]> => {
      const { sources, next } = json(await call(service.url, `/v1/sources?${query}`)) as {
        sources: { name: string }[];
        next: unknown;
      };
      return [sources.map(({ name }) => name), next];
    };
    expect(await page('limit=3')).toEqual([['adt', 'ehr', 'lab'], 'lab']);
    expect(await page('limit=3&after=lab')).toEqual([['north-fhir', 'pacs', 'paper'], 'paper']);
    expect(await page('limit=3&after=paper')).toEqual([[], null]);
  });
});

test.each(['EHR', 'a%00b', '%F0%9F%90%84', 'a%2Fb'])(
  'what cannot be a source (%s) is no fault of ours',
  async (source) => {
    const path = `/v1/records/${source}/x/versions`;
    const confined = await call(service.url, path, { token });
    expect([confined.status, json(confined)['code']]).toEqual([403, 'access-denied']);
    const usual = await call(service.url, path);
    expect([usual.status, json(usual)['code']]).toEqual([400, 'bad-request']);
  },
);
