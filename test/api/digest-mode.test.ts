// Digest mode and signatures over plain HTTP: what is refused, single and in lines, and that nothing is left half-written.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commitVersion, generateSigningKey, statementFor, type SigningKey } from '@medanchor/client';
import { utf8 } from '@medanchor/verifier';
import { KeyDesk } from '../flow/support/keys.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { call, json, lines, post } from './support/http.ts';
import { rows } from './support/rows.ts';

const COMMITMENT = 'application/vnd.medanchor.commitment+json';
const FHIR = 'application/fhir+json';
const RESOURCE = '{"resourceType":"Observation","id":"o","status":"final","valueQuantity":{"value":6.30}}';

let site: Site;
let service: RunningService;
let key: SigningKey;
let sourceId: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  ({ key } = await generateSigningKey());
  const registered = await new KeyDesk(service.url, 'ehr').register(key);
  sourceId = String(registered.body['sourceId']);
}, 60_000);

afterAll(async () => {
  await site.close();
});

const recordKey = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

function committed(octet: number, content: string | null = RESOURCE, versionId = '1') {
  const identity = { source: 'ehr', recordId: `Observation/${octet}`, versionId };
  return commitVersion(
    { identity, content: content === null ? null : utf8(content), mediaType: content === null ? '' : FHIR },
    recordKey(octet),
  );
}

const path = (recordId: string, query: string): string =>
  `/v1/records/ehr/${encodeURIComponent(recordId)}/versions?${query}`;

function send(body: object, query = 'versionId=1', recordId = 'r1') {
  return post(service.url, path(recordId, query), COMMITMENT, JSON.stringify(body));
}

const bodyOf = (octet: number, content: string | null = RESOURCE): Record<string, unknown> =>
  JSON.parse(committed(octet, content).body) as Record<string, unknown>;

describe('a commitment that is none', () => {
  const hidden = (): { name: string; commitment: string }[] => bodyOf(1)['components'] as never;
  const create = 'versionId=1';
  const cases: readonly [name: string, detail: string, query: string, body: () => object][] = [
    ['a member that is unknown', 'Unrecognized key: "salt"', create, () => ({ ...bodyOf(1), salt: 'x' })],
    ['another format', 'format:', create, () => ({ ...bodyOf(1), format: 'medanchor-commitment/2' })],
    [
      'a component’s commitment changed',
      'the components do not hash to it',
      create,
      () => ({ ...bodyOf(1), components: hidden().map((one) => ({ ...one, commitment: 'ab'.repeat(32) })) }),
    ],
    [
      'a component left out',
      'components of fhir-json-static/1: got',
      create,
      () => ({ ...bodyOf(1), components: hidden().slice(1) }),
    ],
    ['hex in capitals', '64 lower-case', create, () => ({ ...bodyOf(1), recordRef: 'AB'.repeat(32) })],
    ['a media type that is not normal', 'normal form', create, () => ({ ...bodyOf(1), mediaType: 'Text/Plain' })],
    ['no media type', 'mediaType: ""', create, () => ({ ...bodyOf(1), mediaType: '' })],
    ['a delete with content', 'identity/1', 'versionId=1&activity=delete', () => bodyOf(1)],
    ['no content, but no delete', 'identity/1', 'versionId=1&activity=update', () => bodyOf(1, null)],
  ];

  test.each(cases)('%s', async (_, detail, query, body) => {
    const before = await rows(site);
    const answer = await send(body(), query);
    expect([answer.status, json(answer)['code']]).toEqual([422, 'commitment-malformed']);
    expect(String(json(answer)['detail'])).toContain(detail);
    expect(await rows(site)).toEqual(before);
  });

  test('no body, and no JSON', async () => {
    expect(json(await post(service.url, path('r1', 'versionId=1'), COMMITMENT, ''))).toMatchObject({
      code: 'content-missing',
    });
    expect(json(await post(service.url, path('r1', 'versionId=1'), COMMITMENT, '{"a":1,"a":2}'))).toMatchObject({
      code: 'commitment-malformed',
      reason: 'JSON_DUPLICATE_KEY',
    });
  });
});

describe('one record, one key', () => {
  test('another recordRef for a record that was begun, and one recordRef for two records: 409', async () => {
    expect((await send(bodyOf(2), 'versionId=1', 'r2')).status).toBe(201);
    const before = await rows(site);
    const other = await send(bodyOf(3), 'versionId=2', 'r2');
    expect([other.status, json(other)['code']]).toEqual([409, 'record-key-differs']);
    const taken = await send(bodyOf(2), 'versionId=1', 'r2-again');
    expect([taken.status, json(taken)['code']]).toEqual([409, 'record-key-differs']);
    expect(await rows(site)).toEqual(before);
  });

  test('ten processes that bring one record’s pseudonym under two names at once: one name gets it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => send(bodyOf(4), 'versionId=1', `race-${at % 2}`)),
    );
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 200, 201, 409, 409, 409, 409, 409]);
  });

  test('content for it, and a commitment for a record of content: 409', async () => {
    const content = await post(service.url, path('r2', 'versionId=2'), FHIR, RESOURCE);
    expect([content.status, json(content)['code']]).toEqual([409, 'mode-differs']);
    await post(service.url, path('plain', 'versionId=1'), FHIR, RESOURCE);
    expect(json(await send(bodyOf(5), 'versionId=2', 'plain'))).toMatchObject({ status: 409, code: 'mode-differs' });
    const prepared = await post(
      service.url,
      path('r2', 'versionId=2').replace('/versions?', '/versions/prepare?'),
      FHIR,
      RESOURCE,
    );
    expect(json(prepared)).toMatchObject({ status: 409, code: 'mode-differs' });
  });

  test('single fields can be disclosed by the source only', async () => {
    const url = `${path('r2', 'x').replace('?x', '')}/1/proof?disclose=/status`;
    const answer = await post(service.url, url, FHIR, RESOURCE);
    expect([answer.status, json(answer)['code']]).toEqual([409, 'salts-with-source']);
  });
});

describe('signatures', () => {
  const signed = async (jws: string, query = 'versionId=1&activity=create', recordId = 'signed') =>
    call(service.url, path(recordId, query), {
      method: 'POST',
      headers: { 'content-type': COMMITMENT, 'x-medanchor-signature': jws },
      body: committed(6).body,
    });
  const good = (): Promise<string> => key.sign(statementFor(committed(6), 'create', sourceId));

  test.each([
    ['no JWS at all', async () => 'x', 400, 'signature-malformed'],
    ['a JWS with its payload', async () => (await good()).replace('..', '.e30.'), 400, 'signature-malformed'],
    ['a signature cut off', async () => (await good()).slice(0, -1), 400, 'signature-malformed'],
    ['over a plain digest of the content', () => key.sign(utf8('sha-256 of something')), 422, 'signature-invalid'],
    ['for another activity', () => key.sign(statementFor(committed(6), 'import', sourceId)), 422, 'signature-invalid'],
    [
      'for another source',
      () => key.sign(statementFor(committed(6), 'create', 'f'.repeat(8))),
      422,
      'signature-invalid',
    ],
  ])('%s: refused, and nothing is written', async (_, jws, status, code) => {
    const before = await rows(site);
    const answer = await signed(await jws());
    expect([answer.status, json(answer)['code']]).toEqual([status, code]);
    expect(await rows(site)).toEqual(before);
  });

  test('without the activity that is signed', async () => {
    const answer = await signed(await good(), 'versionId=1');
    expect(json(answer)).toMatchObject({ status: 422, code: 'signature-invalid' });
    expect(String(json(answer)['detail'])).toContain('names its activity');
  });

  test('a prepared version’s salt is not for who has other content', async () => {
    await post(service.url, path('guess', 'versionId=1'), FHIR, RESOURCE);
    const alarms = (await service.api.alarms()).length;
    const url = path('guess', 'versionId=1').replace('/versions?', '/versions/prepare?');
    const guessed = await post(service.url, url, FHIR, RESOURCE.replace('6.30', '5.30'));
    expect([guessed.status, json(guessed)['code'], json(guessed)['versionSalt']]).toEqual([
      409,
      'history-rewritten',
      undefined,
    ]);
    expect((await service.api.alarms()).length).toBe(alarms + 1);
    expect(json(await post(service.url, url, FHIR, RESOURCE))['versionSalt']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a reservation is used up by its record, and no wrapped key stays behind', async () => {
    const url = path('reserved', 'versionId=1&activity=create');
    const prepared = json(await post(service.url, url.replace('/versions?', '/versions/prepare?'), FHIR, RESOURCE));
    expect(await site.read('SELECT record_id FROM prepared_record')).toEqual([{ record_id: 'reserved' }]);
    const jws = await key.sign(utf8(String(prepared['statement'])));
    const answer = await call(service.url, url, {
      method: 'POST',
      headers: { 'content-type': FHIR, 'x-medanchor-signature': jws },
      body: RESOURCE,
    });
    expect([answer.status, json(answer)['attestation']]).toEqual([201, { by: 'source-key', keyId: key.keyId }]);
    expect(await site.read('SELECT record_id FROM prepared_record')).toEqual([]);
  });
});

test('lines: content, commitment and signature side by side, each on its own', async () => {
  const version = committed(7);
  const jws = await key.sign(statementFor(version, 'create', sourceId));
  const base = { source: 'ehr', versionId: '1', activity: 'create' };
  const envelope = (members: object): string => `${JSON.stringify({ ...base, ...members })}\n`;
  const commitment = JSON.parse(version.body) as object;
  const answers = lines(
    await post(
      service.url,
      '/v1/versions',
      'application/x-ndjson',
      envelope({ recordId: 'l1', commitment, jws }) +
        envelope({ recordId: 'l2', commitment: JSON.parse(committed(8).body) as object }) +
        envelope({ recordId: 'l3', content: JSON.parse(RESOURCE) as object }) +
        envelope({ recordId: 'l4', commitment: JSON.parse(committed(9).body) as object, jws }) +
        envelope({ recordId: 'l5', commitment, contentBase64: 'e30=' }) +
        envelope({ recordId: 'l6', commitment: { ...commitment, scheme: 'json/1' } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 422, 422, 422]);
  expect(answers.slice(0, 3).map(({ receipt }) => (receipt as { attestation: object }).attestation)).toEqual([
    { by: 'source-key', keyId: key.keyId },
    { by: 'ledger', client: 'test-client' },
    { by: 'ledger', client: 'test-client' },
  ]);
  expect(answers.slice(3).map(({ problem }) => (problem as { code: string }).code)).toEqual([
    'signature-invalid',
    'line-malformed',
    'commitment-malformed',
  ]);
});

test('the patient is whom the sender names, in the address or in the line; nothing else says', async () => {
  const line = {
    source: 'ehr',
    recordId: 'of-p1-too',
    versionId: '1',
    activity: 'create',
    subject: 'Patient/p1',
    commitment: JSON.parse(committed(21).body) as object,
  };
  expect((await send(bodyOf(20), 'versionId=1&subject=Patient/p1', 'of-p1')).status).toBe(201);
  const [answer] = lines(await post(service.url, '/v1/versions', 'application/x-ndjson', `${JSON.stringify(line)}\n`));
  expect(answer?.['status']).toBe(201);
  expect((await send(bodyOf(22), 'versionId=1', 'of-nobody')).status).toBe(201);
  const found = await site.read<{ id: string; patient: string | null }>(
    `SELECT record_id AS id, encode(subject_ref, 'hex') AS patient FROM record WHERE record_id LIKE 'of-%' ORDER BY record.id`,
  );
  expect(found.map(({ id }) => id)).toEqual(['of-p1', 'of-p1-too', 'of-nobody']);
  expect(found[0]?.patient).toMatch(/^[0-9a-f]{64}$/);
  expect(found.map(({ patient }) => patient)).toEqual([found[0]?.patient, found[0]?.patient, null]);
});

test('the receipt as FHIR Provenance and as PROV-JSON', async () => {
  const url = '/v1/records/ehr/l1/versions/1/provenance';
  const fhir = await call(service.url, url);
  expect([fhir.status, fhir.headers.get('content-type')]).toEqual([200, 'application/fhir+json; charset=utf-8']);
  const resource = json(fhir) as { signature: { data: string }[]; target: object[]; id: string };
  expect(resource.target).toEqual([
    {
      extension: [{ url: 'urn:medanchor:fhir:StructureDefinition:version-id', valueString: '1' }],
      identifier: { system: `urn:uuid:${sourceId}`, value: 'l1' },
    },
  ]);
  expect(Buffer.from(resource.signature[0]?.data ?? '', 'base64').toString()).toMatch(/^[\w-]+\.\.[\w-]{86}$/);
  const prov = await call(service.url, `${url}?format=prov`);
  expect([prov.status, prov.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(Object.keys(json(prov)['entity'] as object)).toEqual([`version:${resource.id}`]);
  expect((await call(service.url, `${url}?format=xml`)).status).toBe(400);
});

test('who reads the provenance of a version is in the access log, like who reads the version; who prepares one is not', async () => {
  const count = async (): Promise<unknown> =>
    site.read(
      `SELECT event::jsonb ->> 'action' AS action, count(*)::int AS count FROM access_event
       WHERE event::jsonb #>> '{entity,source}' = '${sourceId}' GROUP BY 1`,
    );
  const before = (await count()) as readonly { action: string; count: number }[];
  const reads = before.find(({ action }) => action === 'version.read')?.count ?? 0;
  expect((await call(service.url, '/v1/records/ehr/l1/versions/1/provenance')).status).toBe(200);
  const url = path('l9', 'versionId=1').replace('/versions?', '/versions/prepare?');
  expect((await post(service.url, url, FHIR, RESOURCE)).status).toBe(200);
  const others = before.filter(({ action }) => action !== 'version.read');
  expect(await count()).toEqual(expect.arrayContaining([...others, { action: 'version.read', count: reads + 1 }]));
  expect((await count()) as object[]).toHaveLength(others.length + 1);
});
